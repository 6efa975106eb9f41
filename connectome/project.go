package connectome

import (
	"context"
	"slices"
)

// Projection is a simple graph without weights: no loops, no parallel edges. Adj[u] lists the
// successors of u (its neighbours if Undirected), ascending.
type Projection struct {
	Undirected bool
	Adj        [][]int
}

// Directed returns the simple directed graph of the union of layers: an arc for every chemical
// edge, two for every gap junction, loops dropped.
func (g *Graph) Directed(layers ...Layer) *Projection {
	p, _ := g.Project(context.Background(), false, layers...)
	return p
}

// Simple returns the simple undirected graph of the union of layers: an edge where any arc joins
// the two neurons in either direction, loops dropped.
func (g *Graph) Simple(layers ...Layer) *Projection {
	p, _ := g.Project(context.Background(), true, layers...)
	return p
}

// Project is Simple if undirected and Directed otherwise, for graphs so large that the caller wants
// to be able to stop: it ends with the error of the context soon after that is done.
func (g *Graph) Project(ctx context.Context, undirected bool, layers ...Layer) (*Projection, error) {
	p := &Projection{Undirected: undirected, Adj: make([][]int, g.Len())}
	use := func(e *Edge) bool { return e.Pre != e.Post && slices.Contains(layers, e.Layer) }
	// The rows are parts of one list, whose length is counted first: rows that grow would take
	// twice the memory.
	start := make([]int, g.Len()+1)
	for i := range g.Edges {
		if e := &g.Edges[i]; use(e) {
			start[e.Pre+1]++
			if undirected || e.Layer == Gap {
				start[e.Post+1]++
			}
		}
	}
	for u := range p.Adj {
		start[u+1] += start[u]
	}
	all := make([]int, start[g.Len()])
	for u := range p.Adj {
		if start[u] < start[u+1] {
			p.Adj[u] = all[start[u]:start[u]:start[u+1]]
		}
	}
	for i := range g.Edges {
		if i&0xfffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if e := &g.Edges[i]; use(e) {
			p.Adj[e.Pre] = append(p.Adj[e.Pre], e.Post)
			if undirected || e.Layer == Gap {
				p.Adj[e.Post] = append(p.Adj[e.Post], e.Pre)
			}
		}
	}
	for u, row := range p.Adj {
		if u&255 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		slices.Sort(row)
		p.Adj[u] = slices.Compact(row)
	}
	return p, nil
}

// Len returns the number of vertices.
func (p *Projection) Len() int { return len(p.Adj) }

// Edges returns the number of arcs, or of edges if the graph is undirected.
func (p *Projection) Edges() int {
	m := 0
	for _, row := range p.Adj {
		m += len(row)
	}
	if p.Undirected {
		m /= 2
	}
	return m
}

// Has reports whether there is an arc from u to v.
func (p *Projection) Has(u, v int) bool {
	_, ok := slices.BinarySearch(p.Adj[u], v)
	return ok
}

// Reverse returns the graph with every arc turned round.
func (p *Projection) Reverse() *Projection {
	r := &Projection{Undirected: p.Undirected, Adj: make([][]int, p.Len())}
	in := make([]int, p.Len())
	for _, row := range p.Adj {
		for _, v := range row {
			in[v]++
		}
	}
	for v, n := range in {
		if n > 0 {
			r.Adj[v] = make([]int, 0, n)
		}
	}
	for u, row := range p.Adj {
		for _, v := range row {
			r.Adj[v] = append(r.Adj[v], u)
		}
	}
	return r
}
