package published_test

import (
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/connectome/tensornet/published"
	"elegans/internal/tinyworm"
	"elegans/tensor"
)

func TestRefusals(t *testing.T) {
	type config = published.Config
	for _, c := range []struct {
		variant published.Variant
		change  func(c *config)
		want    string
	}{
		{"torch", nil, `variant "torch": expected one of torch-eager, torch-functional`},
		{published.TorchEager, func(c *config) { c.EmbeddingDim = 0 }, "embedding_dim 0: expected 1 to 65536"},
		{published.TorchEager, func(c *config) { c.DropoutMHA = 1 }, "dropout_mha 1: expected a number"},
		{published.TorchEager, func(c *config) { c.Activation = "glu" }, `activation "glu": it halves the width`},
		{published.TorchEager, func(c *config) { c.Activation = "swish" }, `activation "swish", expected one of gelu, celu, elu,`},
		{published.TorchEager, func(c *config) { c.SkipConnectionType = "max" }, `skip_connection_type "max", expected one of mult, add`},
		{published.TorchEager, func(c *config) { c.IgnoredSynapses = []string{"SX"} }, `ignored_synapses "SX": expected pairs of the roles`},
		{published.TorchEager, func(c *config) { c.ProcessingOrder = "S->O,S->M" }, `processing_order "S->O,S->M": no group "S->M"`},
		{published.TorchFunctional, func(c *config) { c.ProcessingOrder = "S->S,M->M,S->O" }, `S->O must be one of the first two`},
		{published.TorchEager, func(c *config) { c.RecurrenceType = "last" }, `recurrence_type "last": only variant torch-functional`},
		{published.TorchEager, func(c *config) { c.InputSequences = "mix" }, `input_sequences "mix": only variant torch-functional`},
		{published.TorchFunctional, func(c *config) { c.InputSequences = "each" }, `input_sequences "each", expected one of "", independent, mix`},
		{published.TorchFunctional, func(c *config) { c.RecurrenceType = "concat" }, `recurrence_type "concat": named in the published code`},
		{published.TorchFunctional, func(c *config) { c.RecurrenceType, c.InputSequences = "add", "mix" }, `input_sequences "mix": a network with a recurrence_type`},
		{published.TorchFunctional, func(c *config) { c.EachSensor, c.RecurrenceType = true, "add" }, `input_sequences or recurrence_type "add": sensory neurons with inputs of their own`},
		{published.TorchFunctional, func(c *config) { c.EachSensor, c.InputSequences = true, "mix" }, `input_sequences or recurrence_type "mix": sensory neurons with inputs of their own`},
		{published.TorchFunctional, func(c *config) { c.AttentionType = "no-attn-learn-q" }, `attention_type "no-attn-learn-q": named in the published code`},
		{published.TorchFunctional, func(c *config) { c.AttentionType = "no-attn-router" }, `attention_type "no-attn-router": named in the published code`},
		{published.TorchFunctional, func(c *config) { c.HeadDim = nil }, "head_dim null: only variant torch-eager"},
	} {
		if _, err := published.New[float32](connectome.Shipped(), changed(c.variant, 4, c.change), tensor.NewKey(1, "test")); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "published: ") {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

// TestWrongGraphs: a graph for which the networks are not defined gets one clear line.
func TestWrongGraphs(t *testing.T) {
	neuron := func(name string, r connectome.Role) connectome.Neuron {
		return connectome.Neuron{Name: name, Role: r}
	}
	s, i, m := neuron("S", connectome.Sensory), neuron("I", connectome.Unknown), neuron("M", connectome.Motor)
	edge := func(pre, post int) connectome.Edge { return connectome.Edge{Pre: pre, Post: post, Weight: 1} }
	for _, c := range []struct {
		name    string
		neurons []connectome.Neuron
		edges   []connectome.Edge
		want    string
	}{
		{"empty", nil, nil, `graph "empty" has 0 neurons, 0 sensory and 0 motor, expected at least one of each`},
		{"one", []connectome.Neuron{s}, []connectome.Edge{edge(0, 0)}, `graph "one" has 1 neurons, 1 sensory and 0 motor`},
		{"deaf", []connectome.Neuron{i, m}, []connectome.Edge{edge(0, 1)}, `graph "deaf" has 2 neurons, 0 sensory and 1 motor`},
		{"limp", []connectome.Neuron{s, i}, []connectome.Edge{edge(0, 1)}, `graph "limp" has 2 neurons, 1 sensory and 0 motor`},
		{"apart", []connectome.Neuron{s, i, m}, []connectome.Edge{edge(0, 1), edge(2, 1)}, `graph "apart" with processing_order "S->O,I->O,M->O,S->S,I->I,M->M": no motor neuron is reached`},
		{"lonely", []connectome.Neuron{s, i, m}, []connectome.Edge{edge(0, 2)}, `graph "lonely": neuron "I" has no edge`},
	} {
		g, err := connectome.New(c.name, c.neurons, c.edges)
		if err != nil {
			t.Fatal(err)
		}
		for _, variant := range []published.Variant{published.TorchEager, published.TorchFunctional} {
			if _, err := published.New[float64](g, changed(variant, 4, nil), tensor.NewKey(1, "test")); err == nil || !strings.Contains(err.Error(), "published: "+c.want) {
				t.Errorf("%s: error %v, want %s", variant, err, c.want)
			}
		}
	}
}

// TestSlowGraph: against the order of processing a signal moves one connection a time step. A chain
// of interneurons that it has not crossed after as many steps as New looks at would need
// other units for longer signals.
func TestSlowGraph(t *testing.T) {
	chain := func(inter int) *connectome.Graph {
		neurons := []connectome.Neuron{{Name: "S", Role: connectome.Sensory}, {Name: "M", Role: connectome.Motor}}
		// the sensory neuron reaches the last one, which reaches the one before it, ...
		edges := []connectome.Edge{{Pre: 0, Post: 1, Weight: 1}, {Pre: 0, Post: inter + 1, Weight: 1}}
		for i := range inter {
			neurons = append(neurons, connectome.Neuron{Name: string(rune('a' + i)), Role: connectome.Inter})
			if i > 0 {
				edges = append(edges, connectome.Edge{Pre: i + 2, Post: i + 1, Weight: 1})
			}
		}
		g, err := connectome.New("chain", neurons, edges)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	recurrent := changed(published.TorchFunctional, 4, func(c *published.Config) { c.RecurrenceType = "last" })
	if _, err := published.New[float64](chain(8), recurrent, tensor.NewKey(1, "test")); err == nil || !strings.Contains(err.Error(), `graph "chain" a signal still reaches neurons for the first time at time step 4`) {
		t.Errorf("error %v", err)
	}
	n, err := published.New[float64](chain(3), recurrent, tensor.NewKey(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	tp := autograd.NewTape[float64]()
	tp.Backward(tp.Sum(n.Forward(tp, tp.Variable(tensor.New[float64](2, 9, 4)))))
}

// TestPublishedWrongInput: networks that take no sequences refuse them, and none takes an empty
// input.
func TestWrongInput(t *testing.T) {
	for _, c := range []struct {
		change func(c *published.Config)
		shape  []int
	}{
		{nil, []int{2, 5}}, {nil, []int{2, 3, 4}},
		{func(c *published.Config) { c.InputSequences = "mix" }, []int{2, 4}},
		{func(c *published.Config) { c.RecurrenceType = "last" }, []int{2, 0, 4}},
		{nil, []int{0, 4}},
		{func(c *published.Config) { c.RecurrenceType, c.NormOutput = "last", false }, []int{0, 2, 4}},
		{func(c *published.Config) { c.InputSequences, c.NormOutput = "mix", false }, []int{0, 2, 4}},
	} {
		n, err := published.New[float64](tinyworm.New(t), changed(published.TorchFunctional, 4, c.change), tensor.NewKey(1, "test"))
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Errorf("input %v: no ShapeError", c.shape)
				}
			}()
			tp := autograd.NewTape[float64]()
			n.Forward(tp, tp.Input(tensor.New[float64](c.shape...)))
		}()
	}
}
