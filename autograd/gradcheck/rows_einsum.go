package gradcheck

func init() {
	for _, c := range []struct {
		equation string
		shapes   [][]int
	}{
		{"ij,jk->ik", [][]int{{3, 4}, {4, 2}}},
		{"bhqe,bhke->bhqk", [][]int{{2, 2, 3, 4}, {2, 2, 5, 4}}},
		{"ii->", [][]int{{3, 3}}},
		{"ii->i", [][]int{{3, 3}}},
		{"iij,jj->i", [][]int{{3, 3, 2}, {2, 2}}},
		{"ijk->kij", [][]int{{2, 3, 4}}},
		{"bi,ij,bj->b", [][]int{{3, 4}, {4, 2}, {3, 2}}},
		{"b...e,en->b...n", [][]int{{2, 3, 2, 4}, {4, 3}}},
		{"...i,...i", [][]int{{2, 3, 4}, {3, 4}}},
		{"ij,ij->ij", [][]int{{3, 1}, {1, 4}}},
		{"i,j,k->kij", [][]int{{2}, {3}, {2}}},
	} {
		rows["Einsum"] = append(rows["Einsum"], row{name: c.equation, inputs: uniform(-1, 1, c.shapes...), f: func(tp *tape, in []*variable) []*variable {
			return []*variable{tp.Einsum(c.equation, in...)}
		}})
	}
}
