package connectome

import (
	"fmt"
	"strconv"
)

// Defect is something questionable in a file that a reader mended or let pass, and that a user
// should know.
type Defect struct {
	Kind   DefectKind `json:"kind"`
	Count  int        `json:"count"`  // how many vertices, pairs or edges are concerned
	Detail string     `json:"detail"` // one sentence
}

// String returns "kind (count): detail".
func (d Defect) String() string { return fmt.Sprintf("%s (%d): %s", d.Kind, d.Count, d.Detail) }

// DefectKind names a kind of Defect.
type DefectKind string

// The kinds of defect. The last four can be known only of a graph of the worm's 279 neurons whose
// ids are the worm's cell ids.
const (
	// DefectUnusedColumns are columns of a table that have no place in a graph.
	DefectUnusedColumns DefectKind = "unused-columns"
	// DefectUnusedAttributes are values of attributes that have none, such as the colour of an
	// edge.
	DefectUnusedAttributes DefectKind = "unused-attributes"
	// DefectUnusedElements are elements of a file that have none, such as the ports of a node.
	DefectUnusedElements DefectKind = "unused-elements"
	// DefectPosition are neurons with some of x, y and z, as a drawing on paper has. They have no
	// soma position.
	DefectPosition DefectKind = "incomplete-positions"
	// DefectBothDirections are gap junctions that are listed once in each direction. They are
	// stored once.
	DefectBothDirections DefectKind = "gap-both-directions"
	// DefectRepeated are pairs that are listed more than once in a layer. Their weights are summed.
	DefectRepeated DefectKind = "repeated-pairs"
	// DefectRole are neurons whose role is NA although others have one.
	DefectRole DefectKind = "no-role"
	// DefectMislabelled are vertices that bear the attributes of another cell.
	DefectMislabelled DefectKind = "mislabelled"
	// DefectUndercounted are chemical weights below the sums of the source.
	DefectUndercounted DefectKind = "undercounted"
	// DefectWrongRole are vertices whose role is wrong because they are mislabelled.
	DefectWrongRole DefectKind = "wrong-role"
	// DefectRegion: the file says pharynx and holds everything but the pharynx.
	DefectRegion DefectKind = "wrong-region"
)

// wormDefects compares a graph with the canonical worm if it is one: the same 279 names, and ids
// that are the worm's cell ids.
func wormDefects(g *Graph) []Defect {
	var out []Defect
	known, blank := 0, 0
	for i := range g.Neurons {
		if g.Neurons[i].Role == Unknown {
			blank++
		} else {
			known++
		}
	}
	if known > 0 && blank > 0 {
		out = append(out, Defect{DefectRole, blank,
			"neurons have no role recorded, which does not say that they are interneurons; they are treated as such"})
	}
	worm := Canonical()
	if g.Len() != worm.Len() {
		return out
	}
	cell := make([]int, g.Len()) // of every vertex, by its id
	taken := make([]bool, g.Len())
	mislabelled, wrongRole := 0, 0
	for v := range g.Neurons {
		n := &g.Neurons[v]
		id, err := strconv.Atoi(n.ID)
		if _, ok := worm.Index(n.Name); err != nil || !ok || id < 1 || id > worm.Len() || taken[id-1] {
			return out
		}
		cell[v], taken[id-1] = id-1, true
		if worm.Neurons[id-1].Name != n.Name {
			mislabelled++
			if worm.Neurons[id-1].Role != n.Role {
				wrongRole++
			}
		}
	}
	byID, byName, undercounted, sum := 0, 0, 0, 0.0
	for _, e := range g.Edges {
		if k, ok := worm.Edge(e.Layer, cell[e.Pre], cell[e.Post]); ok {
			byID++
			if e.Layer == Chemical && worm.Edges[k].Weight > e.Weight {
				undercounted++
			}
		}
		pre, _ := worm.Index(g.Neurons[e.Pre].Name)
		post, _ := worm.Index(g.Neurons[e.Post].Name)
		if _, ok := worm.Edge(e.Layer, pre, post); ok {
			byName++
		}
		if e.Layer == Chemical {
			sum += e.Weight
		}
	}
	if byID != len(g.Edges) { // not the worm's edges: the ids mean something else
		return out
	}
	if mislabelled > 0 {
		out = append(out, Defect{DefectMislabelled, mislabelled,
			fmt.Sprintf("vertices bear name and attributes of another cell: "+
				"by id all %d edges are those of the source, by name %d", byID, byName)})
	}
	if wrongRole > 0 {
		out = append(out, Defect{DefectWrongRole, wrongRole, "of these vertices have a wrong role"})
	}
	if undercounted > 0 {
		out = append(out, Defect{DefectUndercounted, undercounted,
			fmt.Sprintf("chemical weights are too low: %v synapses instead of %v",
				sum, worm.Weight(Chemical))})
	}
	if g.Info["region"] == "pharynx" {
		out = append(out, Defect{DefectRegion, g.Len(),
			"the file says region = pharynx, but holds the neurons outside the pharynx"})
	}
	return out
}
