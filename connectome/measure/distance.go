package measure

import (
	"cmp"
	"slices"

	"elegans/connectome"
)

// WeakComponents returns the connected components with arcs taken as edges, largest first (then by
// smallest member); members ascend.
func WeakComponents(p *connectome.Projection) [][]int {
	return weakComponents(p, p.Reverse(), unwatched())
}

// weakComponents is given the reversed graph too; it returns nil if it is stopped.
func weakComponents(p, r *connectome.Projection, w *watch) [][]int {
	seen := make([]bool, p.Len())
	var out [][]int
	for s := range p.Adj {
		if seen[s] {
			continue
		}
		seen[s] = true
		queue := []int{s}
		for h := 0; h < len(queue); h++ {
			if w.stopped(len(p.Adj[queue[h]]) + len(r.Adj[queue[h]])) {
				return nil
			}
			for _, rows := range [2][]int{p.Adj[queue[h]], r.Adj[queue[h]]} {
				for _, v := range rows {
					if !seen[v] {
						seen[v] = true
						queue = append(queue, v)
					}
				}
			}
		}
		out = append(out, queue)
	}
	return ordered(out)
}

// StrongComponents returns the sets of vertices that reach one another, in the order of
// WeakComponents (Kosaraju's algorithm, without recursion).
func StrongComponents(p *connectome.Projection) [][]int {
	return strongComponents(p, p.Reverse(), unwatched())
}

// strongComponents is given the reversed graph too; it returns nil if it is stopped.
func strongComponents(p, r *connectome.Projection, w *watch) [][]int {
	n := p.Len()
	finished := make([]int, 0, n)
	next := make([]int, n) // position in Adj[u] to go on from
	seen := make([]bool, n)
	for s := range n {
		if seen[s] {
			continue
		}
		seen[s] = true
		stack := []int{s}
		for len(stack) > 0 {
			u := stack[len(stack)-1]
			if w.stopped(0) {
				return nil
			}
			if next[u] == len(p.Adj[u]) {
				finished = append(finished, u)
				stack = stack[:len(stack)-1]
				continue
			}
			v := p.Adj[u][next[u]]
			next[u]++
			if !seen[v] {
				seen[v] = true
				stack = append(stack, v)
			}
		}
	}
	taken := make([]bool, n)
	var out [][]int
	for _, s := range slices.Backward(finished) {
		if taken[s] {
			continue
		}
		taken[s] = true
		queue := []int{s}
		for h := 0; h < len(queue); h++ {
			if w.stopped(len(r.Adj[queue[h]])) {
				return nil
			}
			for _, v := range r.Adj[queue[h]] {
				if !taken[v] {
					taken[v] = true
					queue = append(queue, v)
				}
			}
		}
		out = append(out, queue)
	}
	return ordered(out)
}

func ordered(components [][]int) [][]int {
	for _, c := range components {
		slices.Sort(c)
	}
	slices.SortFunc(components, func(a, b []int) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0])) })
	return components
}

// Induced returns the subgraph of some vertices, renumbered in their order.
func Induced(p *connectome.Projection, members []int) *connectome.Projection {
	place := make(map[int]int, len(members))
	for i, u := range members {
		place[u] = i
	}
	q := &connectome.Projection{Undirected: p.Undirected, Adj: make([][]int, len(members))}
	for i, u := range members {
		for _, v := range p.Adj[u] {
			if j, ok := place[v]; ok {
				q.Adj[i] = append(q.Adj[i], j)
			}
		}
		slices.Sort(q.Adj[i])
	}
	return q
}

// Distances counts ordered pairs of vertices by the hops of the shortest directed path: element d
// is the number of pairs at distance d, element 0 the number of vertices. Pairs without a path are
// in none.
func Distances(p *connectome.Projection) []int {
	count, _ := distances(p, unwatched())
	return count
}

func distances(p *connectome.Projection, w *watch) ([]int, error) {
	step := w.start("paths", p.Len())
	var count []int
	dist := make([]int, p.Len())
	queue := make([]int, 0, p.Len())
	for s := range p.Adj {
		for i := range dist {
			dist[i] = -1
		}
		if err := step.Add(1); err != nil {
			return nil, err
		}
		dist[s] = 0
		queue = append(queue[:0], s)
		for h := 0; h < len(queue); h++ {
			u := queue[h]
			for len(count) <= dist[u] {
				count = append(count, 0)
			}
			count[dist[u]]++
			if len(queue) == len(dist) { // the rest is only counted
				continue
			}
			for _, v := range p.Adj[u] {
				if dist[v] < 0 {
					dist[v] = dist[u] + 1
					queue = append(queue, v)
				}
			}
		}
	}
	return count, nil
}

// PathStats summarises the distances between ordered pairs of different vertices that have a path.
type PathStats struct {
	Mean     float64 `json:"mean"`     // mean number of hops
	Diameter int     `json:"diameter"` // largest number of hops
	// Efficiency is the mean of 1/hops over all ordered pairs, 0 for a pair without a path.
	Efficiency float64 `json:"efficiency"`
}

// Paths returns the distances of a whole graph. For those of the giant component pass Induced(p,
// StrongComponents(p)[0]).
func Paths(p *connectome.Projection) PathStats { return pathStats(p.Len(), Distances(p)) }

// pathStats summarises the distances of a graph of so many vertices.
func pathStats(vertices int, count []int) PathStats {
	var s PathStats
	pairs, hops, inverse := 0, 0, 0.0
	for d, n := range count {
		if d == 0 {
			continue
		}
		s.Diameter = d
		pairs += n
		hops += d * n
		inverse += float64(n) / float64(d)
	}
	n := float64(vertices)
	s.Mean = ratio(float64(hops), float64(pairs))
	s.Efficiency = ratio(inverse, n*(n-1))
	return s
}
