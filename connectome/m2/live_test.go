package m2

import (
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/internal/reference"
	"elegans/tensor"
)

// TestLiveUnitsOfTheShippedWorm compares with the trace of the published program.
func TestLiveUnitsOfTheShippedWorm(t *testing.T) {
	live, err := LiveUnits(connectome.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	if live.Dense() != 118 || live.Multiply() != 203 || len(live.Motors) != 86 {
		t.Errorf("%d layers, %d products, %d motors, want 118, 203, 86", live.Dense(), live.Multiply(), len(live.Motors))
	}
	var want struct {
		Topology struct {
			Interneurons []struct{ Index, K int }
			Motors       []struct {
				Index  int
				Source *int
			}
		}
	}
	reference.Decode(t, "m2/m2_small.json", &want)
	if len(want.Topology.Interneurons) != len(live.Interneurons) || len(want.Topology.Motors) != len(live.Motors) {
		t.Fatalf("%d interneurons, %d motors, want %d, %d", len(live.Interneurons), len(live.Motors), len(want.Topology.Interneurons), len(want.Topology.Motors))
	}
	for i, u := range want.Topology.Interneurons {
		if got := live.Interneurons[i]; got != (Interneuron{u.Index, u.K - 1}) {
			t.Errorf("interneuron %d is %+v, want %+v", i, got, u)
		}
	}
	for i, m := range want.Topology.Motors {
		got := live.Motors[i]
		source := got.Source
		if source >= 0 {
			source = live.Interneurons[source].Vertex
		}
		wantSource := -1
		if m.Source != nil {
			wantSource = *m.Source
		}
		if got.Vertex != m.Index || source != wantSource {
			t.Errorf("motor %d is vertex %d and reads %d, want %d and %d", i, got.Vertex, source, m.Index, wantSource)
		}
	}
	units := len(want.Topology.Interneurons) + len(want.Topology.Motors)
	reference.Compared(t, "m2/m2_small.json", units, 32+86)
}

// graph builds a graph from roles such as "SIM" and edges such as "01" (from neuron 0 to neuron 1).
func graph(t testing.TB, roles string, arcs ...string) *connectome.Graph {
	t.Helper()
	var neurons []connectome.Neuron
	for i, r := range roles {
		role, err := connectome.ParseRole(string(r))
		if err != nil {
			t.Fatal(err)
		}
		neurons = append(neurons, connectome.Neuron{Name: string(rune('a' + i)), Role: role})
	}
	var edges []connectome.Edge
	for _, a := range arcs {
		edges = append(edges, connectome.Edge{Pre: int(a[0] - '0'), Post: int(a[1] - '0'), Weight: 1})
	}
	g, err := connectome.New("test", neurons, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestLiveUnitsRule(t *testing.T) {
	// Neurons: sensory 0 1, inter 2 3 4 5, motor 6 7 8 9. 4 hears no sensory neuron, so 7 reads 3;
	// 5 is read by nobody; 8 hears only a sensory neuron; 9 only a motor neuron.
	g := graph(t, "SSIIIIMMMM", "02", "12", "03", "05", "24", "26", "37", "47", "18", "69")
	live, err := LiveUnits(g)
	if err != nil {
		t.Fatal(err)
	}
	want := Live{[]Interneuron{{2, 1}, {3, 0}}, []Motor{{6, 0}, {7, 1}, {8, -1}}}
	if len(live.Interneurons) != 2 || live.Interneurons[0] != want.Interneurons[0] || live.Interneurons[1] != want.Interneurons[1] ||
		len(live.Motors) != 3 || live.Motors[0] != want.Motors[0] || live.Motors[1] != want.Motors[1] || live.Motors[2] != want.Motors[2] {
		t.Errorf("%+v, want %+v", live, want)
	}
}

func TestWrongGraphs(t *testing.T) {
	for _, c := range []struct {
		name string
		g    *connectome.Graph
		want string
	}{
		{"none", nil, "no neurons"},
		{"empty", graph(t, ""), "no neurons"},
		{"one vertex", graph(t, "S"), "1 neurons has 1 sensory and 0 motor"},
		{"no sensors", graph(t, "IIM", "01", "12"), "0 sensory and 1 motor"},
		{"no motors", graph(t, "SII", "01", "12"), "1 sensory and 0 motor"},
		{"unreachable", graph(t, "SIIM", "01", "12", "23"), "none of its 1 motor neurons is reached from its 1 sensory neurons"},
	} {
		_, err := New[float32](c.g, small("published"), tensor.NewKey(1, "m2"))
		if _, worm := New[float32](c.g, small("worm"), tensor.NewKey(1, "m2")); c.name != "unreachable" && worm == nil {
			t.Errorf("%s: core worm accepts it", c.name)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", c.name, err, c.want)
		}
	}
}

// TestParameters compares the size at the published width with the published program's.
func TestParameters(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: needs 350 MB")
	}
	a, err := New[float32](connectome.Shipped(), Config{}, tensor.NewKey(1, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	all := 0
	for _, p := range nn.Params[float32](a) {
		all += p.Value.Len()
	}
	if trained := nn.Count[float32](a); all != 87_851_345 || trained != 87_851_329 {
		t.Errorf("%d parameters, %d of them trained, want 87851345 and 87851329", all, trained)
	}
	a.Freeze()
	if trained := nn.Count[float32](a); trained != 1_587_953 {
		t.Errorf("%d parameters train in the echo version, want 1587953: decoder 1581681 and 4 normalisations of 1568", trained)
	}
}
