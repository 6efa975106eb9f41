package measure

import "elegans/connectome"

// Clustering returns the mean local clustering coefficient; vertices that can have no triangle
// count 0. For an undirected graph it is that of Watts and Strogatz 1998, triangles at the vertex
// over pairs of its neighbours. For a directed graph it is that of Fagiolo 2007 (Phys Rev E
// 76:026107), all directed triangles over all possible ones:
//
//	C_i = [(A + A')^3]_ii / (2 (d_i (d_i - 1) - 2 b_i))
//
// with d_i the sum of in- and out-degree and b_i the number of neighbours joined in both
// directions.
func Clustering(p *connectome.Projection) float64 {
	c, _ := clustering(p, unwatched())
	return c
}

func clustering(p *connectome.Projection, w *watch) (float64, error) {
	sum := 0.0
	if p.Undirected {
		count, err := triangles(p, w)
		for i, t := range count {
			k := float64(len(p.Adj[i]))
			sum += ratio(2*float64(t), k*(k-1))
		}
		return ratio(sum, float64(p.Len())), err
	}
	step := w.start("clustering", p.Len())
	r := p.Reverse()
	n := p.Len()
	var out, in *bitRows
	if dense(p) {
		out, in = newBitRows(p), newBitRows(r)
	}
	weight := make([]float64, n) // row i of A + A', dense, cleared after use
	for i := range n {
		if err := step.Add(1); err != nil {
			return 0, err
		}
		total := float64(len(p.Adj[i]) + len(r.Adj[i]))
		both := 0.0
		for _, v := range p.Adj[i] {
			weight[v]++
		}
		for _, v := range r.Adj[i] {
			weight[v]++
			if weight[v] == 2 {
				both++
			}
		}
		// sum over j, k of s_ij s_jk s_ki; s_jk runs over arcs out of j and arcs into j.
		walks := 0.0
		visit := func(j int) {
			for _, k := range p.Adj[j] {
				walks += weight[j] * weight[k]
			}
			for _, k := range r.Adj[j] {
				walks += weight[j] * weight[k]
			}
		}
		if out != nil {
			visit = func(j int) {
				s := common(out.row(i), out.row(j)) + common(out.row(i), in.row(j)) +
					common(in.row(i), out.row(j)) + common(in.row(i), in.row(j))
				walks += weight[j] * float64(s)
			}
		}
		for _, j := range p.Adj[i] {
			visit(j)
		}
		for _, j := range r.Adj[i] {
			if !p.Has(i, j) {
				visit(j)
			}
		}
		sum += ratio(walks, 2*(total*(total-1)-2*both))
		for _, v := range p.Adj[i] {
			weight[v] = 0
		}
		for _, v := range r.Adj[i] {
			weight[v] = 0
		}
	}
	return ratio(sum, float64(n)), nil
}

// Triangles returns the number of triangles at every vertex of an undirected graph.
func Triangles(p *connectome.Projection) []int {
	count, _ := triangles(p, unwatched())
	return count
}

func triangles(p *connectome.Projection, w *watch) ([]int, error) {
	step := w.start("triangles", p.Len())
	count := make([]int, p.Len())
	if dense(p) {
		rows := newBitRows(p)
		for i, row := range p.Adj {
			if err := step.Add(1); err != nil {
				return nil, err
			}
			for _, j := range row {
				count[i] += common(rows.row(i), rows.row(j))
			}
			count[i] /= 2 // each pair of neighbours was seen from both
		}
		return count, nil
	}
	mark := make([]bool, p.Len())
	for i, row := range p.Adj {
		if err := step.Add(1); err != nil {
			return nil, err
		}
		for _, j := range row {
			mark[j] = true
		}
		for _, j := range row {
			for _, k := range p.Adj[j] {
				if k > j && mark[k] {
					count[i]++
				}
			}
		}
		for _, j := range row {
			mark[j] = false
		}
	}
	return count, nil
}

// Transitivity returns three times the triangles of an undirected graph over its connected triples,
// and the triangles.
func Transitivity(p *connectome.Projection) (transitivity float64, triangles int) {
	return transitivityOf(p, Triangles(p))
}

// transitivityOf is Transitivity, given the triangles at every vertex.
func transitivityOf(p *connectome.Projection, count []int) (transitivity float64, triangles int) {
	corners, triples := 0, 0
	for i, t := range count {
		corners += t
		triples += len(p.Adj[i]) * (len(p.Adj[i]) - 1) / 2
	}
	return ratio(float64(corners), float64(triples)), corners / 3
}
