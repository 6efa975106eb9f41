package transformer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/internal/choice"
	"elegans/tensor"
)

// Direction says in which direction a reservoir is run along the tokens.
type Direction string

// The directions.
const (
	Forward  Direction = "forward"
	Backward Direction = "backward"
	Both     Direction = "both" // the states of both are read side by side
)

// TrainedPart names a part of a reservoir that is trained; all others are frozen.
type TrainedPart string

// The parts.
const (
	TrainLeak       TrainedPart = "leak"        // one for all neurons
	TrainLeaks      TrainedPart = "leaks"       // one for each
	TrainRadius     TrainedPart = "radius"      // a factor on the recurrent weights
	TrainInputScale TrainedPart = "input_scale" // a factor on the input weights
	TrainRecurrent  TrainedPart = "recurrent"   // each recurrent weight that there is
	TrainInput      TrainedPart = "input"       // each input weight
	TrainBias       TrainedPart = "bias"
)

// TrainedParts lists the parts.
func TrainedParts() []TrainedPart {
	return []TrainedPart{TrainLeak, TrainLeaks, TrainRadius, TrainInputScale, TrainRecurrent, TrainInput, TrainBias}
}

// EchoConfig describes an EchoMixer.
type EchoConfig struct {
	// Reservoir is any that package esn builds: drawn, or a connectome. The zero value stands for
	// esn.Defaults. ReadoutNeurons says which neurons are read. Washout does nothing here.
	Reservoir esn.Config `json:"reservoir"`
	// Direction is Forward if empty.
	Direction Direction `json:"direction,omitempty"`
	// Inputs is the number K of inputs of the reservoir, which a learned linear map makes of a
	// token. 0 has the token itself enter by the fixed input weights.
	Inputs int `json:"inputs,omitempty"`
	// Train lists the parts of the reservoir that are trained.
	Train []TrainedPart `json:"train,omitempty"`
	// Dropout is the probability of zeroing an element of the result in training.
	Dropout float64 `json:"dropout,omitempty"`
}

// Complete replaces what is not given by defaults. It returns an error that names the first field
// that cannot be used.
func (c *EchoConfig) Complete() error {
	completeReservoir(&c.Reservoir)
	err := choice.Complete(choice.Of("direction", &c.Direction, Forward, Backward, Both))
	for i := range c.Train {
		if err == nil {
			err = choice.Complete(choice.Of("train", &c.Train[i], TrainedParts()...))
		}
	}
	if err != nil {
		return fmt.Errorf("transformer: %w", err)
	}
	switch {
	case c.Inputs < 0 || c.Inputs > maxWidth:
		return fmt.Errorf("transformer: inputs %d, expected 0 to %d", c.Inputs, maxWidth)
	case slices.Contains(c.Train, TrainLeak) && slices.Contains(c.Train, TrainLeaks):
		return fmt.Errorf("transformer: train %q and %q, expected one of them", TrainLeak, TrainLeaks)
	case slices.Contains(c.Train, TrainBias) && c.Reservoir.BiasScale == 0:
		return fmt.Errorf("transformer: train %q with reservoir.bias_scale 0, which gives none", TrainBias)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("transformer: dropout %v, expected 0 to less than 1", c.Dropout)
	}
	return checkReservoir(&c.Reservoir)
}

// completeReservoir puts the defaults in the place of a description that is not there.
func completeReservoir(c *esn.Config) {
	if c.Topology == "" {
		*c = esn.Defaults()
	}
}

// EchoMixer lets tokens exchange what they hold by a reservoir that is run along them, a recurrent
// network that is not trained: x [B, n, E] -> [B, n, E].
//
//	u = in x                                        [B, n, K]; x itself without In
//	s[t] = (1-a) s[t-1] + a f(W s[t-1] + Win u[t] + b)    N neurons, s[-1] = 0
//	y = out s + bias
//
// With Both the reservoir runs from the last token to the first, too, and out reads the states of
// both runs; a frozen reservoir does both as one batch.
//
// Gradients go through the reservoir to the tokens, so that what lies below learns. In the
// published program the reservoir is cut from the graph, and nothing below its readout does. A
// frozen reservoir keeps its states for that and nothing else; where nothing below learns, not even
// the gradient of its input is computed.
type EchoMixer[T tensor.Float] struct {
	In        *nn.Linear[T] // E -> K, or nil
	Reservoir *nn.EchoState[T]
	Out       *autograd.Var[T] `nn:"out.weight"` // [directions, E, neurons that are read]
	Bias      *autograd.Var[T] `nn:"out.bias"`   // [E]
	Direction Direction
	Neurons   []int // that are read; nil for all
	Dropout   float64
}

// NewEchoMixer makes a mixer for tokens of so many features. The reservoir is that of c.Reservoir,
// as esn.Build gives it; the learned weights are drawn from the key, from Glorot's uniform
// distribution.
func NewEchoMixer[T tensor.Float](k tensor.Key, c EchoConfig, features int) (*EchoMixer[T], error) {
	c.Train = slices.Clone(c.Train)
	if err := c.Complete(); err != nil {
		return nil, err
	}
	inputs := features
	if c.Inputs > 0 {
		inputs = c.Inputs
	}
	layer, err := reservoirLayer[T](&c.Reservoir, inputs)
	if err != nil {
		return nil, err
	}
	m := &EchoMixer[T]{Reservoir: layer, Direction: c.Direction, Dropout: c.Dropout}
	read := layer.Size()
	if names := c.Reservoir.ReadoutNeurons; len(names) > 0 {
		if m.Neurons, err = selectNeurons(&c.Reservoir, layer.Size()); err != nil {
			return nil, err
		}
		read = len(m.Neurons)
	}
	m.train(c.Train)
	if c.Inputs > 0 {
		m.In = newLinear[T](k.Sub("in"), features, inputs)
	}
	bound := math.Sqrt(6 / float64(m.directions()*read+features))
	m.Out = autograd.NewParam("weight", tensor.Uniform[T](k.Sub("out"), -bound, bound, m.directions(), features, read))
	m.Bias = autograd.NewParam("bias", tensor.New[T](features))
	return m, nil
}

// reservoirLayer builds the one reservoir of a description as a frozen layer.
func reservoirLayer[T tensor.Float](c *esn.Config, inputs int) (*nn.EchoState[T], error) {
	d, err := esn.Build[T](*c, inputs, 0)
	if err != nil {
		return nil, err
	}
	return d.Layers[0].Layer()
}

// selectNeurons returns the neurons that are read, of all groups.
func selectNeurons(c *esn.Config, all int) ([]int, error) {
	n := all / c.Groups
	chosen, err := c.Select(c.ReadoutNeurons, n)
	if err != nil {
		return nil, fmt.Errorf("transformer: reservoir.readout_neurons %s: %w", strings.Join(c.ReadoutNeurons, ", "), err)
	}
	var list []int
	for g := range c.Groups {
		for _, i := range chosen {
			list = append(list, g*n+i)
		}
	}
	return list, nil
}

// train has parts of the reservoir trained.
func (m *EchoMixer[T]) train(parts []TrainedPart) {
	r := m.Reservoir
	for _, p := range parts {
		switch p {
		case TrainLeak, TrainLeaks:
			r.TrainLeak(p == TrainLeaks)
		case TrainRadius:
			r.TrainRadius()
		case TrainInputScale:
			r.TrainInputScale()
		case TrainRecurrent:
			r.Weight.SetRequiresGrad(true)
		case TrainInput:
			r.Input.SetRequiresGrad(true)
		case TrainBias:
			r.Bias.SetRequiresGrad(true)
		}
	}
}

func (m *EchoMixer[T]) directions() int {
	if m.Direction == Both {
		return 2
	}
	return 1
}

// Forward maps x [B, n, E] to [B, n, E].
func (m *EchoMixer[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return m.Run(tp, x, nil)
}

// Run maps sequences x [B, n, E] of the given lengths to [B, n, E], which is 0 behind their ends.
// Each begins with the state 0, in the direction from its end too.
func (m *EchoMixer[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T], lengths []int) *autograd.Var[T] {
	if x.Value.Dims() != 3 {
		tensor.PanicShape("transformer.EchoMixer", "want tokens [B, n, E]", x.Shape())
	}
	checkLengths("transformer.EchoMixer", x, lengths)
	b, n := x.Value.Dim(0), x.Value.Dim(1)
	h := clearPadding(tp, x, lengths)
	if m.In != nil {
		h = m.In.Forward(tp, h)
	}
	s := m.states(tp, h, lengths)
	tp.Mark("states", s)
	if m.Neurons != nil {
		s = tp.IndexSelect(s, 2, m.Neurons)
	}
	// [directions, B*n, E]: one product, and the states are not copied.
	y := tp.GroupedLinear(tp.Reshape(s, m.directions(), b*n, s.Value.Dim(2)), m.Out, nil)
	y = tp.Reshape(y, m.directions()*b, n, y.Value.Dim(2))
	switch m.Direction {
	case Backward:
		y = reverse(tp, y, lengths)
	case Both:
		y = tp.Add(tp.Slice(y, 0, 0, b, 1), reverse(tp, tp.Slice(y, 0, b, 2*b, 1), lengths))
	}
	y = clearPadding(tp, tp.Add(y, m.Bias), lengths)
	return tp.Dropout(y, m.Dropout)
}

// states returns the states [directions*B, n, N] for inputs [B, n, K], those of the run from the
// end in its own order.
func (m *EchoMixer[T]) states(tp *autograd.Tape[T], u *autograd.Var[T], lengths []int) *autograd.Var[T] {
	switch m.Direction {
	case Backward:
		u = reverse(tp, u, lengths)
	case Both:
		u = tp.Concat(0, u, reverse(tp, u, lengths))
		if lengths != nil {
			twice := tp.NewInts(2 * len(lengths))
			copy(twice, lengths)
			copy(twice[len(lengths):], lengths)
			lengths = twice
		}
	}
	return m.Reservoir.Run(tp, u, nil, lengths)
}

// stepBytes counts the states, which the reservoir keeps, and what is computed before and behind.
func (m *EchoMixer[T]) stepBytes(batch, tokens int) float64 {
	directions, e := m.directions(), m.Bias.Value.Len()
	inputs := e
	kept := directions*(m.Reservoir.Size()+e) + e // states, what is read of them, their sum
	if m.In != nil {
		inputs = m.In.Weight.Value.Dim(0)
		kept += inputs
	}
	if m.Neurons != nil {
		kept += directions * len(m.Neurons)
	}
	switch m.Direction {
	case Backward:
		kept += inputs + e
	case Both:
		kept += 3*inputs + 4*e
	}
	return numbers[T](batch*tokens, kept)
}
