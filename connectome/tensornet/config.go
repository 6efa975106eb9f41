package tensornet

import (
	"fmt"
	"slices"
	"strings"
)

// Config are the knobs of the network. The zero value of a text field stands for the first of its
// choices.
type Config struct {
	Width  int `json:"width"`  // d, the length of a neuron's state
	Rounds int `json:"rounds"` // how many synapses a signal travels

	Combine string `json:"combine,omitempty"` // "sum" or "product"
	Weights string `json:"weights,omitempty"` // "learned" (from the counts on) or "counts" (fixed)
	// what stands for a synapse count n: "log1p", "count", "sqrt" or "binary"
	Counts string `json:"counts,omitempty"`
	Layers string `json:"layers,omitempty"` // "both", "chemical" or "gap"
	// "sum", or "diffusive": a gap junction carries the difference h_j - h_i (sum only)
	Gap string `json:"gap,omitempty"`
	// "transmitter" (GABA -1, others and unknown +1) or "none" (all +1)
	Sign string `json:"sign,omitempty"`
	// "every": x drives the sensory neurons in every round; "first": only at the start
	Inject string `json:"inject,omitempty"`

	// "own": every neuron its own W and b; "shared": one for all
	Unit string `json:"unit,omitempty"`
	// "tanh", "relu", "gelu", "silu", "elu", "sigmoid" or "identity"
	Activation string `json:"activation,omitempty"`
	// "none", or "layer": every unit normalises its d components, with its own gain and shift
	Norm     string `json:"norm,omitempty"`
	Residual bool   `json:"residual,omitempty"` // h(t) = h(t-1) + unit
	// units and synapses keep their initial values: a reservoir; the readout stays trainable
	Frozen bool `json:"frozen,omitempty"`

	// Entry is "sensory": signals enter at the sensory neurons; or "open": also at those that no
	// synapse reaches, which would stay silent and could not learn.
	Entry string `json:"entry,omitempty"`
	// "shared": every sensory neuron receives the same x [batch, d]; "each": its own part of x
	// [batch, sensory*d]
	Input string `json:"input,omitempty"`
	// Readout is "concat": [batch, motors*d]; "mean": [batch, d]; "attention": [batch, d], weights
	// by a learned query; "states": [batch, motors, d], for a reader of one's own.
	Readout string `json:"readout,omitempty"`
}

// choice is one text field with its allowed values, the default first.
type choice struct {
	name    string
	value   *string
	allowed []string
}

func (c *Config) choices() []choice {
	return []choice{
		{"combine", &c.Combine, []string{"sum", "product"}},
		{"weights", &c.Weights, []string{"learned", "counts"}},
		{"counts", &c.Counts, []string{"log1p", "count", "sqrt", "binary"}},
		{"layers", &c.Layers, []string{"both", "chemical", "gap"}},
		{"gap", &c.Gap, []string{"sum", "diffusive"}},
		{"sign", &c.Sign, []string{"transmitter", "none"}},
		{"inject", &c.Inject, []string{"every", "first"}},
		{"unit", &c.Unit, []string{"own", "shared"}},
		{"activation", &c.Activation, []string{"tanh", "relu", "gelu", "silu", "elu", "sigmoid", "identity"}},
		{"norm", &c.Norm, []string{"none", "layer"}},
		{"entry", &c.Entry, []string{"sensory", "open"}},
		{"input", &c.Input, []string{"shared", "each"}},
		{"readout", &c.Readout, []string{"concat", "mean", "attention", "states"}},
	}
}

// Complete replaces empty text fields by their defaults and returns an error that names the first
// field with a value that is not allowed.
func (c *Config) Complete() error {
	if c.Width < 1 || c.Width > 1<<16 {
		return fmt.Errorf("tensornet: width %d, expected 1 to %d", c.Width, 1<<16)
	}
	if c.Rounds < 1 || c.Rounds > 1000 {
		return fmt.Errorf("tensornet: rounds %d, expected 1 to 1000", c.Rounds)
	}
	for _, ch := range c.choices() {
		if *ch.value == "" {
			*ch.value = ch.allowed[0]
		}
		if !slices.Contains(ch.allowed, *ch.value) {
			return fmt.Errorf("tensornet: %s %q, expected one of %s", ch.name, *ch.value, strings.Join(ch.allowed, ", "))
		}
	}
	if c.Gap == "diffusive" && c.Combine == "product" {
		return fmt.Errorf("tensornet: gap \"diffusive\" needs combine \"sum\", found \"product\"")
	}
	return nil
}
