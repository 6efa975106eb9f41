package nullmodel

import (
	"context"
	"math"
	"slices"
	"testing"

	"elegans/connectome"
	"elegans/tensor"
)

// within fails unless a share of n draws lies within five standard deviations of what is expected.
func within(t *testing.T, what string, count, n int, want float64) {
	t.Helper()
	sd := math.Sqrt(want * (1 - want) / float64(n))
	if got := float64(count) / float64(n); math.Abs(got-want) > 5*sd {
		t.Errorf("%s: %.4f of %d, expected %.4f (standard deviation %.4f)", what, got, n, want, sd)
	}
}

// spec returns n neurons with so many edges in the gap layer and weights 1, 2, 3, ...
func spec(t *testing.T, n, gap int) Spec {
	t.Helper()
	s, err := Sized(n, 1, 1, 0, gap)
	if err != nil {
		t.Fatal(err)
	}
	for i := range gap {
		s.Gap.Weights = append(s.Gap.Weights, float64(i+1))
	}
	return s
}

// generators are those that draw something, by name.
var generators = map[string]func(context.Context, Spec, tensor.Key) (*connectome.Graph, error){
	"erdos-renyi": ErdosRenyi, "barabasi-albert": BarabasiAlbert, "ring": Ring,
	"watts-strogatz": func(ctx context.Context, s Spec, k tensor.Key) (*connectome.Graph, error) {
		return WattsStrogatz(ctx, s, .3, k)
	},
}

// TestWeightsAndPlacesAreDrawn: over many keys, every pair of neurons is joined as often as any
// other, and every weight lies on every pair as often as any other.
func TestWeightsAndPlacesAreDrawn(t *testing.T) {
	const n, gap, draws = 5, 4, 800
	for name, generate := range generators {
		joined, heavy := map[[2]int]int{}, map[[2]int]int{}
		for k := range uint64(draws) {
			g, err := generate(t.Context(), spec(t, n, gap), tensor.NewKey(k, "chance"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, e := range g.Edges {
				joined[[2]int{e.Pre, e.Post}]++
				if e.Weight == gap {
					heavy[[2]int{e.Pre, e.Post}]++
				}
			}
		}
		for a := range n {
			for b := a + 1; b < n; b++ {
				within(t, name+": a pair is joined", joined[[2]int{a, b}], draws, gap/10.)
				within(t, name+": a pair has the largest weight", heavy[[2]int{a, b}], draws, 1/10.)
			}
		}
	}
}

// TestWeightsAreIndependentOfTheWiring: the largest weight lies on the edge that was drawn first as
// often as on any other. In a star of a growing tree the first edge is not told from the others, in
// a ring with one edge missing the neighbours of the gap are.
func TestWeightsAreIndependentOfTheWiring(t *testing.T) {
	const n, gap, draws = 6, 5, 1000
	atEnd := 0 // the largest weight lies at an end of the path
	for k := range uint64(draws) {
		g, err := Ring(t.Context(), spec(t, n, gap), tensor.NewKey(k, "path"))
		if err != nil {
			t.Fatal(err)
		}
		degree := make([]int, n)
		for _, e := range g.Edges {
			degree[e.Pre]++
			degree[e.Post]++
		}
		for _, e := range g.Edges {
			if e.Weight == gap && min(degree[e.Pre], degree[e.Post]) == 1 {
				atEnd++
			}
		}
	}
	within(t, "the largest weight at an end of the path", atEnd, draws, 2./gap)
}

// TestAttachment compares the share of stars among trees of four vertices with that of preferential
// attachment by degree + 1: the third vertex makes a path, whose middle has the weight 3 of 7.
func TestAttachment(t *testing.T) {
	const draws = 1500
	for _, layer := range []connectome.Layer{connectome.Gap, connectome.Chemical} {
		s, err := Sized(4, 1, 1, 3, 3)
		if err != nil {
			t.Fatal(err)
		}
		stars := 0
		for k := range uint64(draws) {
			g, err := BarabasiAlbert(t.Context(), s, tensor.NewKey(k, "stars"))
			if err != nil {
				t.Fatal(err)
			}
			degree := make([]int, 4)
			for _, e := range g.Edges {
				if e.Layer == layer {
					degree[e.Pre]++
					degree[e.Post]++
				}
			}
			if slices.Max(degree) == 3 {
				stars++
			}
		}
		within(t, layer.String()+" stars", stars, draws, 3./7)
	}
}

// TestGapSwapsBothWays: two junctions {a, b} and {c, d} are exchanged in both ways, {a, d} and
// {c, b} as well as {a, c} and {b, d}.
func TestGapSwapsBothWays(t *testing.T) {
	neurons := []connectome.Neuron{{Name: "a", Role: connectome.Sensory}, {Name: "b"}, {Name: "c"}, {Name: "d", Role: connectome.Motor}}
	g, err := connectome.New("pairs", neurons, []connectome.Edge{
		{Pre: 0, Post: 1, Layer: connectome.Gap, Weight: 1}, {Pre: 2, Post: 3, Layer: connectome.Gap, Weight: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	const draws = 400
	partner := map[int]int{}
	for k := range uint64(draws) {
		r, _, err := DegreePreserving(t.Context(), g, 10, tensor.NewKey(k, "pairs"))
		if err != nil {
			t.Fatal(err)
		}
		partner[r.Edges[0].Post]++
	}
	for v := 1; v < 4; v++ {
		within(t, "the partner of the first neuron", partner[v], draws, 1./3)
	}
}

// TestErdosRenyiPairs: without a part that deals out places, every pair must still be drawn alike.
func TestErdosRenyiPairs(t *testing.T) {
	const n, m, draws = 4, 2, 2000
	s, err := Sized(n, 1, 1, m, 0)
	if err != nil {
		t.Fatal(err)
	}
	sets, forms := map[[4]int]int{}, map[string]int{}
	for k := range uint64(draws) {
		g, err := ErdosRenyi(t.Context(), s, tensor.NewKey(k, "pairs"))
		if err != nil {
			t.Fatal(err)
		}
		a, b := g.Edges[0], g.Edges[1]
		sets[[4]int{a.Pre, a.Post, b.Pre, b.Post}]++
		switch {
		case a.Pre == b.Pre:
			forms["from one neuron"]++
		case a.Post == b.Post:
			forms["to one neuron"]++
		case a.Pre == b.Post && a.Post == b.Pre:
			forms["both ways"]++
		}
	}
	total := n * (n - 1) * (n*(n-1) - 1) / 2
	if len(sets) != total {
		t.Errorf("%d of %d graphs are drawn", len(sets), total)
	}
	for _, c := range sets {
		within(t, "a graph of two arcs", c, draws, 1/float64(total))
	}
	// The numbers of the neurons are dealt out, so that a bias shows in the forms.
	for form, graphs := range map[string]float64{"from one neuron": 12, "to one neuron": 12, "both ways": 6} {
		within(t, "two arcs "+form, forms[form], draws, graphs/float64(total))
	}
}
