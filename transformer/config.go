package transformer

import (
	"cmp"
	"fmt"

	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// TokenMixer names a token mixer.
type TokenMixer string

// The token mixers that New knows. Others are put into Block.Tokens.
const (
	TokenMixerAttention TokenMixer = "attention" // Attention: a vision transformer
	TokenMixerMLP       TokenMixer = "mlp"       // TokenMLP: an MLP-mixer
)

// Config describes a model. The zero value of a text field stands for the first of its constants,
// and that of a number for the default that stands beside it.
type Config struct {
	// Image is the shape of an image: channels, height, width. It is no key in JSON, as the
	// description of a model tells it elsewhere.
	Image [3]int `json:"-"`
	// Classes is the number of logits.
	Classes int `json:"-"`

	// Patch is the height and width of a patch. A width of 0 stands for the height.
	Patch [2]int `json:"patch"`
	// Dim is E, the length of a token.
	Dim int `json:"dim"`
	// Depth is the number of blocks.
	Depth int `json:"depth"`
	// Heads are those of the attention: 1. They must divide Dim.
	Heads int `json:"heads,omitempty"`
	// Hidden is the width of the hidden layer of the feed-forward networks: 4*Dim.
	Hidden int `json:"hidden,omitempty"`
	// TokenHidden is the width of the hidden layer of TokenMLP: Dim/2.
	TokenHidden int `json:"token_hidden,omitempty"`

	// TokenMixer is how tokens exchange what they hold.
	TokenMixer TokenMixer `json:"token_mixer,omitempty"`
	// Activation is that of the feed-forward networks: one of tensor.Activations, "gelu" by
	// default.
	Activation string `json:"activation,omitempty"`
	// Gating is that of the feed-forward networks.
	Gating Gating `json:"gating,omitempty"`
	// Experts makes the channel mixer of every block a mixture of so many feed-forward networks,
	// see MoE: none if 0.
	Experts int `json:"experts,omitempty"`
	// ExpertsChosen is how many of them a token goes to: 2, or 1 where there is no more.
	ExpertsChosen int `json:"experts_chosen,omitempty"`
	// NoisyGating disturbs the choice in training. Without it the choice begins by small random
	// weights instead of none.
	NoisyGating bool `json:"noisy_gating,omitempty"`
	// SharedChannels gives all blocks one channel mixer.
	SharedChannels bool `json:"shared_channels,omitempty"`

	// Order says where the normalisations of a block stand.
	Order Order `json:"order,omitempty"`
	// Eps is that of the layer normalisations: 1e-6.
	Eps float64 `json:"eps,omitempty"`
	// NoFinalNorm leaves out the normalisation after the last block. The orders "post" and
	// "published" have none.
	NoFinalNorm bool `json:"no_final_norm,omitempty"`

	// ClassToken puts a learned token before those of the image.
	ClassToken bool `json:"class_token,omitempty"`
	// Pooling is what vector stands for an image: the class token where there is one, or else the
	// mean, if empty.
	Pooling Pooling `json:"pooling,omitempty"`
	// Positions says what is added to the tokens; with TokenMixerMLP, which knows the tokens apart,
	// "none" if empty.
	Positions Positions `json:"positions,omitempty"`

	// Dropout is the probability of zeroing an element after the positions, within the feed-forward
	// networks and after each mixer.
	Dropout float64 `json:"dropout,omitempty"`
	// DropPath is that of skipping a mixer of the last block; in the first it is 0, and it rises
	// linearly between.
	DropPath float64 `json:"drop_path,omitempty"`
}

// maxWidth and maxExperts bound the numbers of a configuration.
const (
	maxWidth   = 1 << 16
	maxExperts = 1 << 12
)

// Tokens returns n, the number of tokens of an image with the class token.
func (c *Config) Tokens() int {
	n := c.Image[1] / c.Patch[0] * (c.Image[2] / c.Patch[1])
	if c.ClassToken {
		n++
	}
	return n
}

// Complete replaces what is not given by defaults. It returns an error that names the first field
// that cannot be used.
func (c *Config) Complete() error {
	c.Heads, c.Hidden, c.TokenHidden = cmp.Or(c.Heads, 1), cmp.Or(c.Hidden, 4*c.Dim), cmp.Or(c.TokenHidden, (c.Dim+1)/2)
	c.Patch[1] = cmp.Or(c.Patch[1], c.Patch[0])
	c.Eps, c.Activation = cmp.Or(c.Eps, 1e-6), cmp.Or(c.Activation, "gelu")
	if c.Experts > 0 {
		c.ExpertsChosen = cmp.Or(c.ExpertsChosen, min(2, c.Experts))
	}
	if c.Positions == "" && c.TokenMixer == TokenMixerMLP {
		c.Positions = PositionsNone
	}
	if c.Pooling == "" && !c.ClassToken {
		c.Pooling = PoolingMean
	}
	err := choice.Complete(c.choices()...)
	if err == nil {
		_, err = tensor.ActivationOf(c.Activation)
	}
	if err == nil {
		err = c.checkNumbers()
	}
	if err != nil {
		return fmt.Errorf("transformer: %w", err)
	}
	return nil
}

func (c *Config) choices() []choice.Field {
	return []choice.Field{
		choice.Of("token_mixer", &c.TokenMixer, TokenMixerAttention, TokenMixerMLP),
		choice.Of("gating", &c.Gating, GatingNone, GatingMul, GatingAdd),
		choice.Of("order", &c.Order, OrderPre, OrderPost, OrderPublished),
		choice.Of("pooling", &c.Pooling, PoolingClass, PoolingMean, PoolingAttention),
		choice.Of("positions", &c.Positions, PositionsLearned, PositionsSinusoidal, PositionsNone),
	}
}

// Choices returns the values that the text fields of a Config can have, the default first, by the
// fields' keys in JSON.
func Choices() map[string][]string {
	all := map[string][]string{}
	for _, f := range new(Config).choices() {
		all[f.Name] = f.Allowed
	}
	return all
}

func (c *Config) checkNumbers() error {
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"channels", c.Image[0], maxWidth}, {"height", c.Image[1], maxWidth}, {"width of the images", c.Image[2], maxWidth},
		{"classes", c.Classes, maxWidth}, {"height of a patch", c.Patch[0], maxWidth}, {"width of a patch", c.Patch[1], maxWidth},
		{"dim", c.Dim, maxWidth}, {"depth", c.Depth, 1000}, {"heads", c.Heads, c.Dim}, {"hidden", c.Hidden, maxWidth}, {"token_hidden", c.TokenHidden, maxWidth},
	} {
		if f.value < 1 || f.value > f.most {
			return fmt.Errorf("%s %d, expected 1 to %d", f.name, f.value, f.most)
		}
	}
	switch {
	case c.Experts < 0 || c.Experts > maxExperts:
		return fmt.Errorf("experts %d, expected 0 to %d", c.Experts, maxExperts)
	case c.Experts == 0 && (c.ExpertsChosen != 0 || c.NoisyGating):
		return fmt.Errorf("experts_chosen %d and noisy_gating %v without experts", c.ExpertsChosen, c.NoisyGating)
	case c.Experts > 0 && (c.ExpertsChosen < 1 || c.ExpertsChosen > c.Experts):
		return fmt.Errorf("experts_chosen %d, expected 1 to %d, as many as there are experts", c.ExpertsChosen, c.Experts)
	case c.Image[1]%c.Patch[0] != 0 || c.Image[2]%c.Patch[1] != 0:
		return fmt.Errorf("patch of %d x %d pixels, expected one that divides images of %d x %d", c.Patch[0], c.Patch[1], c.Image[1], c.Image[2])
	case c.Dim%c.Heads != 0:
		return fmt.Errorf("heads %d, expected a divisor of dim %d", c.Heads, c.Dim)
	case c.Pooling == PoolingClass && !c.ClassToken:
		return fmt.Errorf("pooling %q without class_token", c.Pooling)
	case !(c.Eps > 0 && c.Eps < 1):
		return fmt.Errorf("eps %v, expected more than 0 and less than 1", c.Eps)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("dropout %v, expected 0 to less than 1", c.Dropout)
	case !(c.DropPath >= 0 && c.DropPath < 1):
		return fmt.Errorf("drop_path %v, expected 0 to less than 1", c.DropPath)
	}
	return nil
}

// UnmarshalJSON decodes over what c holds. It refuses keys that it does not know.
func (c *Config) UnmarshalJSON(b []byte) error {
	type plain Config
	return jsonkeys.Aliases{}.Decode(b, (*plain)(c))
}
