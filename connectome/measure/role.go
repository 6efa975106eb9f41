package measure

import (
	"fmt"

	"elegans/connectome"
)

// Roles returns the role of every vertex of a graph, with Inter for Unknown.
func Roles(g *connectome.Graph) []connectome.Role {
	roles := make([]connectome.Role, g.Len())
	for i := range roles {
		roles[i] = g.RoleOf(i)
	}
	return roles
}

// RoleMatrix counts something between roles: element [a][b] leads from role connectome.Roles[a] to
// connectome.Roles[b] (sensory, inter, motor).
type RoleMatrix [3][3]int

func (m *RoleMatrix) add(from, to connectome.Role, n int) {
	m[from-connectome.Sensory][to-connectome.Sensory] += n
}

// Total returns the sum of all elements.
func (m RoleMatrix) Total() int {
	sum := 0
	for _, row := range m {
		for _, n := range row {
			sum += n
		}
	}
	return sum
}

// Homophily returns the share of the diagonal, where both ends have the same role, and the share
// that is expected when ends are drawn independently with the same row and column sums.
func (m RoleMatrix) Homophily() (share, expected float64) {
	var rows, cols [3]float64
	total, same := 0.0, 0.0
	for a, row := range m {
		for b, n := range row {
			rows[a] += float64(n)
			cols[b] += float64(n)
			total += float64(n)
		}
		same += float64(row[a])
	}
	for a := range rows {
		expected += ratio(rows[a]*cols[a], total*total)
	}
	return ratio(same, total), expected
}

// RoleArcs counts arcs by the roles of their ends; an undirected edge counts in both directions.
func RoleArcs(p *connectome.Projection, roles []connectome.Role) RoleMatrix {
	var m RoleMatrix
	for u, row := range p.Adj {
		for _, v := range row {
			m.add(roles[u], roles[v], 1)
		}
	}
	return m
}

// RoleAssortativity returns Newman's categorical coefficient over the arcs, (homophily - expected)
// / (1 - expected): 1 if arcs join only equal roles, 0 if roles do not matter (Newman 2003, Phys
// Rev E 67:026126).
func RoleAssortativity(p *connectome.Projection, roles []connectome.Role) float64 {
	share, expected := RoleArcs(p, roles).Homophily()
	return ratio(share-expected, 1-expected)
}

// RoleModularity returns the modularity of the partition into roles, homophily - expected: Newman's
// Q for an undirected graph, that of Leicht and Newman 2008 for a directed one.
func RoleModularity(p *connectome.Projection, roles []connectome.Role) float64 {
	share, expected := RoleArcs(p, roles).Homophily()
	return share - expected
}

// ShortestPaths counts the directed shortest paths of exactly that many hops, over chemical arcs
// and both directions of gap junctions without loops, by the roles of their ends. Without parallel,
// paths through the same neurons are one; with it each choice among parallel edges is a path of its
// own, which is what the published models call multi-dyads (their get_triplet_list has hops = 2).
// pairs is the number of ordered pairs of neurons at that distance.
func ShortestPaths(g *connectome.Graph, hops int, parallel bool) (paths RoleMatrix, pairs int) {
	paths, pairs, _ = shortestPaths(g, hops, parallel, unwatched())
	return paths, pairs
}

func shortestPaths(g *connectome.Graph, hops int, parallel bool, w *watch) (paths RoleMatrix, pairs int, err error) {
	step := w.start(fmt.Sprintf("paths of %d hops", hops), g.Len())
	p := g.Directed(connectome.Chemical, connectome.Gap)
	roles := Roles(g)
	ways := func(u, v int) int {
		if !parallel {
			return 1
		}
		n := 0
		for _, l := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
			if _, ok := g.Edge(l, u, v); ok {
				n++
			}
		}
		return n
	}
	multiplicity := make([][]int, p.Len())
	for u, row := range p.Adj {
		multiplicity[u] = make([]int, len(row))
		for k, v := range row {
			multiplicity[u][k] = ways(u, v)
		}
	}
	dist, sigma := make([]int, p.Len()), make([]int, p.Len())
	for s := range p.Adj {
		if err := step.Add(1); err != nil {
			return paths, pairs, err
		}
		for i := range dist {
			dist[i], sigma[i] = -1, 0
		}
		dist[s], sigma[s] = 0, 1
		queue := []int{s}
		for h := 0; h < len(queue); h++ {
			u := queue[h]
			if dist[u] == hops {
				paths.add(roles[s], roles[u], sigma[u])
				pairs++
				continue
			}
			if len(queue) == len(dist) && dist[queue[len(queue)-1]] <= dist[u] {
				continue // nothing lies one hop further
			}
			for k, v := range p.Adj[u] {
				if dist[v] < 0 {
					dist[v] = dist[u] + 1
					queue = append(queue, v)
				}
				if dist[v] == dist[u]+1 {
					sigma[v] += sigma[u] * multiplicity[u][k]
				}
			}
		}
	}
	return paths, pairs, nil
}
