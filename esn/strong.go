package esn

import (
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// sparse is a square matrix [n, n] in float64, by rows, without zeros.
type sparse struct {
	n   int
	ptr []int
	col []int
	val []float64
}

// matrixOf copies weights.
func matrixOf[T tensor.Float](w Weights[T]) *sparse {
	m := &sparse{n: w.Size()}
	size := m.n * m.n
	if w.Sparse != nil {
		size = w.Sparse.NNZ()
	}
	m.ptr, m.col, m.val = make([]int, 1, m.n+1), make([]int, 0, size), make([]float64, 0, size)
	for i := range m.n {
		if d := w.Dense; d != nil {
			for j, v := range d.Data()[i*m.n : (i+1)*m.n] {
				m.put(j, float64(v))
			}
		} else {
			for k := w.Sparse.RowPtr[i]; k < w.Sparse.RowPtr[i+1]; k++ {
				m.put(int(w.Sparse.Col[k]), float64(w.Sparse.Val[k]))
			}
		}
		m.ptr = append(m.ptr, len(m.col))
	}
	return m
}

func (m *sparse) put(col int, v float64) {
	if v != 0 {
		m.col, m.val = append(m.col, col), append(m.val, v)
	}
}

// multiply sets y = M x.
func (m *sparse) multiply(y, x []float64) {
	for i := range y {
		s := 0.0
		for k := m.ptr[i]; k < m.ptr[i+1]; k++ {
			s += m.val[k] * x[m.col[k]]
		}
		y[i] = s
	}
}

// product returns multiply for many uses, in the form of the matrix that steps of a reservoir have.
func (m *sparse) product() func(y, x []float64) {
	ptr, col := make([]int32, m.n+1), make([]int32, len(m.col))
	for i, p := range m.ptr {
		ptr[i] = int32(p)
	}
	for i, c := range m.col {
		col[i] = int32(c)
	}
	w := Weights[float64]{Sparse: tensor.NewCSR(m.n, m.n, ptr, col, m.val)}
	r := leaky.NewRunner(w, nil, tensor.OpMulScalar, 1)
	return func(y, x []float64) {
		clear(y)
		r.Step(y, x)
	}
}

// strong returns the matrices of the strongly connected parts of the network (R. Tarjan,
// Depth-first search and linear graph algorithms, SIAM J. Comput. 1, 1972), with a stack of its
// own, since a delay line of a million neurons is as deep.
func strong(m *sparse) []*sparse {
	const unseen = -1
	order, low, part := make([]int, m.n), make([]int, m.n), make([]int, m.n)
	for i := range order {
		order[i], part[i] = unseen, unseen
	}
	var open, path, next []int // vertices without a part; the path of the search and its next edges
	clock, parts := 0, 0
	for root := range m.n {
		if order[root] != unseen {
			continue
		}
		path, next = append(path[:0], root), append(next[:0], m.ptr[root])
		for len(path) > 0 {
			top := len(path) - 1
			v := path[top]
			if next[top] == m.ptr[v] && order[v] == unseen {
				order[v], low[v] = clock, clock
				clock++
				open = append(open, v)
			}
			if k := next[top]; k < m.ptr[v+1] {
				next[top]++
				switch u := m.col[k]; {
				case order[u] == unseen:
					path, next = append(path, u), append(next, m.ptr[u])
				case part[u] == unseen:
					low[v] = min(low[v], order[u])
				}
				continue
			}
			path, next = path[:top], next[:top]
			if top > 0 {
				low[path[top-1]] = min(low[path[top-1]], low[v])
			}
			if low[v] != order[v] {
				continue
			}
			for {
				u := open[len(open)-1]
				open = open[:len(open)-1]
				part[u] = parts
				if u == v {
					break
				}
			}
			parts++
		}
	}
	return m.split(part, parts)
}

// split returns the diagonal blocks of the parts.
func (m *sparse) split(part []int, parts int) []*sparse {
	if parts == 1 {
		return []*sparse{m}
	}
	list := make([]*sparse, parts)
	for i := range list {
		list[i] = &sparse{ptr: []int{0}}
	}
	place := make([]int, m.n)
	for i, p := range part {
		place[i] = list[p].n
		list[p].n++
	}
	for i, p := range part {
		for k := m.ptr[i]; k < m.ptr[i+1]; k++ {
			if part[m.col[k]] == p {
				list[p].put(place[m.col[k]], m.val[k])
			}
		}
		list[p].ptr = append(list[p].ptr, len(list[p].col))
	}
	return list
}
