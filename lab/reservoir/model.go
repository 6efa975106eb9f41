package reservoir

import (
	"encoding/json"
	"errors"
	"fmt"

	"elegans/data/safetensors"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/internal/jsonkeys"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Notes are what a file of a network says about its data.
type Notes struct {
	// Task is what the network was trained on, and Alignment which value a row of output stands
	// for.
	Task      string `json:"task,omitempty"`
	Alignment string `json:"alignment,omitempty"`
	// ClosedLoop says that outputs are what comes next of the input, so that the network can go on
	// from its own.
	ClosedLoop bool `json:"closed_loop,omitempty"`
	// InputScale and TargetScale bring the user's values to those that the network sees.
	InputScale  *task.Standard `json:"input_scale,omitempty"`
	TargetScale *task.Standard `json:"target_scale,omitempty"`
	// Stream says which columns of a stream are what.
	Stream *Columns `json:"stream,omitempty"`
	// Names are those of the columns of a stream, which need not be told again.
	Names []string `json:"names,omitempty"`
}

// worker is an esn.Stream of either type.
type worker interface {
	Step(u []float64) ([]float64, error)
	Check(u []float64) error
	Learn(target []float64) error
	State() esn.State
	Reset()
	Save(path string) error
	Config() esn.Config
	Readout() esn.Readout
	Size() (inputs, outputs int)
	Note(b []byte)
}

// stream is an esn.Stream with what worker asks for besides.
type stream[T tensor.Float] struct{ *esn.Stream[T] }

func (s stream[T]) Size() (inputs, outputs int) {
	return s.Network().Inputs(), s.Network().Outputs()
}
func (s stream[T]) Config() esn.Config   { return s.Network().Config() }
func (s stream[T]) Readout() esn.Readout { return s.Network().Readout() }
func (s stream[T]) Note(b []byte)        { s.Network().Notes = b }

// Model is a network at work, in the units of its data.
type Model struct {
	Notes           Notes
	Inputs, Outputs int

	work  worker
	steps int       // rows read
	u, y  []float64 // the last rows as the network sees them
}

// keepNetwork writes a network with the state after the last rows of the test part, so that it can
// go on from there.
func keepNetwork[T tensor.Float](n *esn.Network[T], p *task.Problem, path string) error {
	m, err := newModel(stream[T]{n.Stream()}, Notes{
		Task: p.Task.Name, Alignment: p.Task.Alignment, ClosedLoop: goesOn(p), InputScale: p.InputScale, TargetScale: p.TargetScale,
	})
	if err != nil {
		return err
	}
	if p.Task.Kind == task.Classification { // says nothing before the end of a sequence
		return m.Save(path)
	}
	last := p.Test[len(p.Test)-1]
	k := m.Inputs
	for u := range rows(last.Input) {
		if _, err := m.step(u); err != nil {
			return err
		}
	}
	if m.Notes.ClosedLoop {
		// The last target is a row that is known as well.
		end := last.Target.Dim(0)
		y := last.Target.Slice(0, end-1, end, 1).Contiguous().Data()
		next := make([]float64, k)
		m.toInput(next, y)
		if _, err := m.step(next); err != nil {
			return err
		}
	}
	return m.Save(path)
}

// goesOn reports whether the target of a row is the input of the next.
func goesOn(p *task.Problem) bool {
	s := p.Train[0]
	if p.Task.Kind == task.Generation {
		return true
	}
	if p.Task.Kind == task.Classification || s.Input.Dim(1) != s.Target.Dim(1) {
		return false
	}
	// compared in the units of the data, and up to the rounding of the two scales
	in, out := s.Input, s.Target
	if p.InputScale != nil {
		in = p.InputScale.Undo(in)
	}
	if p.TargetScale != nil {
		out = p.TargetScale.Undo(out)
	}
	rows := in.Dim(0)
	a, b := in.Slice(0, 1, rows, 1).Contiguous().Data(), out.Slice(0, 0, rows-1, 1).Contiguous().Data()
	for i := range a {
		if d := a[i] - b[i]; !(d*d <= 1e-18*(1+a[i]*a[i])) {
			return false
		}
	}
	return true
}

// rows yields the rows of a matrix.
func rows(t *tensor.Tensor[float64]) func(yield func([]float64) bool) {
	return func(yield func([]float64) bool) {
		data, width := t.Contiguous().Data(), t.Dim(1)
		for i := range t.Dim(0) {
			if !yield(data[i*width : (i+1)*width]) {
				return
			}
		}
	}
}

func newModel(w worker, n Notes) (*Model, error) {
	m := &Model{Notes: n, work: w, steps: w.State().Steps}
	m.Inputs, m.Outputs = w.Size()
	m.u, m.y = make([]float64, m.Inputs), make([]float64, m.Outputs)
	for _, s := range []struct {
		name  string
		scale *task.Standard
		width int
	}{{"input_scale", n.InputScale, m.Inputs}, {"target_scale", n.TargetScale, m.Outputs}} {
		if s.scale == nil {
			continue
		}
		if len(s.scale.Mean) != s.width || len(s.scale.Deviation) != s.width {
			return nil, fmt.Errorf("notes: %s of %d means and %d deviations, expected %d", s.name, len(s.scale.Mean), len(s.scale.Deviation), s.width)
		}
		for _, d := range s.scale.Deviation {
			if !(d > 0) {
				return nil, fmt.Errorf("notes: %s has the deviation %v, expected above 0", s.name, d)
			}
		}
	}
	return m, nil
}

// Open reads a network, and the state of its stream if the file has one. Networks of other
// programs, without notes, are in the units of their weights.
func Open(path string) (*Model, error) {
	precision, err := precisionOf(path)
	if err != nil {
		return nil, err
	}
	if precision == Float32 {
		return open[float32](path)
	}
	return open[float64](path)
}

func open[T tensor.Float](path string) (*Model, error) {
	s, err := esn.LoadStream[T](path)
	if err != nil {
		return nil, err
	}
	var n Notes
	if b := s.Network().Notes; b != nil {
		if err := (jsonkeys.Aliases{}).Decode(b, &n); err != nil {
			return nil, fmt.Errorf("%s: notes: %w", quote.Name(path), err)
		}
	}
	m, err := newModel(stream[T]{s}, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", quote.Name(path), err)
	}
	return m, nil
}

// precisionOf returns the type of the states of a network in a file.
func precisionOf(path string) (string, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // only read from
	for _, name := range []string{"layers.0.w", "layers.0.w.val"} {
		if !f.Has(name) {
			continue
		}
		info, err := f.Info(name)
		if err == nil && info.Dtype == safetensors.F32 {
			return Float32, nil
		}
		return Float64, err
	}
	return Float64, nil // esn.LoadStream says what is wrong
}

// Save writes the network and its state. Open goes on from there with the same bits.
func (m *Model) Save(path string) error {
	b, err := json.Marshal(m.Notes)
	if err != nil {
		return err
	}
	m.work.Note(b)
	return m.work.Save(path)
}

// Step reads a row and returns the output, which the next step overwrites.
func (m *Model) Step(u []float64) ([]float64, error) {
	if err := m.Check(u); err != nil {
		return nil, err
	}
	y, err := m.step(m.u)
	if err != nil {
		return nil, err
	}
	return m.output(y), nil
}

// Check returns the error that Step would, whatever is learnt in between.
func (m *Model) Check(u []float64) error {
	if len(u) != m.Inputs {
		return fmt.Errorf("%d values, expected %d", len(u), m.Inputs)
	}
	copy(m.u, u)
	apply(m.Notes.InputScale, m.u)
	return m.work.Check(m.u)
}

// step reads a row as the network sees it.
func (m *Model) step(u []float64) ([]float64, error) {
	y, err := m.work.Step(u)
	if err == nil {
		m.steps++
	}
	return y, err
}

// Learn teaches a readout that learns online the target of the last step.
func (m *Model) Learn(target []float64) error {
	if len(target) != m.Outputs {
		return fmt.Errorf("%d targets, expected %d", len(target), m.Outputs)
	}
	copy(m.y, target)
	apply(m.Notes.TargetScale, m.y)
	return m.work.Learn(m.y)
}

// Steps returns the number of rows read so far.
func (m *Model) Steps() int { return m.steps }

// output returns an output in the units of the data.
func (m *Model) output(y []float64) []float64 {
	copy(m.y, y)
	undo(m.Notes.TargetScale, m.y)
	return m.y
}

// toInput turns an output, as the network gives it, into an input as it sees it.
func (m *Model) toInput(u, y []float64) {
	copy(u, y)
	undo(m.Notes.TargetScale, u)
	apply(m.Notes.InputScale, u)
}

func apply(s *task.Standard, v []float64) {
	if s != nil {
		for i := range v {
			v[i] = (v[i] - s.Mean[i]) / s.Deviation[i]
		}
	}
}

func undo(s *task.Standard, v []float64) {
	if s != nil {
		for i := range v {
			v[i] = v[i]*s.Deviation[i] + s.Mean[i]
		}
	}
}

// ErrNoState says that there is nothing to go on from.
var ErrNoState = errors.New("the network has read nothing, expected a state in its file, or rows to read first")

// Generate goes on without inputs: the first of the rows [steps, M] is what the network said to the
// last row that it read, and each becomes the input for the next.
func (m *Model) Generate(steps int) (*tensor.Tensor[float64], error) {
	switch {
	case steps < 0:
		return nil, fmt.Errorf("%d steps, expected at least 0", steps)
	case m.Inputs != m.Outputs || m.Notes.Task != "" && !m.Notes.ClosedLoop:
		return nil, fmt.Errorf("inputs %d, outputs %d, and the outputs are not the next inputs, "+
			"expected a network that predicts the next row of all its inputs: of a series, its --columns are its --target", m.Inputs, m.Outputs)
	case m.steps == 0:
		return nil, ErrNoState
	}
	if err := memory.Need(fmt.Sprintf("%d rows of %d outputs", steps, m.Outputs), 8*float64(steps)*float64(m.Outputs)); err != nil {
		return nil, err
	}
	out := tensor.New[float64](steps, m.Outputs)
	y := m.work.State().Output
	u := make([]float64, m.Inputs)
	for t := range steps {
		if t > 0 {
			m.toInput(u, y)
			next, err := m.step(u)
			if err != nil {
				return nil, fmt.Errorf("step %d: %w", t, err)
			}
			y = next
		}
		copy(out.Data()[t*m.Outputs:], m.output(y))
	}
	return out, nil
}

// Warmup reads a series [T, K] from the zero state.
func (m *Model) Warmup(series *tensor.Tensor[float64]) error {
	if series.Dim(1) != m.Inputs {
		return fmt.Errorf("%d columns of numbers, expected the %d inputs of the network", series.Dim(1), m.Inputs)
	}
	m.work.Reset()
	m.steps = 0
	for u := range rows(series) {
		if _, err := m.Step(u); err != nil {
			return err
		}
	}
	return nil
}

// CanLearn returns an error if the readout does not learn online.
func (m *Model) CanLearn() error { return canLearn(m.work.Readout()) }

func canLearn(r esn.Readout) error {
	if _, ok := r.(esn.OnlineReadout); !ok {
		return fmt.Errorf("a %s readout learns from whole sequences, expected one that learns online", r.Kind())
	}
	return nil
}
