package measure

import (
	"math/rand/v2"
	"slices"
	"testing"

	"elegans/connectome"
)

// TestDense: the measures of dense graphs, which compare rows of bits, are exactly those of lists.
func TestDense(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 300
	for _, undirected := range []bool{false, true} {
		p := &connectome.Projection{Undirected: undirected, Adj: make([][]int, n)}
		for u := range n {
			for v := range n {
				if u != v && (!undirected || u < v) && r.IntN(3) > 0 {
					p.Adj[u] = append(p.Adj[u], v)
					if undirected {
						p.Adj[v] = append(p.Adj[v], u)
					}
				}
			}
		}
		for _, row := range p.Adj {
			slices.Sort(row)
		}
		if !dense(p) {
			t.Fatal("the graph is not dense")
		}
		// Vertices without edges make the same graph a sparse one.
		q := &connectome.Projection{Undirected: undirected, Adj: append(slices.Clone(p.Adj), make([][]int, 9*n)...)}
		if dense(q) {
			t.Fatal("the larger graph is dense")
		}
		if got, want := Clustering(p)*n, Clustering(q)*10*n; got != want && got/want-1 > 1e-14 || got == 0 {
			t.Errorf("undirected %v: clustering %v, want %v", undirected, got, want)
		}
		if undirected && !slices.Equal(Triangles(p), Triangles(q)[:n]) {
			t.Error("other triangles")
		}
	}
}
