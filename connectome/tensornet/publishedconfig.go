package tensornet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elegans/tensor"
)

// PublishedConfig are the knobs of the published tensor networks, under the names that their code
// gives them. Start from DefaultPublished; the zero value of a text field stands for its default.
type PublishedConfig struct {
	Variant string `json:"variant"` // TorchEager or TorchFunctional

	// length of x; where it is not embedding_dim, x is projected first
	InputDim     int `json:"input_dim"`
	EmbeddingDim int `json:"embedding_dim"` // d, the length of a neuron's value

	// see PublishedActivations; "gelu"
	Activation string `json:"activation"`
	// every unit has a layer normalisation
	NormTensorUnit bool `json:"norm_tensor_unit"`
	// "mult": the product of what a neuron has and what it receives, or "add": the sum
	SkipConnectionType string `json:"skip_connection_type"`
	// pairs of roles ("SI") whose signals pass the unit again before they are added
	ReapplyUnitSynapses []string `json:"reapply_unit_synapses"`
	// pairs of roles that are left out
	IgnoredSynapses []string `json:"ignored_synapses"`
	// without effect, as in their code
	SkipConnOnlySynapses []string `json:"skip_conn_only_synapses"`
	// groups of connections, "S->O,I->O,M->O,S->S,I->I,M->M"; O stands for the other two roles
	ProcessingOrder string `json:"processing_order"`

	// of the attention; nil: one for each motor neuron (torch-eager) or for each that is reached
	// (torch-functional)
	NHeads *int `json:"n_heads"`
	// columns of a head; nil: embedding_dim/n_heads, all in one projection (torch-eager)
	HeadDim *int `json:"head_dim"`
	// without head_dim: lower n_heads to a divisor of embedding_dim, instead of raising
	// embedding_dim to a multiple of n_heads
	AdjustNHeads  bool    `json:"adjust_n_heads"`
	DropoutMHA    float64 `json:"dropout_mha"`    // of the attended values
	AttentionType string  `json:"attention_type"` // "cross", see Published.Forward
	NormOutput    bool    `json:"norm_output"`    // layer normalisation of the output

	// of x [batch, time, d]: "independent", "mix" or none
	InputSequences string `json:"input_sequences"`
	// of x [batch, time, d]: "last", "max", "add", another word for the mean, or none
	RecurrenceType string `json:"recurrence_type"`
	Reservoir      bool   `json:"reservoir"` // nothing is trained, and no gradient passes
}

// DefaultPublished returns the defaults of the code of a variant for x of length inputDim and
// values of length embeddingDim.
func DefaultPublished(variant string, inputDim, embeddingDim int) PublishedConfig {
	headDim := 32
	return PublishedConfig{Variant: variant, InputDim: inputDim, EmbeddingDim: embeddingDim, HeadDim: &headDim, AdjustNHeads: true, NormOutput: true}
}

const defaultOrder = "S->O,I->O,M->O,S->S,I->I,M->M"

// maxWidth bounds the dimensions of a configuration.
const maxWidth = 1 << 16

// Complete replaces empty text fields by their defaults. It returns an error that names the first
// option whose value the variant refuses.
func (c *PublishedConfig) Complete() error {
	r := variants[c.Variant]
	if r == nil {
		return c.refuse("variant", c.Variant, "expected one of "+strings.Join(slices.Sorted(maps.Keys(variants)), ", "))
	}
	for _, f := range []struct {
		value *string
		def   string
	}{{&c.Activation, "gelu"}, {&c.SkipConnectionType, "mult"}, {&c.ProcessingOrder, defaultOrder}, {&c.AttentionType, "cross"}} {
		if *f.value == "" {
			*f.value = f.def
		}
	}
	if err := c.checkNumbers(r); err != nil {
		return err
	}
	if _, ok := publishedActivations[c.Activation]; !ok {
		if c.Activation == "glu" {
			return c.refuse("activation", c.Activation, "it halves the width of a value, so that nothing can be merged with it")
		}
		return c.refuse("activation", c.Activation, "expected one of "+strings.Join(PublishedActivations(), ", "))
	}
	if c.SkipConnectionType != "mult" && c.SkipConnectionType != "add" {
		return c.refuse("skip_connection_type", c.SkipConnectionType, "expected mult or add")
	}
	if err := c.checkSynapses(r); err != nil {
		return err
	}
	return c.checkHead(r)
}

func (c *PublishedConfig) refuse(option string, value any, why string) error {
	switch v := value.(type) {
	case nil:
		value = "null"
	case string:
		value = fmt.Sprintf("%q", v)
	}
	return fmt.Errorf("tensornet: %s %v: %s", option, value, why)
}

func (c *PublishedConfig) checkNumbers(r *rules) error {
	for _, n := range []struct {
		name  string
		value *int
		max   int
	}{{"input_dim", &c.InputDim, maxWidth}, {"embedding_dim", &c.EmbeddingDim, maxWidth}, {"n_heads", c.NHeads, maxWidth}, {"head_dim", c.HeadDim, maxWidth}} {
		if n.value != nil && (*n.value < 1 || *n.value > n.max) {
			return c.refuse(n.name, *n.value, fmt.Sprintf("expected 1 to %d", n.max))
		}
	}
	if c.HeadDim == nil && !r.fusedAttention {
		return c.refuse("head_dim", nil, "only variant "+TorchEager+" has an attention without it")
	}
	if !(c.DropoutMHA >= 0 && c.DropoutMHA < 1) {
		return c.refuse("dropout_mha", c.DropoutMHA, "expected a number from 0 up to, not including, 1")
	}
	return nil
}

func (c *PublishedConfig) checkSynapses(r *rules) error {
	for _, list := range []struct {
		name  string
		pairs []string
	}{{"reapply_unit_synapses", c.ReapplyUnitSynapses}, {"ignored_synapses", c.IgnoredSynapses}, {"skip_conn_only_synapses", c.SkipConnOnlySynapses}} {
		for _, p := range list.pairs {
			if len(p) != 2 || strings.Trim(p, "SIM") != "" {
				return c.refuse(list.name, p, "expected pairs of the roles S, I and M, such as SI")
			}
		}
	}
	tokens := strings.Split(c.ProcessingOrder, ",")
	for _, t := range tokens {
		if r.tokens[t] == nil && !r.unknownTokens {
			return c.refuse("processing_order", c.ProcessingOrder, fmt.Sprintf("no group %q, expected %s", t, strings.Join(slices.Sorted(maps.Keys(r.tokens)), ", ")))
		}
	}
	if r.unknownTokens && !slices.Contains(tokens[:min(2, len(tokens))], "S->O") {
		return c.refuse("processing_order", c.ProcessingOrder, "S->O must be one of the first two groups")
	}
	return nil
}

func (c *PublishedConfig) checkHead(r *rules) error {
	if c.AttentionType == "no-attn-learn-q" || c.AttentionType == "no-attn-router" {
		if r.poolings {
			return c.refuse("attention_type", c.AttentionType, "named in the published code, but not implemented there")
		}
	}
	if (c.InputSequences != "" || c.RecurrenceType != "") && !r.sequences {
		option, value := "input_sequences", c.InputSequences
		if value == "" {
			option, value = "recurrence_type", c.RecurrenceType
		}
		return c.refuse(option, value, "only variant "+TorchFunctional+" takes sequences")
	}
	if c.RecurrenceType == "concat" {
		return c.refuse("recurrence_type", c.RecurrenceType, "named in the published code, but not implemented there")
	}
	if c.InputSequences != "" && c.InputSequences != "independent" && c.InputSequences != "mix" {
		return c.refuse("input_sequences", c.InputSequences, "expected independent or mix")
	}
	if c.InputSequences != "" && c.RecurrenceType != "" {
		return c.refuse("input_sequences", c.InputSequences, "a network with a recurrence_type takes the steps of a sequence one after the other")
	}
	return nil
}

// publishedActivations are the activations by their names in the published code, with PyTorch's
// parameters.
var publishedActivations = map[string]tensor.Activation[float64]{
	"celu":        {Op: tensor.OpCELU, A: 1},
	"elu":         {Op: tensor.OpELU, A: 1},
	"gelu":        {Op: tensor.OpGELU},
	"hardsigmoid": {Op: tensor.OpHardsigmoid},
	"hardswish":   {Op: tensor.OpHardswish},
	"hardtanh":    {Op: tensor.OpClamp, A: -1, B: 1},
	"leaky_relu":  {Op: tensor.OpLeakyReLU, A: 0.01},
	"mish":        {Op: tensor.OpMish},
	"prelu":       {Kind: tensor.ActPReLU},
	"relu":        {Op: tensor.OpReLU},
	"relu6":       {Op: tensor.OpClamp, A: 0, B: 6},
	"rrelu":       {Kind: tensor.ActRReLU},
	"selu":        {Op: tensor.OpSELU},
	"sigmoid":     {Op: tensor.OpSigmoid},
	"silu":        {Op: tensor.OpSiLU},
	"softmax":     {Kind: tensor.ActSoftmax},
	"softplus":    {Op: tensor.OpSoftplus, A: 1, B: 20},
	"softsign":    {Op: tensor.OpSoftsign},
	"tanh":        {Op: tensor.OpTanh},
}

// PublishedActivations returns the names of the activations. "softmax" is over the components of a
// value, "prelu" has one learned slope, "rrelu" draws slopes in training.
func PublishedActivations() []string { return slices.Sorted(maps.Keys(publishedActivations)) }
