package nullmodel_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/connectome/nullmodel"
	"elegans/internal/memory"
	"elegans/tensor"
)

// sized returns a graph of n neurons with so many edges in each layer.
func sized(t *testing.T, n, chemical, gap int) *connectome.Graph {
	t.Helper()
	s, err := nullmodel.Sized(n, 1, 1, chemical, gap)
	if err != nil {
		t.Fatal(err)
	}
	g, err := nullmodel.Ring(t.Context(), s, tensor.NewKey(1, "sized"))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestModels: every registered model makes a control, stops with its context, and asks for memory
// before it takes it.
func TestModels(t *testing.T) {
	if names := nullmodel.Names(); !slices.IsSorted(names) || len(names) < 6 {
		t.Errorf("models %v", names)
	}
	small, large := sized(t, 50, 200, 100), sized(t, 4000, 60000, 20000)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, m := range nullmodel.Models() {
		if m.About == "" {
			t.Errorf("%s: nothing said about it", m.Name)
		}
		g, err := m.Make(t.Context(), small, tensor.NewKey(1, m.Name))
		if err != nil || !sameNeurons(g, small) {
			t.Errorf("%s: %v", m.Name, err)
		}
		if _, err := m.Make(stopped, small, tensor.NewKey(1, m.Name)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: not stopped: %v", m.Name, err)
		}
		t.Setenv(memory.Variable, "4MiB")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = m.Make(t.Context(), large, tensor.NewKey(1, m.Name))
		runtime.ReadMemStats(&after)
		t.Setenv(memory.Variable, "")
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; !errors.Is(err, memory.ErrLimit) || took > 16 {
			t.Errorf("%s: %v, after %d MiB", m.Name, err, took)
		}
	}
	if _, err := nullmodel.Lookup("fly\x1b"); err == nil ||
		!strings.Contains(err.Error(), `"fly\x1b": unknown, expected one of ba, complete, er`) {
		t.Errorf("an unknown model: %v", err)
	}
}

// TestCompleteOfManyNeurons: 131,000 neurons would have 17 billion edges.
func TestCompleteOfManyNeurons(t *testing.T) {
	neurons := 131000
	_, err := nullmodel.Complete(t.Context(), nullmodel.Spec{Neurons: make([]connectome.Neuron, neurons)})
	if !errors.Is(err, memory.ErrLimit) ||
		!strings.HasPrefix(err.Error(), "complete: 131000 neurons with 1.716e+10 edges: about 2.81 TiB") {
		t.Errorf("%v", err)
	}
}

// TestManyNeurons makes controls whose cost once grew with the product of neurons and edges.
func TestManyNeurons(t *testing.T) {
	n := 131000
	if testing.Short() {
		n = 20000
	}
	g := sized(t, n, 4*n, 2*n)
	for _, name := range []string{"er", "ba", "ws", "ring"} {
		m, err := nullmodel.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		h, err := m.Make(t.Context(), g, tensor.NewKey(1, name))
		if err != nil {
			t.Fatal(err)
		}
		checkMatched(t, name, g, h)
	}
}

// TestWattsStrogatzFree: redrawn ends are uniform over the vertices that are neither the first end
// nor joined to it. Of six vertices on a directed cycle, with everything redrawn, each end is left
// four others or its own.
func TestWattsStrogatzFree(t *testing.T) {
	s, err := nullmodel.Sized(6, 1, 1, 6, 0)
	if err != nil {
		t.Fatal(err)
	}
	step := map[int]int{}
	const runs = 6000
	for i := range runs {
		g, err := nullmodel.WattsStrogatz(t.Context(), s, 1, tensor.NewKey(uint64(i), "free"))
		if err != nil {
			t.Fatal(err)
		}
		_, out := g.Degrees(connectome.Chemical)
		for _, e := range g.Edges {
			if e.Pre == e.Post {
				t.Fatalf("a loop in %v", g.Edges)
			}
			if out[e.Pre] != 1 {
				t.Fatalf("the first end of an edge moved: %v", out)
			}
			step[e.Post]++
		}
	}
	for v := range 6 { // places are dealt out at random, so all ends are alike
		if d := float64(step[v])/runs - 1; d < -.06 || d > .06 {
			t.Errorf("vertex %d is reached by %d edges in %d graphs", v, step[v], runs)
		}
	}
}
