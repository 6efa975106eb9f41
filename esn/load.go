package esn

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"elegans/data/safetensors"
	"elegans/internal/jsonkeys"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// loader reads a file of a network. All sizes come from arrays that the file holds, so that it
// cannot make anything larger than itself, but for what a readout needs, which asks for its memory.
type loader[T tensor.Float] struct {
	file *safetensors.File
	head savedNetwork
	seen map[string]bool
}

func (l *loader[T]) load() (*Stream[T], error) {
	if err := l.metadata(); err != nil {
		return nil, err
	}
	if err := l.file.CheckSum(); err != nil {
		return nil, err
	}
	readout, err := DecodeReadout(l.head.Readout)
	if err != nil {
		return nil, err
	}
	d, err := l.reservoirs()
	if err != nil {
		return nil, err
	}
	n, err := newNetwork(l.head.Config, l.head.Inputs, l.head.Outputs, d, readout)
	if err != nil {
		return nil, err
	}
	if n.reads, err = l.columns(n.deep.Size()); err != nil {
		return nil, err
	}
	if err := memory.Need("the outputs of a network", 8*float64(n.outputs)*float64(n.Features()+4)); err != nil {
		return nil, err
	}
	if err := n.forget(); err != nil {
		return nil, err
	}
	if err := l.learnt(readout); err != nil {
		return nil, err
	}
	n.fitted, n.sequences, n.Notes = l.head.Fitted, l.head.Sequences, l.head.Notes
	s := n.Stream()
	if err := l.stream(s); err != nil {
		return nil, err
	}
	for _, name := range l.file.Names() {
		if !l.seen[name] {
			return nil, fmt.Errorf("array %s, expected none of that name in this network", quote.Text(name))
		}
	}
	return s, nil
}

// metadata reads and checks everything but the arrays.
func (l *loader[T]) metadata() error {
	meta := l.file.Metadata()
	if meta["format"] != Format {
		return fmt.Errorf("metadata \"format\" %s, expected %q: not a saved echo-state network", quote.Text(meta["format"]), Format)
	}
	version, err := strconv.Atoi(meta["version"])
	if err != nil || version < 1 {
		return fmt.Errorf("metadata \"version\" %s, expected a number from 1", quote.Text(meta["version"]))
	}
	if version > Version {
		return fmt.Errorf("version %d, expected at most %d: it was written by a newer program", version, Version)
	}
	if err := (jsonkeys.Aliases{}).Decode([]byte(meta["network"]), &l.head); err != nil {
		return fmt.Errorf("metadata \"network\": %w", err)
	}
	if l.head.Config.Layers == 0 {
		return fmt.Errorf("metadata \"network\" without a config")
	}
	if err := l.head.Config.Validate(); err != nil {
		return fmt.Errorf("metadata \"network\": %s", quote.Line(err.Error()))
	}
	if l.head.Inputs < 0 || l.head.Outputs < 1 || l.head.Steps < 0 {
		return fmt.Errorf("metadata \"network\": %d inputs, %d outputs and %d steps, expected at least 0, 1 and 0", l.head.Inputs, l.head.Outputs, l.head.Steps)
	}
	return nil
}

// reservoirs reads all layers.
func (l *loader[T]) reservoirs() (*Deep[T], error) {
	c := &l.head.Config
	op, slope, err := c.activationOf()
	if err != nil {
		return nil, err
	}
	d, below := &Deep[T]{}, l.head.Inputs
	layers := c.Layers
	if !c.hasReservoir() {
		layers = 0
	}
	for layer := range layers {
		prefix := fmt.Sprintf("layers.%d.", layer)
		r := &Reservoir[T]{Activation: op, Slope: T(slope)}
		if r.W, err = l.recurrent(prefix); err != nil {
			return nil, err
		}
		n := r.Size()
		if n == 0 || c.Neurons > 0 && (n%c.Groups != 0 || n/c.Groups != c.Neurons) {
			return nil, fmt.Errorf("%d neurons in layer %d, expected %d groups of %d", n, layer, c.Groups, c.Neurons)
		}
		if below > 0 {
			if r.Input, err = l.matrix(prefix+"input", n, below, true); err != nil {
				return nil, err
			}
		}
		if r.Feedback, err = l.matrix(prefix+"feedback", n, l.head.Outputs, c.FeedbackScale > 0); err != nil {
			return nil, err
		}
		if r.Bias, err = l.vector(prefix+"bias", n, c.BiasScale > 0 || l.file.Has(prefix+"bias")); err != nil {
			return nil, err
		}
		if r.Leak, err = l.vector(prefix+"leak", n, c.Leak != Fixed(1)); err != nil {
			return nil, err
		}
		if r.Leak != nil {
			for i, a := range r.Leak.Data() {
				if !(a > 0 && a <= 1) {
					return nil, fmt.Errorf("array %sleak: number %d is %v, expected above 0 and at most 1", prefix, i, a)
				}
			}
		}
		if layer > 0 && c.InputToAllLayers {
			skip, err := l.matrix(prefix+"skip", n, l.head.Inputs, l.head.Inputs > 0)
			if err != nil {
				return nil, err
			}
			d.Skip = append(d.Skip, skip)
		}
		d.Layers, below = append(d.Layers, r), n
	}
	return d, nil
}

// recurrent reads W.
func (l *loader[T]) recurrent(prefix string) (w Weights[T], err error) {
	if l.file.Has(prefix + "w") {
		info, err := l.file.Info(prefix + "w")
		if err != nil {
			return w, err
		}
		if len(info.Shape) != 2 || info.Shape[0] != info.Shape[1] {
			return w, fmt.Errorf("array %sw of shape %v, expected a square matrix", prefix, info.Shape)
		}
		w.Dense, err = l.get(prefix+"w", info.Shape...)
		return w, err
	}
	ptr, err := l.ints(prefix+"w.row_ptr", math.MaxInt32)
	if err != nil {
		return w, err
	}
	n := len(ptr) - 1
	col, err := l.ints(prefix+"w.col", n-1)
	if err != nil {
		return w, err
	}
	if n < 0 || ptr[0] != 0 || int(ptr[n]) != len(col) {
		return w, fmt.Errorf("array %sw.row_ptr does not lead from 0 to the %d entries of %sw.col", prefix, len(col), prefix)
	}
	for i := range n {
		if ptr[i] > ptr[i+1] {
			return w, fmt.Errorf("array %sw.row_ptr: row %d ends before it begins", prefix, i)
		}
	}
	val, err := l.get(prefix+"w.val", len(col))
	if err != nil {
		return w, err
	}
	w.Sparse = tensor.NewCSR(n, n, ptr, col, val.Data())
	return w, nil
}

// ints reads whole numbers from 0 to most.
func (l *loader[T]) ints(name string, most int) ([]int32, error) {
	l.seen[name] = true
	list, err := l.file.Int64s(name)
	if err != nil {
		return nil, err
	}
	out := make([]int32, len(list))
	for i, v := range list {
		if v < 0 || v > int64(most) {
			return nil, fmt.Errorf("array %s: number %d is %d, expected 0 to %d", name, i, v, most)
		}
		out[i] = int32(v)
	}
	return out, nil
}

// get reads an array of a shape.
func (l *loader[T]) get(name string, shape ...int) (*tensor.Tensor[T], error) {
	return getArray[T](l.file, l.seen, name, shape)
}

func getArray[T tensor.Float](f *safetensors.File, seen map[string]bool, name string, shape []int) (*tensor.Tensor[T], error) {
	seen[name] = true
	info, err := f.Info(name)
	if err != nil {
		return nil, err
	}
	if fmt.Sprint(info.Shape) != fmt.Sprint(shape) {
		return nil, fmt.Errorf("array %s of shape %v, expected %v", name, info.Shape, shape)
	}
	t, err := safetensors.Get[T](f, name)
	if err != nil {
		return nil, err
	}
	return t, finiteArray(name, t)
}

// matrix reads weights [N, K], which Build lays out as a view of [K, N], or returns nil.
func (l *loader[T]) matrix(name string, n, k int, expected bool) (*tensor.Tensor[T], error) {
	if !expected {
		return nil, nil
	}
	t, err := l.get(name, n, k)
	if err != nil {
		return nil, err
	}
	return t.Transpose(0, 1).Contiguous().Transpose(0, 1), nil
}

// vector reads one number, or n of them, or returns nil.
func (l *loader[T]) vector(name string, n int, expected bool) (*tensor.Tensor[T], error) {
	if !expected {
		return nil, nil
	}
	if info, err := l.file.Info(name); err == nil && len(info.Shape) == 1 && info.Shape[0] == 1 && strings.HasSuffix(name, "leak") {
		n = 1
	}
	return l.get(name, n)
}

// columns reads which of so many states the readout sees.
func (l *loader[T]) columns(states int) ([]int, error) {
	const name = "readout.columns"
	if !l.file.Has(name) {
		return nil, nil
	}
	list, err := l.ints(name, states-1)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(list))
	for i, v := range list {
		if i > 0 && v <= list[i-1] {
			return nil, fmt.Errorf("array %s: number %d is %d, expected more than the one before, %d", name, i, v, list[i-1])
		}
		out[i] = int(v)
	}
	return out, nil
}

// learnt gives the readout its arrays.
func (l *loader[T]) learnt(r Readout) error {
	arrays := map[string]*tensor.Tensor[float64]{}
	for _, name := range l.file.Names() {
		short, is := strings.CutPrefix(name, "readout.")
		if !is || short == "columns" {
			continue
		}
		info, err := l.file.Info(name)
		if err != nil {
			return err
		}
		if arrays[short], err = getArray[float64](l.file, l.seen, name, info.Shape); err != nil {
			return err
		}
	}
	return r.SetArrays(arrays)
}

// stream reads the state of a stream if there is one.
func (l *loader[T]) stream(s *Stream[T]) error {
	if !l.file.Has("stream.neurons") {
		return nil
	}
	x, err := l.get("stream.neurons", len(s.states))
	if err != nil {
		return err
	}
	y, err := getArray[float64](l.file, l.seen, "stream.output", []int{s.net.outputs})
	if err != nil {
		return err
	}
	if l.file.Has("stream.features") {
		f, err := getArray[float64](l.file, l.seen, "stream.features", []int{s.net.Features()})
		if err != nil {
			return err
		}
		copy(s.features.Data(), f.Data())
		s.stepped = true
	}
	if s.nvar != nil {
		past, err := getArray[float64](l.file, l.seen, "stream.inputs", []int{len(s.nvar.past) / max(1, s.net.inputs), s.net.inputs})
		if err != nil {
			return err
		}
		copy(s.nvar.past, past.Data())
	}
	copy(s.states, x.Data())
	copy(s.y.Data(), y.Data())
	s.steps = l.head.Steps
	return nil
}
