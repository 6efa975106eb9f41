package zoo

import (
	"encoding/json"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
	"elegans/transformer"
)

// TestReservoirsInModels: what the descriptions of echo-state models become.
func TestReservoirsInModels(t *testing.T) {
	for _, model := range []string{"echo-vit", "est"} {
		for topology, neurons := range map[string]int{"random": 30, onConnectome: 279} {
			t.Run(model+" "+topology, func(t *testing.T) {
				e, err := Lookup(model)
				if err != nil {
					t.Fatal(err)
				}
				s := e.Spec()
				s.Input, s.Classes = [3]int{1, 8, 8}, 3
				for option, value := range map[string]any{"topology": topology, "neurons": 30, "depth": 1} {
					if err := s.Set(option, value); err != nil {
						t.Fatal(err)
					}
				}
				built, err := Build[float32](s)
				if err != nil {
					t.Fatal(err)
				}
				switch m := built.(type) {
				case *transformer.Transformer[float32]:
					mixer := m.Blocks[0].Tokens.(*transformer.EchoMixer[float32])
					if n := mixer.Reservoir.Size(); n != neurons || mixer.Direction != transformer.Both {
						t.Errorf("%d neurons in direction %s, expected %d in both", n, mixer.Direction, neurons)
					}
					if m.Positions != nil {
						t.Error("the tokens have positions")
					}
				case *transformer.EchoTransformer[float32]:
					if n := m.Layers[0].Memory.Input.Value.Dim(1); n != neurons {
						t.Errorf("%d neurons in a unit, expected %d", n, neurons)
					}
				}
				// A description is complete: completed and read again, it is the same.
				if err := s.Complete(); err != nil {
					t.Fatal(err)
				}
				first, err := json.Marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				var again Spec
				if err := json.Unmarshal(first, &again); err != nil {
					t.Fatal(err)
				}
				if err := again.Complete(); err != nil {
					t.Fatal(err)
				}
				if second, err := json.Marshal(again); err != nil || !slices.Equal(first, second) {
					t.Errorf("error %v, the description\n%s\nis read as\n%s", err, first, second)
				}
				var described struct {
					Graph *struct{ SHA256 string }
				}
				if err := json.Unmarshal(first, &described); err != nil {
					t.Fatal(err)
				}
				if (described.Graph != nil) != (topology == onConnectome) {
					t.Errorf("topology %s: the description is %s", topology, first)
				}
				idle, _, _ := s.Idle("graph")
				if idle == (topology == onConnectome) {
					t.Errorf("the option graph does nothing: %v", idle)
				}
			})
		}
	}
}

// TestNoWiringWithoutAConnectome: only reservoirs on a connectome have a wiring.
func TestNoWiringWithoutAConnectome(t *testing.T) {
	var g Graph
	c := esn.Defaults()
	if wiringOf(&c, &g) != nil {
		t.Error("a random reservoir has a wiring")
	}
	if c.Topology = onConnectome; wiringOf(&c, &g) != &g {
		t.Error("a reservoir on a connectome has none")
	}
}

// TestRowLSTM: rows of an image in order, judged by the state after the last.
func TestRowLSTM(t *testing.T) {
	built, err := Build[float64](Spec{Model: "row-lstm", Input: [3]int{1, 4, 3}, Classes: 2, Seed: 1, Config: RowLSTMConfig{Units: 5}})
	if err != nil {
		t.Fatal(err)
	}
	m := built.(*RowLSTM[float64])
	x := tensor.Normal[float64](tensor.NewKey(1, "x"), 0, 1, 2, 1, 4, 3)
	tp := autograd.NewTape[float64]()
	got := m.Forward(tp, tp.Input(x)).Value
	_, h, _ := m.Net.Run(tp, tp.Input(x.Reshape(2, 4, 3)))
	want := m.Head.Forward(tp, tp.Reshape(h, 2, 5)).Value
	for i, w := range want.Data() {
		if d := got.Data()[i] - w; d > 1e-14 || d < -1e-14 {
			t.Fatalf("logit %d is %v, want %v", i, got.Data()[i], w)
		}
	}
	if n := nn.Count(built); n != 4*5*(3+5+2)+5*2+2 {
		t.Errorf("%d parameters", n)
	}
}
