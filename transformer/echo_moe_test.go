package transformer_test

import (
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/transformer"
)

func newEchoMoE(t *testing.T, c transformer.EchoMoEConfig) (*transformer.EchoReadout[float64], error) {
	t.Helper()
	return transformer.NewEchoMoE[float64](tensor.NewKey(1, "echo"), c)
}

func smallEchoMoE() transformer.EchoMoEConfig {
	return transformer.EchoMoEConfig{Inputs: 3, Outputs: 2, Reservoir: reservoir("random"), Hidden: 4}
}

// TestEchoMoE: gradients of the experts, of the gates and of the input, with the loss that balances
// the experts; and padding has no share in that loss.
func TestEchoMoE(t *testing.T) {
	m, err := newEchoMoE(t, smallEchoMoE())
	if err != nil {
		t.Fatal(err)
	}
	shake(m)
	lengths := []int{4, 0, 1}
	objective := func(tp *autograd.Tape[float64], x *autograd.Var[float64], lengths []int) *autograd.Var[float64] {
		return tp.WithAddedLosses(tp.Sum(tp.Square(m.Run(tp, x, lengths))))
	}
	f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		tp.Training = false // noise moves rows from expert to expert
		return []*autograd.Var[float64]{objective(tp, in[0], lengths)}
	}
	if _, err := gradcheck.Check(f, gradcheck.Options{Params: nn.Trainable[float64](m)}, sequences(3, 4)); err != nil {
		t.Error(err)
	}
	tp := autograd.NewTape[float64]()
	tp.Training = false
	x := sequences(1, 6)
	whole := objective(tp, tp.Input(x), []int{3}).Value.Clone()
	tp = autograd.NewTape[float64]()
	tp.Training = false
	short := objective(tp, tp.Input(x.Slice(1, 0, 3, 1).Contiguous()), nil).Value
	near(t, "loss of a sequence with padding", whole, short)
}

func TestEchoMoERefusals(t *testing.T) {
	for want, change := range map[string]func(c *transformer.EchoMoEConfig){
		"5 experts for each row":    func(c *transformer.EchoMoEConfig) { c.Chosen = 5 },
		"experts -1":                func(c *transformer.EchoMoEConfig) { c.Experts, c.Chosen = -1, 1 },
		"hidden -1":                 func(c *transformer.EchoMoEConfig) { c.Hidden = -1 },
		"outputs 0":                 func(c *transformer.EchoMoEConfig) { c.Outputs = 0 },
		"0 inputs":                  func(c *transformer.EchoMoEConfig) { c.Inputs = 0 },
		"step":                      func(c *transformer.EchoMoEConfig) { c.Activation = "step" },
		"reservoir.layers 2":        func(c *transformer.EchoMoEConfig) { c.Reservoir.Layers = 2 },
		"reservoir.readout_neurons": func(c *transformer.EchoMoEConfig) { c.Reservoir.ReadoutNeurons = []string{"1"} },
	} {
		c := smallEchoMoE()
		change(&c)
		_, err := newEchoMoE(t, c)
		oneLine(t, err, want)
	}
}
