package transformer_test

import (
	"testing"

	"elegans/esn"
	"elegans/tensor"
	"elegans/transformer"
)

// TestEchoRefusals: one line for what cannot be.
func TestEchoRefusals(t *testing.T) {
	for _, c := range []struct {
		change func(c *transformer.EchoConfig)
		want   string
	}{
		{func(c *transformer.EchoConfig) { c.Direction = "up" }, `direction "up"`},
		{func(c *transformer.EchoConfig) { c.Train = []transformer.TrainedPart{"all"} }, `train "all"`},
		{func(c *transformer.EchoConfig) { c.Train = []transformer.TrainedPart{"leak", "leaks"} }, `train "leak" and "leaks"`},
		{func(c *transformer.EchoConfig) { c.Train, c.Reservoir.BiasScale = []transformer.TrainedPart{"bias"}, 0 }, "bias_scale 0"},
		{func(c *transformer.EchoConfig) { c.Inputs = -1 }, "inputs -1"},
		{func(c *transformer.EchoConfig) { c.Dropout = 1 }, "dropout 1"},
		{func(c *transformer.EchoConfig) { c.Reservoir.Layers = 2 }, "reservoir.layers 2"},
		{func(c *transformer.EchoConfig) { c.Reservoir.FeedbackScale = 1 }, "reservoir.feedback_scale"},
		{func(c *transformer.EchoConfig) { c.Reservoir.InputNoise = 1 }, "reservoir.input_noise"},
		{func(c *transformer.EchoConfig) { c.Reservoir.StateNoise = 1 }, "reservoir.state_noise"},
		{func(c *transformer.EchoConfig) { c.Reservoir.NVAR = esn.NVAR{Delay: 1, Stride: 1, Order: 1} }, "reservoir.nvar"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutInput = true }, "reservoir.readout_input"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutSquares = true }, "reservoir.readout_squares"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutTimes = 2 }, "reservoir.readout_times"},
		{func(c *transformer.EchoConfig) { c.Reservoir.Topology = "star" }, "star"},
		{func(c *transformer.EchoConfig) { c.Reservoir.ReadoutNeurons = []string{"6"} }, `neurons "6"`},
	} {
		e := transformer.EchoConfig{Reservoir: reservoir("random")}
		c.change(&e)
		_, err := transformer.NewEchoMixer[float64](tensor.NewKey(1, "mixer"), e, 3)
		oneLine(t, err, c.want)
	}
	for _, c := range []struct {
		change func(c *transformer.EchoTransformerConfig)
		want   string
	}{
		{func(c *transformer.EchoTransformerConfig) { c.Inputs = 0 }, "inputs 0"},
		{func(c *transformer.EchoTransformerConfig) { c.Outputs = 0 }, "outputs 0"},
		{func(c *transformer.EchoTransformerConfig) { c.Dim = -1 }, "dim -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Units = 1001 }, "units 1001"},
		{func(c *transformer.EchoTransformerConfig) { c.Depth = -1 }, "depth -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Hidden = -1 }, "hidden -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Dropout = -1 }, "dropout -1"},
		{func(c *transformer.EchoTransformerConfig) { c.Pooling = "class" }, `pooling "class"`},
		{func(c *transformer.EchoTransformerConfig) { c.Activation = "step" }, "step"},
		{func(c *transformer.EchoTransformerConfig) { c.Image, c.Patch = [3]int{1, 4, 4}, [2]int{3, 4} }, "patch of 3 x 4"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.Groups = 2 }, "reservoir.groups 2"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.Leak = esn.Fixed(.5) }, "reservoir.leak"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.ReadoutNeurons = []string{"1"} }, "reservoir.readout_neurons"},
		{func(c *transformer.EchoTransformerConfig) { c.Reservoir.Layers = 2 }, "reservoir.layers 2"},
	} {
		e := memories(t)["last"]
		c.change(&e)
		_, err := transformer.NewEchoTransformer[float64](tensor.NewKey(1, "memory"), e)
		oneLine(t, err, c.want)
	}
}
