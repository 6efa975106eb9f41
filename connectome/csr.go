package connectome

import (
	"cmp"
	"slices"
)

// Direction says which end of an edge is the row of a matrix.
type Direction uint8

const (
	// Incoming puts the receiving neuron in the row and the sending one in the column: A[post,
	// pre]. The product A x sums what every neuron receives.
	Incoming Direction = iota
	// Outgoing puts the sending neuron in the row: A[pre, post], the transpose.
	Outgoing
)

// CSR is one layer as a compressed sparse row matrix, N x N. The entries of row r are k = RowPtr[r]
// .. RowPtr[r+1]-1, with ascending columns Col[k], weights Weight[k] and the position Edge[k] of
// their edge in Graph.Edges. A gap junction has two entries, which share their Edge, a loop has
// one.
type CSR struct {
	N      int
	RowPtr []int32   // N+1
	Col    []int32   // one an entry
	Weight []float64 // one an entry
	Edge   []int32   // one an entry
}

// NNZ returns the number of entries.
func (c *CSR) NNZ() int { return len(c.Col) }

// CSR returns a layer as a sparse matrix. With Incoming the row is the postsynaptic neuron and the
// columns are the presynaptic ones, so that the product with a matrix of one row a neuron carries
// every signal one synapse further; with Outgoing it is the transpose. The gap layer is symmetric.
func (g *Graph) CSR(l Layer, d Direction) *CSR {
	type entry struct{ row, col, edge int }
	var entries []entry
	for i, e := range g.Edges {
		if e.Layer != l {
			continue
		}
		row, col := e.Post, e.Pre
		if d == Outgoing {
			row, col = col, row
		}
		entries = append(entries, entry{row, col, i})
		if l == Gap && row != col {
			entries = append(entries, entry{col, row, i})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.col, b.col)) })
	c := &CSR{
		N: g.Len(), RowPtr: make([]int32, g.Len()+1), Col: make([]int32, len(entries)),
		Weight: make([]float64, len(entries)), Edge: make([]int32, len(entries)),
	}
	for k, e := range entries {
		c.RowPtr[e.row+1]++
		c.Col[k], c.Weight[k], c.Edge[k] = int32(e.col), g.Edges[e.edge].Weight, int32(e.edge)
	}
	for r := range c.N {
		c.RowPtr[r+1] += c.RowPtr[r]
	}
	return c
}
