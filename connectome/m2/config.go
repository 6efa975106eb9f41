package m2

import (
	"fmt"

	"elegans/connectome/tensornet"
	"elegans/internal/choice"
)

// Config describes a model completely, apart from the graph and the key of its initial weights.
type Config struct {
	Width   int    `json:"width"`   // d: length of the code
	Encoder [3]int `json:"encoder"` // channels of the encoder's convolutions
	Hidden  [2]int `json:"hidden"`  // widths of the decoder's second and third dense layer
	Latent  int    `json:"latent"`  // channels of the 4 x 4 image from which the decoder grows
	Decoder [3]int `json:"decoder"` // channels of the decoder's convolutions
	// Core is what stands between encoder and decoder.
	Core Core `json:"core"`
	// KeyDim is the length of a key, query or value of one head in CorePublished.
	KeyDim int `json:"key_dim"`
	// Heads are those of the attention. 0 stands for as many as live motor neurons in
	// CorePublished, and for 16 in CoreWorm.
	Heads int `json:"heads"`
	// Frozen names the parameters that do not train.
	Frozen Frozen `json:"frozen"`
	// NoPenalties leaves the three penalties out of the loss.
	NoPenalties bool `json:"no_penalties"`

	// BatchMomentum is the share of the newest batch in the running statistics of the batch
	// normalisation; 0 stands for Keras' 0.01, which takes a few hundred steps to forget the start.
	BatchMomentum float64 `json:"batch_momentum,omitempty"`

	// Network is that of CoreWorm. CoreDense has as many parameters as that core would have.
	Network tensornet.Config `json:"network,omitzero"`
}

// Core is what stands between encoder and decoder.
type Core string

// The cores.
const (
	CorePublished Core = "published" // the live part of the published network: see Published
	CoreWorm      Core = "worm"      // a sound network: see WormCore
	CoreDense     Core = "dense"     // two dense layers: see DenseCore
	CoreNone      Core = "none"
)

// Cores lists what Config.Core can be, the default first.
var Cores = []Core{CorePublished, CoreWorm, CoreDense, CoreNone}

// Frozen names a set of parameters that do not train.
type Frozen string

// The frozen sets.
const (
	FrozenNone Frozen = "" // everything trains
	// that of the published echo version: see Autoencoder.Freeze
	FrozenPublished Frozen = "published"
)

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
	if err := choice.Complete(choice.Of("core", &c.Core, Cores...), choice.Of("frozen", &c.Frozen, FrozenNone, FrozenPublished)); err != nil {
		return fmt.Errorf("m2: %w", err)
	}
	if c.BatchMomentum == 0 {
		c.BatchMomentum = kerasMomentum
	}
	if !(c.BatchMomentum > 0 && c.BatchMomentum <= 1) {
		return fmt.Errorf("m2: batch_momentum is %v, expected a number above 0 and at most 1", c.BatchMomentum)
	}
	if c.Core == CoreWorm || c.Core == CoreDense {
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
