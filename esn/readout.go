package esn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// Readout turns the features of a Network, the states that it reads and perhaps the input, into
// outputs. What it learns it learns from rows given to Add. Its options are its fields with JSON
// tags, and what it has learnt are its arrays, so that a Network can be saved and loaded whatever
// its readout is. Each kind of readout is a file that calls RegisterReadout.
//
//	features x [T, F], targets and outputs y [T, M]
type Readout interface {
	// Kind is the name under which it is registered.
	Kind() string
	// Begin forgets all that was learnt and sets the numbers of features and outputs. It refuses
	// options that make no sense.
	Begin(features, outputs int) error
	// Add takes the rows of one sequence; it keeps nothing of x and y. A readout that learns online
	// has learnt them when Add returns.
	Add(x, y *tensor.Tensor[float64]) error
	// Solve fits a readout that is not online to all rows so far. It may be called again when more
	// have come.
	Solve() error
	// Predict writes the outputs. It allocates nothing, and may be called by several goroutines at
	// a time while nothing is learnt. A row of many has the same bits as with a row of zeros beside
	// it.
	Predict(y, x *tensor.Tensor[float64])
	// Arrays returns what was learnt, by name, as tensors that share its memory; none before Begin.
	Arrays() map[string]*tensor.Tensor[float64]
	// SetArrays takes what Arrays returned. Begin was called before.
	SetArrays(arrays map[string]*tensor.Tensor[float64]) error
}

var readouts = map[string]func() Readout{}

// RegisterReadout adds a kind of readout; empty returns one with the default options.
func RegisterReadout(empty func() Readout) {
	kind := empty().Kind()
	if readouts[kind] != nil {
		panic("esn: two readouts are called " + kind)
	}
	readouts[kind] = empty
}

// Readouts returns the kinds of readouts.
func Readouts() []string { return slices.Sorted(maps.Keys(readouts)) }

// NewReadout returns a readout of a kind with the default options.
func NewReadout(kind string) (Readout, error) {
	empty := readouts[kind]
	if empty == nil {
		return nil, fmt.Errorf("esn: readout %q, expected one of %s", kind, choice.List(Readouts()))
	}
	return empty(), nil
}

// EncodeReadout writes the kind and options of a readout as a JSON object.
func EncodeReadout(r Readout) ([]byte, error) {
	options, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("esn: the options of a %s readout: %w", r.Kind(), err)
	}
	kind, err := json.Marshal(r.Kind())
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(options, &fields); err != nil {
		return nil, fmt.Errorf("esn: the options of a %s readout: %w", r.Kind(), err)
	}
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	fields["kind"] = kind
	return json.Marshal(fields)
}

// DecodeReadout reads a readout from a JSON object with its kind and options. An option that is
// left out has its default, and one that does not exist is an error.
func DecodeReadout(b []byte) (Readout, error) {
	if err := jsonkeys.Check(b, nil); err != nil {
		return nil, fmt.Errorf("esn: readout: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, fmt.Errorf("esn: readout: %w", err)
	}
	var kind string
	if err := json.Unmarshal(fields["kind"], &kind); err != nil {
		return nil, fmt.Errorf("esn: readout: key \"kind\": expected one of %s", choice.List(Readouts()))
	}
	r, err := NewReadout(kind)
	if err != nil {
		return nil, err
	}
	delete(fields, "kind")
	options, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	if err := (jsonkeys.Aliases{}).Decode(options, r); err != nil {
		return nil, fmt.Errorf("esn: readout %s: %w", kind, err)
	}
	return r, nil
}

// arraysOf checks that arrays are the ones wanted, by name and shape, and returns an error that
// names the first which is not. It is for SetArrays.
func arraysOf(kind string, arrays, want map[string]*tensor.Tensor[float64]) error {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		a := arrays[name]
		if a == nil {
			return fmt.Errorf("esn: a %s readout without the array %s", kind, name)
		}
		if !tensor.SameShape(a, want[name]) {
			return fmt.Errorf("esn: array %s of a %s readout of shape %v, expected %v", name, kind, a.Shape(), want[name].Shape())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if want[name] == nil {
			return fmt.Errorf("esn: array %q of a %s readout, expected none of that name", name, kind)
		}
	}
	return nil
}

// OnlineReadout is a readout that can predict before it has learnt anything, and learns from single
// rows: see Stream.Learn.
type OnlineReadout interface {
	Readout
	// Learn takes the features [F] and the target [M] of one step. It allocates nothing.
	Learn(x, target []float64)
}
