package zoo

import (
	"cmp"
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/transformer"
)

// RowLSTMConfig describes a recurrent network that reads an image as a sequence of patches.
type RowLSTMConfig struct {
	Patch   [2]int  `json:"patch,omitzero"`  // height and width: a row of the image if 0
	Units   int     `json:"units,omitempty"` // of a layer: 100 if 0
	Depth   int     `json:"depth,omitempty"` // layers: 1 if 0
	Dropout float64 `json:"dropout,omitempty"`
}

func init() {
	Register(Family[RowLSTMConfig]{
		Name: "row-lstm", About: "patches of an image, by default its rows -> LSTM -> its last state -> logits", Task: Classification,
		Complete: (*RowLSTMConfig).complete, Float32: newRowLSTM[float32], Float64: newRowLSTM[float64],
		Options: []Option{
			{Name: "patch", Key: "patch", Help: "Height and width of a patch; one number for both. The default is a row of the image.", Placeholder: "N", Size: true},
			{Name: "units", Key: "units", Help: "Units of a layer.", Placeholder: "N", Size: true},
			{Name: "depth", Key: "depth", Help: "Layers.", Placeholder: "N", Size: true},
			dropoutOption,
		},
	})
}

func (c *RowLSTMConfig) complete(s Spec) error {
	c.Units, c.Depth = cmp.Or(c.Units, 100), cmp.Or(c.Depth, 1)
	if c.Patch == [2]int{} {
		c.Patch = [2]int{1, s.Input[2]}
	}
	c.Patch[1] = cmp.Or(c.Patch[1], c.Patch[0])
	switch {
	case min(c.Patch[0], c.Patch[1]) < 1 || s.Input[1]%c.Patch[0] != 0 || s.Input[2]%c.Patch[1] != 0:
		return fmt.Errorf("model %q: patch of %d x %d pixels, expected one that divides images of %d x %d", s.Model, c.Patch[0], c.Patch[1], s.Input[1], s.Input[2])
	case c.Depth < 1 || c.Depth > maxLayers:
		return fmt.Errorf("model %q: depth %d, expected 1 to %d", s.Model, c.Depth, maxLayers)
	}
	return cmp.Or(checkDropout(s, c.Dropout), checkHidden(s, []int{c.Units}))
}

// RowLSTM is a recurrent network over the patches of an image, row by row.
type RowLSTM[T tensor.Float] struct {
	Patch   [2]int
	Net     *nn.LSTM[T]
	Dropout nn.Dropout[T]
	Head    *nn.Linear[T]
}

func newRowLSTM[T tensor.Float](c RowLSTMConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	return &RowLSTM[T]{
		Patch: c.Patch, Net: nn.NewLSTM[T](k.Sub("net"), s.Input[0]*c.Patch[0]*c.Patch[1], c.Units, c.Depth),
		Dropout: nn.Dropout[T]{P: c.Dropout}, Head: nn.NewLinear[T](k.Sub("head"), c.Units, s.Classes, true),
	}, nil
}

// Forward returns logits [batch, classes] for images [batch, C, H, W].
func (m *RowLSTM[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	states := m.Net.Forward(tp, transformer.Patches(tp, x, m.Patch))
	tp.Mark("states", states)
	logits := m.Head.Forward(tp, m.Dropout.Forward(tp, nn.LastStates(tp, states, nil)))
	tp.Mark("head", logits)
	return logits
}
