package esn

import (
	"encoding/json"
	"fmt"
	"slices"

	"elegans/internal/memory"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// Network is an echo-state network: reservoirs that a Config describes, whose weights stay as they
// are, and a readout that is fitted. T is the type in which states are computed; inputs, targets
// and outputs are float64.
//
// Fit, FitMore and Stream.Learn change the network; everything else may be called by several
// goroutines at a time.
type Network[T tensor.Float] struct {
	// Notes is a JSON value of the user's that Save keeps and Load gives back, such as the names
	// and units of the inputs; nil for none.
	Notes json.RawMessage

	config          Config
	inputs, outputs int
	neurons         int // of all layers
	deep            *Deep[T]
	runners         []*leaky.Runner[T] // of the layers, for streams
	nvar            *window            // before the first step; nil without an NVAR
	// columns of the states that the readout sees; nil stands for all
	reads     []int
	readout   Readout
	fitted    bool
	sequences uint64 // that Fit has seen: each has noise of its own
}

// NewNetwork returns a network of so many inputs and outputs whose readout is not fitted yet. A
// readout of nil stands for a ridge regression with its defaults.
func NewNetwork[T tensor.Float](c Config, inputs, outputs int, readout Readout) (*Network[T], error) {
	if outputs < 1 {
		return nil, fmt.Errorf("esn: %d outputs, expected at least 1", outputs)
	}
	group, err := c.group(inputs, outputs)
	if err != nil {
		return nil, err
	}
	if readout == nil {
		readout = NewRidgeReadout()
	}
	n := &Network[T]{config: c, inputs: inputs, outputs: outputs, neurons: group * c.Groups * c.Layers, readout: readout}
	if n.reads, err = c.columns(group); err != nil {
		return nil, err
	}
	if err := n.window(); err != nil {
		return nil, err
	}
	// A readout may need far more memory than the reservoir, and says so at once.
	if err := n.forget(); err != nil {
		return nil, err
	}
	d, _, err := n.config.build(inputs, outputs)
	if err != nil {
		return nil, err
	}
	n.hold(convertDeep[T](d))
	return n, nil
}

// newNetwork returns a network whose readout sees all states and has not begun.
func newNetwork[T tensor.Float](c Config, inputs, outputs int, d *Deep[T], readout Readout) (*Network[T], error) {
	n := &Network[T]{config: c, inputs: inputs, outputs: outputs, neurons: d.Size(), readout: readout}
	n.hold(d)
	return n, n.window()
}

// hold takes the reservoirs.
func (n *Network[T]) hold(d *Deep[T]) {
	n.deep = d
	for _, r := range d.Layers {
		n.runners = append(n.runners, r.runner())
	}
}

// window makes that of the NVAR, if there is one.
func (n *Network[T]) window() error {
	v := n.config.NVAR
	if !n.config.hasNVAR() {
		return nil
	}
	what := fmt.Sprintf("an NVAR of delay %d, stride %d and order %d of %d inputs", v.Delay, v.Stride, v.Order, n.inputs)
	if err := memory.Need(what, v.bytes(1, n.inputs)); err != nil {
		return err
	}
	n.nvar = v.window(n.inputs)
	return nil
}

// columns returns the columns of the states that the readout sees, or nil for all.
func (c *Config) columns(group int) ([]int, error) {
	if len(c.ReadoutNeurons) == 0 && (!c.ReadoutLastLayer || !c.hasReservoir()) {
		return nil, nil
	}
	names := c.ReadoutNeurons
	if len(names) == 0 {
		names = []string{"all"}
	}
	chosen, err := c.Select(names, group)
	if err != nil {
		return nil, fmt.Errorf("readout_neurons: %w", err)
	}
	first := 0
	if c.ReadoutLastLayer {
		first = (c.Layers - 1) * c.Groups
	}
	var list []int
	for g := first; g < c.Layers*c.Groups; g++ {
		for _, i := range chosen {
			list = append(list, g*group+i)
		}
	}
	return list, nil
}

// forget begins the readout anew.
func (n *Network[T]) forget() error {
	n.fitted, n.sequences = false, 0
	if err := n.readout.Begin(n.Features(), n.outputs); err != nil {
		return err
	}
	_, n.fitted = n.readout.(OnlineReadout)
	return nil
}

// Config returns what the network was made from.
func (n *Network[T]) Config() Config { return n.config }

// Reservoir returns the reservoirs, which are not to be changed.
func (n *Network[T]) Reservoir() *Deep[T] { return n.deep }

// Readout returns the readout.
func (n *Network[T]) Readout() Readout { return n.readout }

// Inputs returns the number K of inputs, Outputs that of outputs, M, and Features the number F of
// states and inputs that the readout sees.
func (n *Network[T]) Inputs() int { return n.inputs }

// Outputs returns the number M of outputs.
func (n *Network[T]) Outputs() int { return n.outputs }

// Features returns the number F of states and inputs that the readout sees.
func (n *Network[T]) Features() int {
	f := n.neurons
	if n.reads != nil {
		f = len(n.reads)
	}
	if n.config.ReadoutSquares {
		f *= 2
	}
	if n.nvar != nil {
		f += n.nvar.size()
	}
	if n.config.ReadoutInput {
		f += n.inputs
	}
	return f * max(1, n.config.ReadoutTimes)
}

// Fit fits the readout to sequences, of any lengths. Each begins with the zero state, and its first
// Config.Washout rows are left out. Outputs that are fed back are the targets (teacher forcing).
// What the readout knew before is forgotten; if there is an error in a sequence, nothing is
// changed. Where sequences are seen as wholes they are run many at once, as by SeenAll.
func (n *Network[T]) Fit(sequences []Sequence) error {
	if err := n.checkAll(sequences); err != nil {
		return err
	}
	if err := n.forget(); err != nil {
		return err
	}
	return n.learn(sequences)
}

// FitMore is Fit that goes on from what the readout has learnt: the same as one Fit with the
// sequences of all calls, which need not be kept.
func (n *Network[T]) FitMore(sequences []Sequence) error {
	if err := n.checkAll(sequences); err != nil {
		return err
	}
	return n.learn(sequences)
}

func (n *Network[T]) checkAll(sequences []Sequence) error {
	for i, s := range sequences {
		if err := s.check(n.inputs, n.outputs, n.config.ReadoutTimes > 0); err != nil {
			return fmt.Errorf("esn: sequence %d: %w", i, err)
		}
	}
	return nil
}

func (n *Network[T]) learn(sequences []Sequence) error {
	learnt := 0
	var g gathered
	each := sequences
	if n.together() {
		var err error
		if learnt, err = n.learnTogether(sequences); err != nil {
			return err
		}
		each = nil
	}
	for i, s := range each {
		rows := s.Input.Dim(0)
		if rows <= n.config.Washout {
			n.sequences++
			continue
		}
		input := n.noisy(s.Input)
		if n.inPieces() {
			if err := n.learnPieces(input, s.Target); err != nil {
				return fmt.Errorf("esn: sequence %d: %w", i, err)
			}
			n.sequences++
			learnt++
			continue
		}
		states, err := n.run(input, s.Target, true)
		if err != nil {
			return fmt.Errorf("esn: sequence %d: %w", i, err)
		}
		n.sequences++
		x, y := n.features(states, input), s.Target
		if n.config.ReadoutTimes > 0 {
			err = g.add(n.readout, x, y)
		} else {
			from := n.config.Washout
			err = n.readout.Add(x.Slice(0, from, rows, 1), y.Slice(0, from, rows, 1))
		}
		if err != nil {
			return err
		}
		learnt++
	}
	if err := g.flush(n.readout); err != nil {
		return err
	}
	if learnt == 0 {
		return fmt.Errorf("esn: none of %d sequences has more rows than the washout of %d", len(sequences), n.config.Washout)
	}
	if err := n.readout.Solve(); err != nil {
		return err
	}
	n.fitted = true
	return nil
}

// inPieces reports whether the readout can be given states piece by piece: those of one layer, each
// row by itself.
func (n *Network[T]) inPieces() bool {
	return len(n.deep.Layers) == 1 && n.nvar == nil && n.config.ReadoutTimes == 0
}

// learnPieces adds a sequence to the readout.
func (n *Network[T]) learnPieces(input, target *tensor.Tensor[float64]) error {
	o := n.options(0, target, input.Dim(0), true)
	return n.deep.Layers[0].RunPieces(tensor.Convert[T](input), o, func(first int, states *tensor.Tensor[T]) error {
		end := first + states.Dim(0)
		from := max(first, n.config.Washout)
		if from >= end {
			return nil
		}
		x := n.features(states.Slice(0, from-first, end-first, 1), input.Slice(0, from, end, 1))
		return n.readout.Add(x, target.Slice(0, from, end, 1))
	})
}

// options returns those of a run of layer l over so many rows; fed back are the targets.
func (n *Network[T]) options(l int, target *tensor.Tensor[float64], rows int, noise bool) Options[T] {
	var o Options[T]
	r := n.deep.Layers[l]
	if r.Feedback != nil && target != nil {
		o.Feedback = tensor.Convert[T](target)
	}
	if noise && n.config.StateNoise > 0 {
		key := tensor.NewKey(n.config.Seed, "esn.state_noise", n.sequences, uint64(l))
		o.Noise = tensor.Normal[T](key, 0, n.config.StateNoise, rows, r.Size())
	}
	return o
}

// noisy returns the input with the noise of the present sequence.
func (n *Network[T]) noisy(input *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	if n.config.InputNoise == 0 {
		return input
	}
	key := tensor.NewKey(n.config.Seed, "esn.input_noise", n.sequences)
	u := tensor.Normal[float64](key, 0, n.config.InputNoise, input.Shape()...)
	tensor.Add(u, u, input)
	return u
}

// run returns the states [T, N] of a sequence; fed back are the targets.
func (n *Network[T]) run(input, target *tensor.Tensor[float64], noise bool) (*tensor.Tensor[T], error) {
	rows := input.Dim(0)
	if len(n.deep.Layers) == 0 {
		return tensor.New[T](rows, 0), nil
	}
	// the states, and in float64 what the readout sees of them
	if err := memory.Need(fmt.Sprintf("the states of %d neurons at %d steps", n.deep.Size(), rows), 8*2*float64(rows)*float64(n.deep.Size())); err != nil {
		return nil, err
	}
	u := tensor.Convert[T](input)
	each := make([]Options[T], len(n.deep.Layers))
	for l := range each {
		each[l] = n.options(l, target, rows, noise)
	}
	return n.deep.run(u, each)
}

// features returns what the readout sees [T, F].
func (n *Network[T]) features(states *tensor.Tensor[T], input *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	if n.reads == nil && n.nvar == nil && !n.config.ReadoutInput && !n.config.ReadoutSquares {
		if same, ok := any(states).(*tensor.Tensor[float64]); ok {
			return n.seen(same)
		}
		return n.seen(tensor.Convert[float64](states))
	}
	rows, f := states.Dim(0), n.Features()/max(1, n.config.ReadoutTimes)
	x := tensor.New[float64](rows, f)
	all, u := states.Data(), input.Contiguous().Data()
	var w *window
	if n.nvar != nil {
		w = n.nvar.clone()
	}
	for t := range rows {
		n.row(x.Data()[t*f:(t+1)*f], all[t*states.Dim(1):(t+1)*states.Dim(1)], u[t*n.inputs:(t+1)*n.inputs], w)
	}
	return n.seen(x)
}

// row writes the features of one step: states, NVAR, input.
func (n *Network[T]) row(row []float64, states []T, u []float64, w *window) {
	row = row[n.pick(row, states):]
	if w != nil {
		w.read(u)
		w.features(row[:w.size()])
		row = row[w.size():]
	}
	copy(row, u) // nothing if there is no room
}

// pick writes the states that the readout sees, and their squares, and returns how many numbers.
func (n *Network[T]) pick(row []float64, states []T) int {
	seen := len(states)
	if n.reads == nil {
		for i, v := range states {
			row[i] = float64(v)
		}
	} else {
		seen = len(n.reads)
		for i, at := range n.reads {
			row[i] = float64(states[at])
		}
	}
	if n.config.ReadoutSquares {
		for i, v := range row[:seen] {
			row[seen+i] = v * v
		}
		return 2 * seen
	}
	return seen
}

// hasFeedback reports whether outputs are fed back.
func (n *Network[T]) hasFeedback() bool {
	return slices.ContainsFunc(n.deep.Layers, func(r *Reservoir[T]) bool { return r.Feedback != nil })
}

// States returns the states [T, N] of all layers for a sequence u [T, K], from the zero state. It
// is for networks without feedback.
func (n *Network[T]) States(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if err := checkRows("input", u, n.inputs); err != nil {
		return nil, fmt.Errorf("esn: %w", err)
	}
	if n.hasFeedback() {
		return nil, fmt.Errorf("esn: states of a network with feedback, expected one without: they depend on its outputs")
	}
	states, err := n.run(u, nil, false)
	if err != nil {
		return nil, err
	}
	return tensor.Convert[float64](states), nil
}

// Predict returns the outputs [T, M] for a sequence u [T, K], from the zero state; [1, M] for a
// network with Config.ReadoutTimes.
func (n *Network[T]) Predict(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if err := checkRows("input", u, n.inputs); err != nil {
		return nil, fmt.Errorf("esn: %w", err)
	}
	if err := n.ready(); err != nil {
		return nil, err
	}
	if n.config.ReadoutTimes > 0 {
		return n.predictWhole(u)
	}
	if n.hasFeedback() || u.Dim(0) == 1 { // one row is multiplied in another order than many
		return n.Stream().Run(u)
	}
	states, err := n.run(u, nil, false)
	if err != nil {
		return nil, err
	}
	y := tensor.New[float64](u.Dim(0), n.outputs)
	if u.Dim(0) > 0 {
		n.readout.Predict(y, n.features(states, u))
	}
	return y, nil
}

// Generate reads a sequence u [T, K] from the zero state and then goes on alone for so many steps,
// each output being the next input. It returns these outputs [steps, M].
func (n *Network[T]) Generate(u *tensor.Tensor[float64], steps int) (*tensor.Tensor[float64], error) {
	s := n.Stream()
	if _, err := s.Run(u); err != nil {
		return nil, err
	}
	return s.Generate(steps)
}

// ready refuses to predict what was not learnt.
func (n *Network[T]) ready() error {
	if !n.fitted {
		return fmt.Errorf("esn: the readout has not been fitted")
	}
	return nil
}
