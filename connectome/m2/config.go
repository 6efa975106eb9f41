package m2

import (
	"fmt"
	"slices"

	"elegans/connectome/tensornet"
)

// Config describes a model completely, apart from the graph and the key of its initial weights.
type Config struct {
	Width   int    `json:"width"`   // d: length of the code
	Encoder [3]int `json:"encoder"` // channels of the encoder's convolutions
	Hidden  [2]int `json:"hidden"`  // widths of the decoder's second and third dense layer
	// channels of the 4 x 4 image from which the decoder grows
	Latent  int    `json:"latent"`
	Decoder [3]int `json:"decoder"` // channels of the decoder's convolutions
	// what stands between encoder and decoder: one of Cores
	Core string `json:"core"`
	// of the published core: length of a key, query or value of one head
	KeyDim int `json:"key_dim"`
	// of the attention; 0 stands for as many as live motor neurons in the published core, and for
	// 16 in the core "worm"
	Heads       int    `json:"heads"`
	Frozen      string `json:"frozen"`       // "" (everything trains) or "published": see Freeze
	NoPenalties bool   `json:"no_penalties"` // leaves the three penalties out of the loss

	// BatchMomentum is the share of the newest batch in the running statistics of the batch
	// normalisation; 0 stands for Keras' 0.01, which takes a few hundred steps to forget the start.
	BatchMomentum float64 `json:"batch_momentum,omitempty"`

	// of the core "worm"; "dense" has as many parameters as that core would have
	Network tensornet.Config `json:"network,omitzero"`
}

// Cores lists what Config.Core can be.
var Cores = []string{"published", "worm", "dense", "none"}

// Complete fills what is not given with the published values, and returns an error that names the
// first field that cannot be used.
func (c *Config) Complete() error {
	defaults := []struct {
		name    string
		value   *int
		least   int
		content int
	}{
		{"width", &c.Width, 1, 784},
		{"encoder[0]", &c.Encoder[0], 1, 240}, {"encoder[1]", &c.Encoder[1], 1, 120}, {"encoder[2]", &c.Encoder[2], 1, 120},
		{"hidden[0]", &c.Hidden[0], 1, 512}, {"hidden[1]", &c.Hidden[1], 1, 256},
		{"latent", &c.Latent, 1, 8},
		{"decoder[0]", &c.Decoder[0], 1, 120}, {"decoder[1]", &c.Decoder[1], 1, 120}, {"decoder[2]", &c.Decoder[2], 1, 240},
		{"key_dim", &c.KeyDim, 1, 32}, {"heads", &c.Heads, 0, 0},
	}
	for _, f := range defaults {
		if *f.value == 0 {
			*f.value = f.content
		}
		most := maxLength
		if f.value == &c.Heads {
			most = maxHeads
		}
		if *f.value < f.least || *f.value > most {
			return fmt.Errorf("m2: %s is %d, expected %d to %d", f.name, *f.value, f.least, most)
		}
	}
	for _, f := range []struct {
		name    string
		value   *string
		allowed []string // the first is the default
	}{{"core", &c.Core, Cores}, {"frozen", &c.Frozen, []string{"", "published"}}} {
		if *f.value == "" {
			*f.value = f.allowed[0]
		}
		if !slices.Contains(f.allowed, *f.value) {
			return fmt.Errorf("m2: %s is %q, expected one of %q", f.name, *f.value, f.allowed)
		}
	}
	if c.BatchMomentum == 0 {
		c.BatchMomentum = kerasMomentum
	}
	if !(c.BatchMomentum > 0 && c.BatchMomentum <= 1) {
		return fmt.Errorf("m2: batch_momentum is %v, expected a number above 0 and at most 1", c.BatchMomentum)
	}
	if c.Core == "worm" || c.Core == "dense" {
		return c.completeWorm()
	}
	c.Network = tensornet.Config{}
	return nil
}

// maxLength bounds every length of a Config, so that products of a few of them cannot overflow.
const maxLength = 1 << 16

// maxHeads bounds the heads: the published core gives every pair of heads an attention of its own,
// so that their memory, unlike that of parameters, grows with the square.
const maxHeads = 1 << 11
