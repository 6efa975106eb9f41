package published

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"elegans/internal/choice"
	"elegans/tensor"
	"elegans/tensor/program"
)

// Config are the options of the published networks, under the names that their code gives them.
// Start from Default; the zero value of a text field stands for its default.
type Config struct {
	Variant Variant `json:"variant"`

	// InputDim is the length of x. Where it is not EmbeddingDim, x is projected first.
	InputDim int `json:"input_dim"`
	// EmbeddingDim is d, the length of a neuron's value.
	EmbeddingDim int `json:"embedding_dim"`

	// Activation is "gelu" by default.
	Activation Activation `json:"activation"`
	// NormTensorUnit gives every unit a layer normalisation.
	NormTensorUnit bool `json:"norm_tensor_unit"`
	// SkipConnectionType is Mult by default.
	SkipConnectionType SkipConnection `json:"skip_connection_type"`
	// ReapplyUnitSynapses are pairs of roles ("SI") whose signals pass the unit again before they
	// are added.
	ReapplyUnitSynapses []string `json:"reapply_unit_synapses,omitzero"`
	// IgnoredSynapses are pairs of roles that are left out.
	IgnoredSynapses []string `json:"ignored_synapses,omitzero"`
	// SkipConnOnlySynapses has no effect, as in their code.
	SkipConnOnlySynapses []string `json:"skip_conn_only_synapses,omitzero"`
	// ProcessingOrder lists groups of connections, "S->O,I->O,M->O,S->S,I->I,M->M" by default; O
	// stands for the other two roles.
	ProcessingOrder string `json:"processing_order"`

	// NHeads are the heads of the attention. Nil stands for one for each motor neuron (TorchEager)
	// or for each that is reached (TorchFunctional).
	NHeads *int `json:"n_heads,omitzero"`
	// HeadDim are the columns of a head. Nil stands for embedding_dim/n_heads, with all heads in
	// one projection (TorchEager only).
	HeadDim *int `json:"head_dim,omitzero"`
	// AdjustNHeads, without head_dim, lowers n_heads to a divisor of embedding_dim, instead of
	// raising embedding_dim to a multiple of n_heads.
	AdjustNHeads bool `json:"adjust_n_heads"`
	// DropoutMHA is the dropout of the attended values.
	DropoutMHA float64 `json:"dropout_mha"`
	// AttentionType is Cross by default: see Network.Forward.
	AttentionType AttentionType `json:"attention_type"`
	// NormOutput gives the output a layer normalisation.
	NormOutput bool `json:"norm_output"`

	// InputSequences says how x [batch, time, d] is taken; empty: x is [batch, d].
	InputSequences InputSequences `json:"input_sequences"`
	// RecurrenceType says how the outputs of the time steps of x [batch, time, d] become one;
	// empty: no recurrence. Unknown words stand for the mean, as in their code.
	RecurrenceType RecurrenceType `json:"recurrence_type"`
	// Reservoir trains nothing, and no gradient passes.
	Reservoir bool `json:"reservoir"`

	// EachSensor gives every sensory neuron an input of its own: x is [batch, sensory neurons *
	// input_dim], in the order of Graph.WithRole. This is no option of theirs, where all sensory
	// neurons receive the same x, and no key in JSON. The query of the attention, and what a skip
	// connection adds, is then the mean of the inputs, so that inputs that are all the same give
	// what the published network makes of one.
	EachSensor bool `json:"-"`
}

// Activation is the name of an activation in the published code: see Activations.
type Activation string

// SkipConnection is what joins the value that a neuron has with one that it receives.
type SkipConnection string

// What a skip connection computes.
const (
	Mult SkipConnection = "mult" // the product, element by element
	Add  SkipConnection = "add"  // the sum
)

// AttentionType is the way in which the motor neurons' values are pooled: see Network.Forward.
// Unknown words stand for Self, as in the published code.
type AttentionType string

// The poolings. Those that begin with LearnQ or NoAttn are known to TorchFunctional only.
const (
	Cross           AttentionType = "cross"
	CrossSkip       AttentionType = "cross-skip"
	Self            AttentionType = "self"
	SelfCross       AttentionType = "self-cross"
	LearnQCross     AttentionType = "learn-q-cross"
	LearnQCrossSkip AttentionType = "learn-q-cross-skip"
	LearnQSelfCross AttentionType = "learn-q-self-cross"
	NoAttnSum       AttentionType = "no-attn-sum"
	NoAttnAvg       AttentionType = "no-attn-avg"
	NoAttnMax       AttentionType = "no-attn-max"
	NoAttnLSTM      AttentionType = "no-attn-lstm"
	noAttnLearnQ    AttentionType = "no-attn-learn-q"
	noAttnRouter    AttentionType = "no-attn-router"
)

// InputSequences is the way in which a network without recurrence takes sequences.
type InputSequences string

// What becomes of the time steps of a sequence.
const (
	Independent InputSequences = "independent" // each is an example of its own
	Mix         InputSequences = "mix"         // each attends to the motor neurons of all
)

// RecurrenceType is what makes one output of those of all time steps.
type RecurrenceType string

// How the outputs of the time steps are joined.
const (
	Last   RecurrenceType = "last"
	Max    RecurrenceType = "max"
	Sum    RecurrenceType = "add"
	Avg    RecurrenceType = "avg"
	concat RecurrenceType = "concat"
)

// Default returns the defaults of the code of a variant for x of length inputDim and values of
// length embeddingDim.
func Default(variant Variant, inputDim, embeddingDim int) Config {
	headDim := 32
	return Config{
		Variant: variant, InputDim: inputDim, EmbeddingDim: embeddingDim, HeadDim: &headDim, AdjustNHeads: true, NormOutput: true,
	}
}

const defaultOrder = "S->O,I->O,M->O,S->S,I->I,M->M"

// maxWidth bounds the dimensions of a configuration.
const maxWidth = 1 << 16

// Complete replaces empty text fields by their defaults. It returns an error that names the first
// option whose value the variant refuses.
func (c *Config) Complete() error {
	r := variants[c.Variant]
	if r == nil {
		return c.refuse("variant", c.Variant, "expected one of "+names(variants))
	}
	c.ProcessingOrder = cmp.Or(c.ProcessingOrder, defaultOrder)
	c.AttentionType = cmp.Or(c.AttentionType, Cross) // unknown words are allowed
	if err := c.checkNumbers(r); err != nil {
		return err
	}
	if c.Activation == "glu" {
		return c.refuse("activation", c.Activation,
			"it halves the width of a value, so that nothing can be merged with it")
	}
	others := slices.DeleteFunc(Activations(), func(a Activation) bool { return a == "gelu" })
	if err := choice.Complete(
		choice.Of("activation", &c.Activation, append([]Activation{"gelu"}, others...)...),
		choice.Of("skip_connection_type", &c.SkipConnectionType, Mult, Add),
	); err != nil {
		return fmt.Errorf("published: %w", err)
	}
	if err := c.checkSynapses(r); err != nil {
		return err
	}
	return c.checkHead(r)
}

func (c *Config) refuse(option string, value any, why string) error {
	if value == nil {
		value = "null"
	} else if v := reflect.ValueOf(value); v.Kind() == reflect.String {
		value = strconv.Quote(v.String())
	}
	return fmt.Errorf("published: %s %v: %s", option, value, why)
}

func (c *Config) checkNumbers(r *rules) error {
	for _, n := range []struct {
		name  string
		value *int
		max   int
	}{{"input_dim", &c.InputDim, maxWidth}, {"embedding_dim", &c.EmbeddingDim, maxWidth}, {"n_heads", c.NHeads,
		maxWidth}, {"head_dim", c.HeadDim, maxWidth}} {
		if n.value != nil && (*n.value < 1 || *n.value > n.max) {
			return c.refuse(n.name, *n.value, fmt.Sprintf("expected 1 to %d", n.max))
		}
	}
	if c.HeadDim == nil && !r.fusedAttention {
		return c.refuse("head_dim", nil, fmt.Sprintf("only variant %s has an attention without it", TorchEager))
	}
	if !(c.DropoutMHA >= 0 && c.DropoutMHA < 1) {
		return c.refuse("dropout_mha", c.DropoutMHA, "expected a number from 0 up to, not including, 1")
	}
	return nil
}

func (c *Config) checkSynapses(r *rules) error {
	for _, list := range []struct {
		name  string
		pairs []string
	}{{"reapply_unit_synapses", c.ReapplyUnitSynapses}, {"ignored_synapses",
		c.IgnoredSynapses}, {"skip_conn_only_synapses", c.SkipConnOnlySynapses}} {
		for _, p := range list.pairs {
			if len(p) != 2 || strings.Trim(p, "SIM") != "" {
				return c.refuse(list.name, p, "expected pairs of the roles S, I and M, such as SI")
			}
		}
	}
	tokens := strings.Split(c.ProcessingOrder, ",")
	for _, t := range tokens {
		if r.tokens[t] == nil && !r.unknownTokens {
			return c.refuse("processing_order",
				c.ProcessingOrder, fmt.Sprintf("no group %q, expected %s", t, names(r.tokens)))
		}
	}
	if r.unknownTokens && !slices.Contains(tokens[:min(2, len(tokens))], "S->O") {
		return c.refuse("processing_order", c.ProcessingOrder, "S->O must be one of the first two groups")
	}
	return nil
}

func (c *Config) checkHead(r *rules) error {
	if r.poolings && (c.AttentionType == noAttnLearnQ || c.AttentionType == noAttnRouter) {
		return c.refuse("attention_type", c.AttentionType, "named in the published code, but not implemented there")
	}
	if !r.sequences {
		why := fmt.Sprintf("only variant %s takes sequences", TorchFunctional)
		if c.InputSequences != "" {
			return c.refuse("input_sequences", c.InputSequences, why)
		}
		if c.RecurrenceType != "" {
			return c.refuse("recurrence_type", c.RecurrenceType, why)
		}
	}
	if c.RecurrenceType == concat {
		return c.refuse("recurrence_type", c.RecurrenceType, "named in the published code, but not implemented there")
	}
	if err := choice.Complete(choice.Of("input_sequences", &c.InputSequences, "", Independent, Mix)); err != nil {
		return fmt.Errorf("published: %w", err)
	}
	if sequences := string(c.InputSequences) + string(c.RecurrenceType); c.EachSensor && sequences != "" {
		return c.refuse("input_sequences or recurrence_type", sequences, "sensory neurons with inputs of their own take no sequences")
	}
	if c.InputSequences != "" && c.RecurrenceType != "" {
		return c.refuse("input_sequences",
			c.InputSequences, "a network with a recurrence_type takes the steps of a sequence one after the other")
	}
	return nil
}

// activations are the activations that the published code knows, by name: those of
// tensor.Activations, and three that are no functions of one variable.
var activations = func() map[Activation]program.Activation[float64] {
	all := map[Activation]program.Activation[float64]{
		"prelu": {Kind: program.PReLU}, "rrelu": {Kind: program.RReLU}, "softmax": {Kind: program.Softmax},
	}
	for _, name := range []string{
		"celu", "elu", "gelu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu",
		"relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh",
	} {
		f, err := tensor.ActivationOf(name)
		if err != nil {
			panic(err)
		}
		all[Activation(name)] = program.Activation[float64]{Op: f.Op, A: f.A, B: f.B}
	}
	return all
}()

// Activations returns the names of the activations. "softmax" is over the components of a
// value, "prelu" has one learned slope, "rrelu" draws slopes in training.
func Activations() []Activation { return slices.Sorted(maps.Keys(activations)) }

// names lists the keys of a table for an error.
func names[K ~string, V any](table map[K]V) string {
	var list []string
	for name := range table {
		list = append(list, string(name))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
