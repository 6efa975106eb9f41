package connectome

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// lastCell is the cell id (1-based) of DD06, which has no outgoing edge and for that reason stands
// last in the published graph.
const lastCell = 108

// Shipped returns the worm as the published Elegans-AI models were trained on it, made by rule from
// the source table:
//
//   - vertex v is the cell with id v+1 for v < 107, v+2 for 107 <= v < 278 and 108 for the last;
//     ID holds that cell id, by which the edges are right;
//   - the attributes (name, class, role, transmitters, position) were pasted in the order of cell
//     ids, so those of the vertices 107 to 278 belong to another cell;
//   - a chemical weight is one of the two counts of the pair in the source where both exist (5043
//     instead of 6394 in sum).
//
// Class follows the published file, which counts the cells of RIV and SAB and the dorsal and
// ventral RME as classes of their own. Transmitters and soma positions are those of the canonical
// view (of the cell whose name the vertex bears); the published file has fewer transmitters and one
// coordinate.
func Shipped() *Graph {
	t := tables()
	vertexOf := shippedVertices(len(t.neurons))
	neurons := make([]Neuron, len(t.neurons))
	for cell, v := range vertexOf {
		neurons[v] = t.neurons[v].clone() // row v of the attributes, whichever cell the vertex is
		neurons[v].ID = strconv.Itoa(cell + 1)
		if name := neurons[v].Name; strings.HasPrefix(name, "RIV") || strings.HasPrefix(name, "SAB") ||
			name == "RMED" || name == "RMEV" {
			neurons[v].Class = name
		}
	}
	edges := make([]Edge, len(t.edges))
	for i, e := range t.edges {
		edges[i] = Edge{vertexOf[e.Pre], vertexOf[e.Post], e.Layer, e.published}
	}
	return mustWorm("shipped", neurons, edges)
}

// ShippedArcs returns the edges of the published file, by vertices of Shipped and in the order in
// which the file lists them: by cell id of source and target; where a pair has both kinds, in the
// order of the source table. Gap junctions stand in both directions, their loops once: 3225 in all.
// The order matters only for reproducing the published models, which build one operation an edge.
func ShippedArcs() []Edge {
	t := tables()
	type keyed struct {
		arc  Edge // by cell, from 0
		late bool // second of its ordered pair
	}
	gapFirst := map[[2]int]bool{}
	var all []keyed
	for _, e := range t.edges {
		arc := Edge{e.Pre, e.Post, e.Layer, e.published}
		all = append(all, keyed{arc, e.gapFirst})
		if e.gapFirst {
			gapFirst[[2]int{e.Pre, e.Post}] = true
		}
		if e.Layer == Gap && e.Pre != e.Post {
			arc.Pre, arc.Post = arc.Post, arc.Pre
			all = append(all, keyed{arc, false})
		}
	}
	for i, k := range all {
		if k.arc.Layer == Gap {
			all[i].late = !gapFirst[[2]int{k.arc.Pre, k.arc.Post}]
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		order := cmp.Or(cmp.Compare(a.arc.Pre, b.arc.Pre), cmp.Compare(a.arc.Post, b.arc.Post))
		if order == 0 && a.late != b.late {
			order = 1
			if b.late {
				order = -1
			}
		}
		return order
	})
	vertexOf := shippedVertices(len(t.neurons))
	arcs := make([]Edge, len(all))
	for i, k := range all {
		arcs[i] = Edge{vertexOf[k.arc.Pre], vertexOf[k.arc.Post], k.arc.Layer, k.arc.Weight}
	}
	return arcs
}

// shippedVertices returns the vertex of every cell, both from 0.
func shippedVertices(n int) []int {
	v := make([]int, n)
	for cell := range v {
		switch {
		case cell < lastCell-1:
			v[cell] = cell
		case cell == lastCell-1:
			v[cell] = n - 1
		default:
			v[cell] = cell - 1
		}
	}
	return v
}
