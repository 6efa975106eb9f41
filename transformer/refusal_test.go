package transformer_test

import (
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
	"elegans/transformer"
)

// TestRefusals: what cannot be built is refused in one line that says what was found and what was
// expected.
func TestRefusals(t *testing.T) {
	for want, change := range map[string]func(c *transformer.Config){
		"patch of 3 x 3 pixels, expected one that divides images of 4 x 6": func(c *transformer.Config) { c.Patch = [2]int{3, 3} },
		"heads 4, expected a divisor of dim 6":                             func(c *transformer.Config) { c.Heads = 4 },
		"heads 7, expected 1 to 6":                                         func(c *transformer.Config) { c.Heads = 7 },
		"dim 0, expected 1 to 65536":                                       func(c *transformer.Config) { c.Dim = 0 },
		"depth -1, expected 1 to 1000":                                     func(c *transformer.Config) { c.Depth = -1 },
		"height of a patch 0, expected 1 to 65536":                         func(c *transformer.Config) { c.Patch = [2]int{} },
		"classes 0, expected 1 to 65536":                                   func(c *transformer.Config) { c.Classes = 0 },
		"channels 0, expected 1 to 65536":                                  func(c *transformer.Config) { c.Image[0] = 0 },
		"experts -1, expected 0 to 4096":                                   func(c *transformer.Config) { c.Experts = -1 },
		"experts_chosen 2 and noisy_gating false without experts":          func(c *transformer.Config) { c.ExpertsChosen = 2 },
		"experts_chosen 0 and noisy_gating true without experts":           func(c *transformer.Config) { c.NoisyGating = true },
		"experts_chosen 4, expected 1 to 3":                                func(c *transformer.Config) { c.Experts, c.ExpertsChosen = 3, 4 },
		`pooling "class" without class_token`:                              func(c *transformer.Config) { c.Pooling = transformer.PoolingClass },
		`pooling "max", expected one of class, mean, attention`:            func(c *transformer.Config) { c.Pooling = "max" },
		`order "Post", expected one of pre, post, published`:               func(c *transformer.Config) { c.Order = "Post" },
		"dropout 1, expected 0 to less than 1":                             func(c *transformer.Config) { c.Dropout = 1 },
		"drop_path -0.1, expected 0 to less than 1":                        func(c *transformer.Config) { c.DropPath = -.1 },
		"eps 1, expected more than 0 and less than 1":                      func(c *transformer.Config) { c.Eps = 1 },
		`activation "swish", expected one of`:                              func(c *transformer.Config) { c.Activation = "swish" },
	} {
		c := small()
		change(&c)
		_, err := transformer.New[float32](tensor.NewKey(1, "model"), c)
		oneLine(t, err, want)
	}
	for want, change := range map[string]func(c *transformer.ElegansConfig){
		`place "tail", expected one of ff-shared, ff, patch, head, pool, attn-emb`: func(c *transformer.ElegansConfig) { c.Place = "tail" },
		`family "new", expected one of sound, published`:                           func(c *transformer.ElegansConfig) { c.Family = "new" },
		`readout "states" keeps the motor neurons apart`:                           func(c *transformer.ElegansConfig) { c.Network.Readout = tensornet.ReadoutStates },
		`signal "each" with place "ff", expected "shared"`: func(c *transformer.ElegansConfig) {
			c.Place, c.Network.Signal = transformer.PlaceFeedForward, tensornet.SignalEach
		},
		"rounds -1, expected 1 to 1000":        func(c *transformer.ElegansConfig) { c.Network.Rounds = -1 },
		"heads 4, expected a divisor of dim 6": func(c *transformer.ElegansConfig) { c.Transformer.Heads = 4 },
	} {
		c := transformer.ElegansConfig{Transformer: small()}
		change(&c)
		_, err := transformer.NewElegansFormer[float32](tensor.NewKey(1, "model"), connectome.Canonical(), c)
		oneLine(t, err, want)
	}
}

// TestEchoImageRefusals: the same for images that reservoirs read.
func TestEchoImageRefusals(t *testing.T) {
	c := transformer.EchoFormerConfig{Transformer: small()}
	c.Transformer.ClassToken = true
	_, err := transformer.NewEchoFormer[float32](tensor.NewKey(1, "model"), c)
	oneLine(t, err, `pooling "class" with direction "forward", expected another`)
	c.Echo.Direction = transformer.Backward
	if _, err := transformer.NewEchoFormer[float32](tensor.NewKey(1, "model"), c); err != nil {
		t.Error(err)
	}
	_, err = transformer.NewEchoTransformer[float32](tensor.NewKey(1, "model"), transformer.EchoTransformerConfig{Image: [3]int{1, 0, 28}, Outputs: 10})
	oneLine(t, err, "image [1 0 28], expected channels, height and width of at least 1")
}

func oneLine(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, want)
	}
}
