package nullmodel_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/connectome"
	"elegans/connectome/measure"
	"elegans/connectome/nullmodel"
	"elegans/tensor"
)

// graphs draws a graph with both layers, loops, roles and different weights.
func graphs(t *rapid.T) *connectome.Graph {
	n := rapid.IntRange(2, 10).Draw(t, "n")
	neurons := make([]connectome.Neuron, n)
	for i := range neurons {
		neurons[i] = connectome.Neuron{Name: fmt.Sprint("n", i), Role: connectome.Role(rapid.IntRange(0, 3).Draw(t, "role"))}
	}
	var edges []connectome.Edge
	for i := range n {
		for j := range n {
			if rapid.IntRange(0, 2).Draw(t, "chemical") == 0 {
				edges = append(edges, connectome.Edge{Pre: i, Post: j, Layer: connectome.Chemical, Weight: float64(len(edges) + 1)})
			}
			if i <= j && rapid.IntRange(0, 2).Draw(t, "gap") == 0 {
				edges = append(edges, connectome.Edge{Pre: i, Post: j, Layer: connectome.Gap, Weight: float64(len(edges) + 1)})
			}
		}
	}
	g, err := connectome.New("g", neurons, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func weights(g *connectome.Graph, l connectome.Layer) []float64 {
	var out []float64
	for _, e := range g.Edges {
		if e.Layer == l {
			out = append(out, e.Weight)
		}
	}
	slices.Sort(out)
	return out
}

func loops(g *connectome.Graph) []connectome.Edge {
	return slices.DeleteFunc(slices.Clone(g.Edges), func(e connectome.Edge) bool { return e.Pre != e.Post })
}

// strength returns the sum of chemical weights that start from every neuron.
func strength(g *connectome.Graph) []float64 {
	out := make([]float64, g.Len())
	for _, e := range g.Edges {
		if e.Layer == connectome.Chemical {
			out[e.Pre] += e.Weight
		}
	}
	return out
}

func sameNeurons(a, b *connectome.Graph) bool {
	x, errX := connectome.New("", a.Neurons, nil)
	y, errY := connectome.New("", b.Neurons, nil)
	return errX == nil && errY == nil && x.Equal(y)
}

type failer interface {
	Helper()
	Errorf(string, ...any)
}

// checkDegreePreserving asserts every invariant that DegreePreserving promises.
func checkDegreePreserving(t failer, g, h *connectome.Graph, report nullmodel.Report, swaps int) {
	t.Helper()
	if err := h.Validate(); err != nil {
		t.Errorf("invalid: %v", err)
	}
	if !sameNeurons(g, h) {
		t.Errorf("neurons changed")
	}
	for _, l := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
		inG, outG := g.Degrees(l)
		inH, outH := h.Degrees(l)
		if !slices.Equal(inG, inH) || !slices.Equal(outG, outH) {
			t.Errorf("%v: degrees changed", l)
		}
		if !slices.Equal(weights(g, l), weights(h, l)) {
			t.Errorf("%v: weights changed", l)
		}
	}
	if !slices.Equal(loops(g), loops(h)) {
		t.Errorf("loops changed: %v, were %v", loops(h), loops(g))
	}
	a, b := strength(g), strength(h)
	for i := range a {
		if a[i] != b[i] { // sums of small integers are exact
			t.Errorf("out-strength of neuron %d: %v, was %v", i, b[i], a[i])
		}
	}
	for _, s := range []nullmodel.Swaps{report.Chemical, report.Gap} {
		if s.Edges > 1 && s.Accepted < swaps*s.Edges || s.Accepted > s.Attempts {
			t.Errorf("%+v, wanted %d swaps an edge", s, swaps)
		}
	}
}

func TestDegreePreserving(t *testing.T) {
	rewired := 0
	rapid.Check(t, func(t *rapid.T) {
		g := graphs(t)
		key := tensor.NewKey(rapid.Uint64().Draw(t, "seed"), "test")
		before := g.Clone()
		h, report, err := nullmodel.DegreePreserving(t.Context(), g, nullmodel.DefaultSwaps, key)
		if !g.Equal(before) {
			t.Fatal("the argument changed")
		}
		var rigid *nullmodel.SwapError
		if errors.As(err, &rigid) {
			if h != nil || rigid.Swaps.Accepted >= rigid.Wanted {
				t.Fatalf("graph %v, %v", h != nil, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		rewired++
		checkDegreePreserving(t, g, h, report, nullmodel.DefaultSwaps)
		if again, _, err := nullmodel.DegreePreserving(t.Context(), g, nullmodel.DefaultSwaps, key); err != nil || !again.Equal(h) {
			t.Fatal("the same key gave another graph")
		}
	})
	if rewired == 0 {
		t.Error("no graph could be rewired")
	}
}

// TestDegreePreservingWorm: on the worm the invariants hold, the wiring is really new, and
// structure beyond degrees is gone.
func TestDegreePreservingWorm(t *testing.T) {
	g := connectome.Canonical()
	h, report, err := nullmodel.DegreePreserving(t.Context(), g, nullmodel.DefaultSwaps, tensor.NewKey(1, "worm"))
	if err != nil {
		t.Fatal(err)
	}
	checkDegreePreserving(t, g, h, report, nullmodel.DefaultSwaps)
	kept := map[connectome.Layer]int{}
	for _, e := range g.Edges {
		if _, ok := h.Edge(e.Layer, e.Pre, e.Post); ok {
			kept[e.Layer]++
		}
	}
	if kept[connectome.Chemical] > 2194/3 || kept[connectome.Gap] > 517/3 {
		t.Errorf("%v edges are where they were", kept)
	}
	und := func(g *connectome.Graph) *connectome.Projection { return g.Simple(connectome.Gap) }
	if was, is := measure.Clustering(und(g)), measure.Clustering(und(h)); is > was/2 {
		t.Errorf("clustering of the gap layer %.3f, was %.3f", is, was)
	}
	if other, _, _ := nullmodel.DegreePreserving(t.Context(), g, nullmodel.DefaultSwaps, tensor.NewKey(2, "worm")); other.Equal(h) {
		t.Error("two keys gave the same graph")
	}
}

// TestDegreePreservingUniform: the nine permutations of four elements without a fixed point, as
// graphs, come out equally often.
func TestDegreePreservingUniform(t *testing.T) {
	s, err := nullmodel.Sized(4, 1, 1, 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	g, err := nullmodel.Ring(t.Context(), s, tensor.NewKey(0, "ring"))
	if err != nil {
		t.Fatal(err)
	}
	count := map[[4]int]int{}
	const runs = 4500
	for i := range runs {
		h, _, err := nullmodel.DegreePreserving(t.Context(), g, nullmodel.DefaultSwaps, tensor.NewKey(uint64(i), "uniform"))
		if err != nil {
			t.Fatal(err)
		}
		var to [4]int
		for _, e := range h.Edges {
			to[e.Pre] = e.Post
		}
		count[to]++
	}
	chi := 0.0
	for _, n := range count {
		chi += math.Pow(float64(n)-runs/9., 2) / (runs / 9.)
	}
	if len(count) != 9 || chi > 26.1 { // the .001 quantile at 8 degrees of freedom
		t.Errorf("%d graphs, chi square %.1f: %v", len(count), chi, count)
	}
}

func TestRigid(t *testing.T) {
	s, err := nullmodel.Sized(4, 1, 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	g, err := nullmodel.Complete(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var rigid *nullmodel.SwapError
	if _, _, err := nullmodel.DegreePreserving(t.Context(), g, 1, tensor.Key{}); !errors.As(err, &rigid) || rigid.Layer != connectome.Chemical {
		t.Errorf("complete graph: %v", err)
	}
}

// generators lists the matched generators.
var generators = map[string]func(context.Context, nullmodel.Spec, tensor.Key) (*connectome.Graph, error){
	"er":   nullmodel.ErdosRenyi,
	"ba":   nullmodel.BarabasiAlbert,
	"ring": nullmodel.Ring,
	"ws 0.2": func(ctx context.Context, s nullmodel.Spec, k tensor.Key) (*connectome.Graph, error) {
		return nullmodel.WattsStrogatz(ctx, s, .2, k)
	},
	"ws 1": func(ctx context.Context, s nullmodel.Spec, k tensor.Key) (*connectome.Graph, error) {
		return nullmodel.WattsStrogatz(ctx, s, 1, k)
	},
}

// checkMatched asserts that a generated graph has the sizes, loops, weights and neurons of its
// template.
func checkMatched(t failer, name string, g, h *connectome.Graph) {
	t.Helper()
	if err := h.Validate(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if !sameNeurons(g, h) {
		t.Errorf("%s: neurons changed", name)
	}
	for _, l := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
		m, k := g.Count(l)
		if gotM, gotK := h.Count(l); gotM != m || gotK != k {
			t.Errorf("%s: %d %v edges, %d loops; want %d, %d", name, gotM, l, gotK, m, k)
		}
		if !slices.Equal(weights(g, l), weights(h, l)) {
			t.Errorf("%s: %v weights changed", name, l)
		}
	}
}

func TestGeneratorsMatch(t *testing.T) {
	made := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		g := graphs(t)
		key := tensor.NewKey(rapid.Uint64().Draw(t, "seed"), "test")
		n := g.Len()
		m, k := g.Count(connectome.Chemical)
		for name, generate := range generators {
			h, err := generate(t.Context(), nullmodel.Matched(g), key)
			if name == "ba" && m-k > n*(n-1)/2 {
				if err == nil {
					t.Errorf("ba: %d arcs on %d neurons", m, n)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			made[name]++
			checkMatched(t, name, g, h)
			if again, err := generate(t.Context(), nullmodel.Matched(g), key); err != nil || !again.Equal(h) {
				t.Errorf("%s: the same key gave another graph", name)
			}
		}
	})
	for name := range generators {
		if made[name] == 0 {
			t.Errorf("%s: never made", name)
		}
	}
}

// TestGeneratorsOnWorm checks what distinguishes the models, at the worm's size.
func TestGeneratorsOnWorm(t *testing.T) {
	worm := connectome.Canonical()
	spec := nullmodel.Matched(worm)
	made := map[string]*connectome.Graph{}
	for name, generate := range generators {
		g, err := generate(t.Context(), spec, tensor.NewKey(3, "worm"))
		if err != nil {
			t.Fatal(err)
		}
		checkMatched(t, name, worm, g)
		made[name] = g
	}
	chem := func(name string) *connectome.Projection { return made[name].Directed(connectome.Chemical) }
	degree := func(name string) measure.Stats {
		in, out := measure.Degrees(chem(name))
		for i := range in {
			in[i] += out[i]
		}
		return measure.Describe(in)
	}
	density := measure.Density(chem("er"))
	for _, c := range []struct {
		name      string
		got       float64
		low, high float64
	}{
		{"er reciprocity, the density by chance", measure.Reciprocity(chem("er")), density / 3, 2 * density},
		{"er clustering", measure.Clustering(chem("er")), density / 2, 2 * density},
		{"er degree sd", degree("er").SD, 3, 5}, // binomial: 3.9
		{"ba reciprocity", measure.Reciprocity(chem("ba")), 0, 0},
		{"ba largest degree", float64(degree("ba").Max), 50, 150},
		{"ring degree sd", degree("ring").SD, 0, .7},
		{"ring clustering", measure.Clustering(chem("ring")), .5, .7},
		{"ws clustering", measure.Clustering(chem("ws 0.2")), .2, .5},
		{"ws, all redrawn", measure.Clustering(chem("ws 1")), 0, .1},
		{"ring diameter", float64(measure.Paths(chem("ring")).Diameter), 30, 40},
		{"ws diameter", float64(measure.Paths(chem("ws 0.2")).Diameter), 4, 8},
	} {
		if !(c.got >= c.low && c.got <= c.high) {
			t.Errorf("%s: %v, expected %v to %v", c.name, c.got, c.low, c.high)
		}
	}
}

// TestErdosRenyiUniform: all 15 pairs of the 6 ordered pairs of 3 vertices come out equally often.
func TestErdosRenyiUniform(t *testing.T) {
	s, err := nullmodel.Sized(3, 1, 1, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	const runs = 7500
	for i := range runs {
		g, err := nullmodel.ErdosRenyi(t.Context(), s, tensor.NewKey(uint64(i), "uniform"))
		if err != nil {
			t.Fatal(err)
		}
		count[fmt.Sprint(g.Edges)]++
	}
	chi := 0.0
	for _, n := range count {
		chi += math.Pow(float64(n)-runs/15., 2) / (runs / 15.)
	}
	if len(count) != 15 || chi > 36.1 { // the .001 quantile at 14 degrees of freedom
		t.Errorf("%d graphs, chi square %.1f", len(count), chi)
	}
}

func TestImpossible(t *testing.T) {
	if _, err := nullmodel.Sized(3, 2, 2, 0, 0); err == nil {
		t.Error("more roles than neurons")
	}
	s, err := nullmodel.Sized(3, 1, 1, 7, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, generate := range generators {
		if _, err := generate(t.Context(), s, tensor.Key{}); err == nil {
			t.Errorf("%s: 7 arcs on 3 neurons", name)
		}
	}
	for _, p := range []float64{-.1, 1.1, math.NaN()} {
		if _, err := nullmodel.WattsStrogatz(t.Context(), s, p, tensor.Key{}); err == nil {
			t.Errorf("probability %v", p)
		}
		if _, err := nullmodel.PublishedRewireEdges(nil, 3, p, false, true, tensor.Key{}); err == nil {
			t.Errorf("probability %v", p)
		}
	}
}

// TestPublishedRewireEdges: it keeps the number of arcs with their layers and weights, obeys loops
// and multiple, and destroys degrees, reciprocity and gap symmetry.
func TestPublishedRewireEdges(t *testing.T) {
	arcs := connectome.ShippedArcs()
	symmetric := func(arcs []connectome.Edge) float64 {
		has := map[[2]int]bool{}
		n, both := 0, 0
		for _, e := range arcs {
			has[[2]int{e.Pre, e.Post}] = has[[2]int{e.Pre, e.Post}] || e.Layer == connectome.Gap
		}
		for _, e := range arcs {
			if e.Layer == connectome.Gap {
				n++
				if has[[2]int{e.Post, e.Pre}] {
					both++
				}
			}
		}
		return float64(both) / float64(n)
	}
	same, err := nullmodel.PublishedRewireEdges(arcs, 279, 0, false, true, tensor.Key{})
	if err != nil || !slices.Equal(same, arcs) {
		t.Errorf("p = 0 changed something (%v)", err)
	}
	for _, multiple := range []bool{false, true} {
		for _, allowLoops := range []bool{false, true} {
			out, err := nullmodel.PublishedRewireEdges(arcs, 279, 1, allowLoops, multiple, tensor.NewKey(1, "up"))
			if err != nil {
				t.Fatal(err)
			}
			pairs := map[[2]int]int{}
			selfs := 0
			for i, e := range out {
				if e.Layer != arcs[i].Layer || e.Weight != arcs[i].Weight {
					t.Fatal("layer or weight changed")
				}
				pairs[[2]int{e.Pre, e.Post}]++
				if e.Pre == e.Post {
					selfs++
				}
			}
			if (selfs > 0) != allowLoops {
				t.Errorf("loops %v: %d loops", allowLoops, selfs)
			}
			if (len(pairs) < len(out)) != multiple {
				t.Errorf("multiple %v: %d pairs for %d arcs", multiple, len(pairs), len(out))
			}
			if s := symmetric(out); s > .1 || symmetric(arcs) != 1 {
				t.Errorf("gap symmetry %v, was %v", s, symmetric(arcs))
			}
		}
	}
}
