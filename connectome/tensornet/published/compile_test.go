package published

import (
	"encoding/json"
	"slices"
	"testing"

	"elegans/connectome"
	"elegans/internal/reference"
	"elegans/tensor"
	"elegans/tensor/program"
)

// TestTrace compares the program that torch-eager compiles, dead steps included, with the recorded
// operations of the published code.
func TestTrace(t *testing.T) {
	var traces map[SkipConnection]struct {
		Stack []int `json:"motor_stack_order"`
		Ops   []struct {
			Op   string
			Unit int      `json:"unit"`
			Src  int      `json:"src_neuron"`
			Dst  int      `json:"dst"`
			Srcs []string `json:"srcs"`
			Out  string   `json:"out"`
			Live bool     `json:"live"`
		}
	}
	reference.Decode(t, "connectome/torch_tn_ops.json", &traces)
	g := connectome.Shipped()
	compared := 0
	for _, skip := range []SkipConnection{Mult, Add} {
		c := Default(TorchEager, 8, 8)
		c.SkipConnectionType = skip
		if err := c.Complete(); err != nil {
			t.Fatal(err)
		}
		k := newCompiler(g, &c, 1)
		k.pass(g, 0)
		names := map[int]string{0: "x"} // of values
		at := 0
		for i, op := range traces[skip].Ops {
			if at >= len(k.steps) {
				t.Fatalf("%s: the program ends at operation %d of %d", skip, i, len(traces[skip].Ops))
			}
			s := k.steps[at]
			var srcs []string
			switch s.Kind {
			case program.Linear:
				srcs = []string{names[s.A]}
				if op.Op != "dense" {
					t.Fatalf("%s: operation %d is %s, compiled to a linear map", skip, i, op.Op)
				}
				at++
				if a := k.steps[at]; a.Kind != program.Act || a.A != at || a.Unit != s.Unit {
					t.Fatalf("%s: operation %d: no activation after the linear map", skip, i)
				}
			case program.Mul, program.Add:
				srcs = []string{names[s.A], names[s.B]}
				if op.Op != map[program.Kind]string{program.Mul: "multiply", program.Add: "add"}[s.Kind] {
					t.Fatalf("%s: operation %d is %s, compiled to %v", skip, i, op.Op, s)
				}
			}
			if s.Unit != op.Dst || !sameSet(srcs, op.Srcs) {
				t.Fatalf("%s: operation %d joins %v at neuron %d, want %v at %d", skip, i, srcs, s.Unit, op.Srcs, op.Dst)
			}
			at++
			names[at] = op.Out // the value of step at-1; there is one input
		}
		if at != len(k.steps) {
			t.Errorf("%s: %d steps, %d of them recorded", skip, len(k.steps), at)
		}
		compared += len(traces[skip].Ops)
		if got := motorsByAppearance(g); !slices.Equal(got, traces[skip].Stack) {
			t.Errorf("stack %v, want %v", got, traces[skip].Stack)
		}
	}
	reference.Compared(t, "connectome/torch_tn_ops.json", compared, 2*2756)
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// TestCounts compares how many operations there are, and how many reach the output, with the
// recorded numbers.
func TestCounts(t *testing.T) {
	var sums map[string]json.RawMessage
	reference.Decode(t, "connectome/torch_tn_summary.json", &sums)
	compared := 0
	graphs := map[string]*connectome.Graph{"as_shipped": connectome.Shipped(), "corrected": connectome.Canonical()}
	for _, c := range []struct {
		name    string
		variant Variant
		view    string
		skip    SkipConnection
	}{
		{"eager/as_shipped/mult", TorchEager, "as_shipped", Mult}, {"eager/as_shipped/add", TorchEager, "as_shipped", Add},
		{"functional/as_shipped/mult", TorchFunctional, "as_shipped", Mult},
		{"eager/corrected/mult", TorchEager, "corrected", Mult}, {"functional/corrected/mult", TorchFunctional, "corrected", Mult},
	} {
		var want struct {
			Live    int            `json:"live_ops"`
			ByOp    map[string]int `json:"live_by_op"`
			Motors  int            `json:"motors_out"`
			Ignored *int           `json:"ignored"`
		}
		if err := json.Unmarshal(sums[c.name], &want); err != nil {
			t.Fatal(err)
		}
		config := Default(c.variant, 8, 8)
		config.SkipConnectionType = c.skip
		n, err := New[float64](graphs[c.view], config, tensor.NewKey(1, "test"))
		if err != nil {
			t.Fatal(err)
		}
		linear, others := n.Steps(1)
		if linear != want.ByOp["dense"] || others-linear != want.Live-want.ByOp["dense"] || len(n.Motors) != want.Motors {
			t.Errorf("%s: %d linear maps, %d merges, %d motor neurons, want %d, %d, %d", c.name, linear, others-linear, len(n.Motors), want.ByOp["dense"], want.Live-want.ByOp["dense"], want.Motors)
		}
		compared++
		if want.Ignored != nil && n.IgnoredConnections() != *want.Ignored {
			t.Errorf("%s: %d connections ignored, want %d", c.name, n.IgnoredConnections(), *want.Ignored)
		}
	}
	reference.Compared(t, "connectome/torch_tn_summary.json", compared, 5)
}
