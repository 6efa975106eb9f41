package esn

import (
	"fmt"
	"math"
	"slices"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// Stream is a network at work on a sequence that comes row by row. A step allocates nothing, and
// its outputs have the same bits as those of Network.Predict over the whole sequence. Streams of
// one network are independent of each other, but learn into its one readout.
type Stream[T tensor.Float] struct {
	net    *Network[T]
	layers []streamLayer[T]
	// Matrices have two rows, of which only the first counts: one row would be multiplied in
	// another order than many.
	u, fed   *tensor.Tensor[T]       // [2, K] and [2, M]
	features *tensor.Tensor[float64] // [2, F]
	y        *tensor.Tensor[float64] // [2, M]
	states   []T                     // [N] of all layers
	nvar     *window                 // nil without an NVAR
	adapter  *adapter[T]             // nil but in Network.Adapt
	steps    int
	stepped  bool // since the state was set, so that there are features
}

// streamLayer is the state of a layer, a part of Stream.states, and room for its drive.
type streamLayer[T tensor.Float] struct {
	runner       *leaky.Runner[T]
	state, first *tensor.Tensor[T] // [N]; first is the first row of drive
	drive        *tensor.Tensor[T] // [2, N]
	// Transposes of the weights.
	feedback, skip *tensor.Tensor[T]
}

// Stream returns a stream in the zero state.
func (n *Network[T]) Stream() *Stream[T] {
	s := &Stream[T]{
		net: n, u: tensor.New[T](2, n.inputs), fed: tensor.New[T](2, n.outputs),
		features: tensor.New[float64](2, n.Features()), y: tensor.New[float64](2, n.outputs), states: make([]T, n.deep.Size()),
	}
	if n.nvar != nil {
		s.nvar = n.nvar.clone()
	}
	at := 0
	for l, r := range n.deep.Layers {
		size := r.Size()
		layer := streamLayer[T]{runner: n.runners[l], state: tensor.FromSlice(s.states[at:at+size:at+size], size), drive: tensor.New[T](2, size)}
		layer.first = tensor.FromSlice(layer.drive.Data()[:size], size)
		if r.Feedback != nil {
			layer.feedback = r.Feedback.Transpose(0, 1)
		}
		if l > 0 && l <= len(n.deep.Skip) && n.deep.Skip[l-1] != nil {
			layer.skip = n.deep.Skip[l-1].Transpose(0, 1)
		}
		s.layers = append(s.layers, layer)
		at += size
	}
	return s
}

// Network returns the network that is at work.
func (s *Stream[T]) Network() *Network[T] { return s.net }

// Step reads one input [K] and returns the output [M], which the next step overwrites. If there is
// an error the stream is as it was.
func (s *Stream[T]) Step(u []float64) ([]float64, error) {
	n := s.net
	if err := s.Check(u); err != nil {
		return nil, err
	}
	for i, v := range u {
		s.u.Data()[i] = T(v)
	}
	s.advance()
	n.row(s.features.Data()[:s.features.Dim(1)], s.states, u, s.nvar)
	n.readout.Predict(s.y, s.features)
	s.steps, s.stepped = s.steps+1, true
	return s.y.Data()[:n.outputs:n.outputs], nil
}

// Check returns the error that Step would. Learn does not change it, so a row whose target is
// learnt before its step can be refused as a whole.
func (s *Stream[T]) Check(u []float64) error {
	n := s.net
	if len(u) != n.inputs {
		return fmt.Errorf("esn: an input of %d numbers, expected %d", len(u), n.inputs)
	}
	if err := n.ready(); err != nil {
		return err
	}
	if n.config.ReadoutTimes > 0 {
		return fmt.Errorf("esn: a network with readout_times has an output for a whole sequence only, which Predict reads")
	}
	for i, v := range u {
		if w := float64(T(v)); math.IsNaN(w) || math.IsInf(w, 0) {
			return fmt.Errorf("esn: input row %d, column %d is %v, expected a finite number", s.steps, i, v)
		}
	}
	if n.hasFeedback() {
		for i, v := range s.y.Data()[:n.outputs] {
			if w := float64(T(v)); math.IsNaN(w) || math.IsInf(w, 0) {
				return fmt.Errorf("esn: output row %d, column %d is %v and would be fed back, expected a finite number: the closed loop is not stable", s.steps-1, i, v)
			}
		}
	}
	return nil
}

// advance moves all layers on by the input in s.u and the output before.
func (s *Stream[T]) advance() {
	for i, v := range s.y.Data()[:s.net.outputs] {
		s.fed.Data()[i] = T(v)
	}
	in := s.u
	for l := range s.layers {
		layer, r := &s.layers[l], s.net.deep.Layers[l]
		switch {
		case r.Input != nil:
			tensor.Linear(layer.drive, in, r.Input, r.Bias)
		case r.Bias != nil:
			copy(layer.first.Data(), r.Bias.Data())
		default:
			clear(layer.drive.Data())
		}
		if layer.feedback != nil {
			tensor.Gemm(layer.drive, s.fed, layer.feedback, 1, 1)
		}
		if layer.skip != nil {
			tensor.Gemm(layer.drive, s.u, layer.skip, 1, 1)
		}
		if s.adapter != nil {
			s.adapter.step(l, layer.first.Data(), layer.state.Data())
		} else {
			layer.runner.Step(layer.first.Data(), layer.state.Data())
		}
		copy(layer.state.Data(), layer.first.Data())
		in = layer.drive
	}
}

// Learn teaches the readout, which learns online, the target [M] of the last step. The output of
// that step, which is fed back into the next, stays what it was before: with recursive least
// squares and feedback weights this is FORCE (D. Sussillo and L. Abbott, Neuron 63, 2009). Learn
// allocates nothing.
func (s *Stream[T]) Learn(target []float64) error {
	n := s.net
	readout, ok := n.readout.(OnlineReadout)
	switch {
	case !ok:
		return fmt.Errorf("esn: a %s readout learns from whole sequences, expected one that learns online", n.readout.Kind())
	case !s.stepped:
		return fmt.Errorf("esn: a target before the first step")
	case len(target) != n.outputs:
		return fmt.Errorf("esn: a target of %d numbers, expected %d", len(target), n.outputs)
	}
	for i, v := range target {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("esn: target of row %d, column %d is %v, expected a finite number", s.steps-1, i, v)
		}
	}
	readout.Learn(s.features.Data()[:n.Features()], target)
	return nil
}

// SetOutput replaces the output of the last step by y [M], in what is fed back into the next and in
// what Generate goes on from: with the truth for y this is teacher forcing.
func (s *Stream[T]) SetOutput(y []float64) error {
	if len(y) != s.net.outputs {
		return fmt.Errorf("esn: an output of %d numbers, expected %d", len(y), s.net.outputs)
	}
	for i, v := range y {
		if w := float64(T(v)); math.IsNaN(w) || math.IsInf(w, 0) {
			return fmt.Errorf("esn: output column %d is %v, expected a finite number", i, v)
		}
	}
	copy(s.y.Data(), y)
	return nil
}

// Run makes a step for each row of u [T, K] and returns the outputs [T, M].
func (s *Stream[T]) Run(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if u.Dims() != 2 || u.Dim(1) != s.net.inputs {
		return nil, fmt.Errorf("esn: input of shape %v, expected [T, %d]", u.Shape(), s.net.inputs)
	}
	k, m, rows := s.net.inputs, s.net.outputs, u.Dim(0)
	y, in := tensor.New[float64](rows, m), u.Contiguous().Data()
	for t := range rows {
		row, err := s.Step(in[t*k : (t+1)*k])
		if err != nil {
			return nil, err
		}
		copy(y.Data()[t*m:], row)
	}
	return y, nil
}

// Generate goes on in closed loop: the output of each step is the input of the next, the first
// being the last output of the stream. A network without inputs feeds its output back by its
// feedback weights alone. It returns the outputs [steps, M]; if they leave the finite numbers, an
// error and those up to there.
func (s *Stream[T]) Generate(steps int) (*tensor.Tensor[float64], error) {
	k, m := s.net.inputs, s.net.outputs
	if k != 0 && k != m || steps < 0 {
		return nil, fmt.Errorf("esn: %d steps in closed loop of a network of %d inputs and %d outputs, expected at least 0 and as many inputs as outputs, or none", steps, k, m)
	}
	y := tensor.New[float64](steps, m)
	for t := range steps {
		row, err := s.Step(s.y.Data()[:k])
		if err != nil {
			return y.Slice(0, 0, t, 1), fmt.Errorf("step %d of the closed loop: %w", t, err)
		}
		copy(y.Data()[t*m:], row)
	}
	return y, nil
}

// State is all that a stream remembers. With it another stream of the same network goes on with the
// same bits.
type State struct {
	Neurons []float64 // x [N] of all layers, the first layer first
	Inputs  []float64 // [L, K], the last ones that an NVAR needs, the newest first
	Output  []float64 // y [M] of the last step, which is fed back, and from which Generate goes on
	Steps   int       // made so far
	// Features [F] are what the readout saw at the last step, from which Learn learns; nil before
	// the first.
	Features []float64
}

// State returns a copy of the state.
func (s *Stream[T]) State() State {
	st := State{Neurons: make([]float64, len(s.states)), Output: append([]float64{}, s.y.Data()[:s.net.outputs]...), Steps: s.steps}
	for i, v := range s.states {
		st.Neurons[i] = float64(v)
	}
	if s.stepped {
		st.Features = slices.Clone(s.features.Data()[:s.net.Features()])
	}
	st.Inputs = append(st.Inputs, s.past()...)
	return st
}

// past returns the inputs that an NVAR remembers.
func (s *Stream[T]) past() []float64 {
	if s.nvar == nil {
		return nil
	}
	return s.nvar.past
}

// SetState brings the stream into a state. The zero State is that of a new stream.
func (s *Stream[T]) SetState(st State) error {
	if len(st.Neurons) == 0 && len(st.Inputs) == 0 && len(st.Output) == 0 {
		s.Reset()
		s.steps = st.Steps
		return nil
	}
	if len(st.Neurons) != len(s.states) || len(st.Inputs) != len(s.past()) || len(st.Output) != s.net.outputs {
		return fmt.Errorf("esn: a state of %d neurons, %d inputs and %d outputs, expected %d, %d and %d",
			len(st.Neurons), len(st.Inputs), len(st.Output), len(s.states), len(s.past()), s.net.outputs)
	}
	if len(st.Features) != 0 && len(st.Features) != s.net.Features() {
		return fmt.Errorf("esn: a state of %d features, expected %d or none", len(st.Features), s.net.Features())
	}
	for i, v := range slices.Concat(st.Neurons, st.Inputs, st.Output, st.Features) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("esn: a state whose number %d is %v, expected a finite number", i, v)
		}
	}
	for i, v := range st.Neurons {
		s.states[i] = T(v)
	}
	copy(s.past(), st.Inputs)
	copy(s.y.Data(), st.Output)
	copy(s.features.Data(), st.Features)
	s.steps, s.stepped = st.Steps, len(st.Features) > 0
	return nil
}

// Reset returns the stream to the zero state.
func (s *Stream[T]) Reset() {
	clear(s.states)
	clear(s.past())
	clear(s.y.Data())
	s.steps, s.stepped = 0, false
}
