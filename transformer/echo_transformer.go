package transformer

import (
	"cmp"
	"fmt"
	"strconv"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// PoolingLast takes the last token of every sequence.
const PoolingLast Pooling = "last"

// EchoTransformerConfig describes an Echo State Transformer. 0 stands for the default that stands
// beside a field.
type EchoTransformerConfig struct {
	// Image is the shape of an image: channels, height, width. Its patches are the tokens, row by
	// row. The zero value stands for sequences in place of images.
	Image [3]int `json:"-"`
	// Inputs is the number K of columns of a sequence.
	Inputs int `json:"-"`
	// Outputs is the number of logits, or of values of a regression.
	Outputs int `json:"-"`

	// Patch is the height and width of a patch of an image: one row.
	Patch [2]int `json:"patch,omitzero"`
	// Dim is D, the length of a token: 32.
	Dim int `json:"dim"`
	// Depth is the number of layers: 1.
	Depth int `json:"depth"`
	// Units is M, the number of reservoirs of a layer: 4.
	Units int `json:"units"`
	// Hidden is the width of the hidden layer of the feed-forward networks: 4*Dim.
	Hidden int `json:"hidden,omitempty"`
	// Activation is that of the feed-forward networks: gelu.
	Activation string `json:"activation,omitempty"`
	// Dropout is the probability of zeroing an element of a token, of what an attention gives, and
	// within the feed-forward networks.
	Dropout float64 `json:"dropout,omitempty"`
	// Pooling says what stands for a sequence: PoolingLast by default, PoolingMean, or PoolingNone:
	// then every token has outputs of its own.
	Pooling Pooling `json:"pooling,omitempty"`
	// Reservoir describes a unit: 100 neurons, a fifth of the recurrent and of the input weights,
	// and a spectral radius that goes evenly up to 1 from the first unit to the last.
	Reservoir esn.Config `json:"reservoir"`
}

// PoolingNone keeps all tokens.
const PoolingNone Pooling = "none"

// UnmarshalJSON decodes over what c holds, or over the defaults of a reservoir where there is none
// yet. It refuses keys that it does not know.
func (c *EchoTransformerConfig) UnmarshalJSON(b []byte) error {
	type plain EchoTransformerConfig
	completeMemory(&c.Reservoir)
	return jsonkeys.Aliases{}.Decode(b, (*plain)(c))
}

// Complete replaces what is not given by defaults. It returns an error that names the first field
// that cannot be used.
func (c *EchoTransformerConfig) Complete() error {
	c.Dim, c.Depth, c.Units = cmp.Or(c.Dim, 32), cmp.Or(c.Depth, 1), cmp.Or(c.Units, 4)
	c.Hidden, c.Activation, c.Pooling = cmp.Or(c.Hidden, 4*c.Dim), cmp.Or(c.Activation, "gelu"), cmp.Or(c.Pooling, PoolingLast)
	completeMemory(&c.Reservoir)
	images := c.Image != [3]int{}
	if images && c.Patch == [2]int{} {
		c.Patch = [2]int{1, c.Image[2]}
	}
	c.Patch[1] = cmp.Or(c.Patch[1], c.Patch[0])
	err := choice.Complete(choice.Of("pooling", &c.Pooling, PoolingLast, PoolingMean, PoolingNone))
	if err == nil {
		_, err = tensor.ActivationOf(c.Activation)
	}
	if err == nil {
		err = c.checkNumbers(images)
	}
	if err != nil {
		return fmt.Errorf("transformer: %w", err)
	}
	return checkReservoir(&c.Reservoir)
}

func (c *EchoTransformerConfig) checkNumbers(images bool) error {
	inputs := c.Inputs
	if images {
		inputs = c.Image[0] * c.Patch[0] * c.Patch[1]
	}
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"inputs", inputs, maxWidth}, {"outputs", c.Outputs, maxWidth}, {"dim", c.Dim, maxWidth}, {"depth", c.Depth, 1000},
		{"units", c.Units, 1000}, {"hidden", c.Hidden, maxWidth},
	} {
		if f.value < 1 || f.value > f.most {
			return fmt.Errorf("%s %d, expected 1 to %d", f.name, f.value, f.most)
		}
	}
	switch {
	case images && min(c.Image[0], c.Image[1], c.Image[2]) < 1:
		return fmt.Errorf("image %v, expected channels, height and width of at least 1", c.Image)
	case images && (min(c.Patch[0], c.Patch[1]) < 1 || c.Image[1]%c.Patch[0] != 0 || c.Image[2]%c.Patch[1] != 0):
		return fmt.Errorf("patch of %d x %d pixels, expected one that divides images of %d x %d", c.Patch[0], c.Patch[1], c.Image[1], c.Image[2])
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("dropout %v, expected 0 to less than 1", c.Dropout)
	case c.Reservoir.Groups > 1:
		return fmt.Errorf("reservoir.groups %d, expected 1: units says how many there are", c.Reservoir.Groups)
	case len(c.Reservoir.ReadoutNeurons) > 0:
		return fmt.Errorf("reservoir.readout_neurons is given, expected none: a unit is read whole")
	case c.Reservoir.Leak != esn.Fixed(1):
		return fmt.Errorf("reservoir.leak is given, expected none: the units have leaks of their own")
	}
	return nil
}

// EchoTransformer is the Echo State Transformer of Y. Bendi-Ouis and X. Hinaut (arXiv 2507.02917):
// sequences x [B, n, K], or images [B, C, H, W], to outputs [B, M], or [B, n, M] without Pool.
//
//	h = embed x              [B, n, D]
//	h = layer h              for every layer, see EchoLayer
//	y = head(pool h)
//
// # What follows its authors, and what is ours
//
// The structure is that of the authors' public program; it was not compared with the text of the
// paper. From there are queries, keys and values of each unit, a softmax among the units as leak,
// with a temperature, norms by the root mean square, one head, and frozen weights of which a fifth
// are not 0.
//
// Ours are these. All weights begin as Glorot has it, where they draw Wout from a normal
// distribution of deviation 1. Input weights and biases are uniform in place of 0 and 1. The
// spectral radii of the units begin evenly spread below 1 in place of drawn. r and tau are
// exponentials of what is learned, so that they stay positive where theirs are clamped, or not. A
// classifier reads the last token, or the mean, in place of all tokens side by side, which would
// fix their number. Positions are not embedded, as a recurrent network needs none.
type EchoTransformer[T tensor.Float] struct {
	Embed   nn.Module[T] // [B, n, K], or images, -> [B, n, D]
	Layers  []*EchoLayer[T]
	Head    *nn.Linear[T]
	Pooling Pooling
	Dropout float64 // of tokens

	tokens int // of an image; 0 for sequences
}

// NewEchoTransformer makes a model. Weights are drawn from the key, and the reservoirs of every
// layer from another seed, which the key and that of c.Reservoir give.
func NewEchoTransformer[T tensor.Float](k tensor.Key, c EchoTransformerConfig) (*EchoTransformer[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	m := &EchoTransformer[T]{Head: newLinear[T](k.Sub("head"), c.Dim, c.Outputs), Pooling: c.Pooling, Dropout: c.Dropout}
	if c.Image != [3]int{} {
		m.Embed = NewPatchEmbed[T](k.Sub("embed"), c.Image[0], c.Patch, c.Dim)
		m.tokens = c.Image[1] / c.Patch[0] * (c.Image[2] / c.Patch[1])
	} else {
		m.Embed = newLinear[T](k.Sub("embed"), c.Inputs, c.Dim)
	}
	for i := range c.Depth {
		l, err := newEchoLayer[T](k.Sub("layer"+strconv.Itoa(i)), &c)
		if err != nil {
			return nil, err
		}
		m.Layers = append(m.Layers, l)
	}
	return m, nil
}

// Forward maps sequences [B, n, K], or images [B, C, H, W], to outputs [B, M], or [B, n, M] without
// pooling.
func (m *EchoTransformer[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return m.Run(tp, x, nil)
}

// Run is Forward for sequences of the given lengths; a sequence of length 0 has the outputs of a
// token that is 0. Without pooling what lies behind an end has the outputs of such a token, too.
func (m *EchoTransformer[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	checkLengths("transformer.EchoTransformer", x, lengths)
	h := clearPadding(tp, x, lengths)
	h = tp.Dropout(run(tp, "embed", m.Embed, h), m.Dropout)
	for i, l := range m.Layers {
		outer := tp.Enter(layerNames.of(i))
		h = l.Run(tp, h, lengths)
		tp.Leave(outer)
	}
	return run(tp, "head", m.Head, poolTokens(tp, m.Pooling, h, lengths))
}

// StepBytes estimates the memory that a training step takes for a batch of so many images, each
// value with its gradient. A step takes no more, and at least half of it, since gradients take the
// places of values that are not needed any more. It is 0 for a model of sequences, see
// SequenceBytes.
func (m *EchoTransformer[T]) StepBytes(batch int) float64 { return m.SequenceBytes(batch, m.tokens) }

// SequenceBytes is StepBytes for a batch of so many sequences of so many rows.
func (m *EchoTransformer[T]) SequenceBytes(batch, rows int) float64 {
	total := numbers[T](batch*rows, m.Head.Weight.Value.Dim(1))
	for _, l := range m.Layers {
		total += l.stepBytes(batch, rows)
	}
	return total
}

// poolTokens makes of x [B, n, E] what stands for each sequence, [B, E], or leaves it. Sequences
// without tokens have 0.
func poolTokens[T tensor.Float](tp *autograd.Tape[T], p Pooling, x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	switch {
	case p == PoolingNone:
		return x
	case x.Value.Dim(1) == 0:
		none := tp.NewTensor(x.Value.Dim(0), x.Value.Dim(2))
		tensor.Fill(none, 0)
		return tp.Input(none)
	case p == PoolingMean:
		return nn.MeanStates(tp, x, lengths)
	}
	return lastTokens(tp, x, lengths)
}

// lastTokens returns of x [B, n, E] the last token of every sequence, [B, E].
func lastTokens[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	b, n, e := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	if lengths == nil {
		return tp.Reshape(tp.Slice(x, 1, n-1, n, 1), b, e)
	}
	at := tp.NewInts(b)
	for i, length := range lengths {
		// The first token of a sequence without any lies behind its end, and is 0.
		at[i] = i*n + max(length, 1) - 1
	}
	return tp.IndexSelect(tp.Reshape(x, b*n, e), 0, at)
}

// layerNames are the names of the first layers, so that a pass makes none.
var layerNames = numberedNames("layers.")
