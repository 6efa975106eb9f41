package connectome

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"elegans/internal/quote"
)

// FormatError says why a file was refused. Line counts from 1; 0 means that the reason concerns the
// file as a whole.
type FormatError struct {
	File   string
	Line   int
	Reason string
	Err    error // what Reason says, where it came as an error; or nil
}

// Error returns "file:line: reason".
func (e *FormatError) Error() string {
	if e.Line == 0 {
		return quote.Name(e.File) + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", quote.Name(e.File), e.Line, e.Reason)
}

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }

// record is one edge as a file lists it, before folding. A file with millions of edges has as many
// of them, so they are small.
type record struct {
	pre, post uint32 // neurons, or slots of a builder that has them
	line      uint32
	layer     Layer
	swapped   bool // a gap junction listed with Pre > Post
	weight    float64
}

// chunk is the number of records that are kept together: a list that grew as a whole would be
// copied, and stand in memory twice, each time.
const chunk = 1 << 14

// builder collects what a reader finds and turns it into a graph in normal form.
type builder struct {
	ctx     context.Context
	file    string
	neurons []Neuron
	index   map[string]int
	closed  bool // a neuron that an edge names must be known already

	chunks  [][]record
	records int
	// symmetric: a gap junction must be listed in both directions.
	symmetric bool
	// both: gap junctions that are listed in both directions are no defect.
	both bool

	memory budget
	unused unused
}

func newBuilder(ctx context.Context, file string) *builder {
	return &builder{ctx: ctx, file: file, index: map[string]int{}}
}

func (b *builder) errorf(line int, format string, args ...any) error {
	return &FormatError{File: b.file, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// take counts memory that the graph needs.
func (b *builder) take(line, bytes int) error {
	if err := b.memory.take("the graph", bytes); err != nil {
		return &FormatError{File: b.file, Line: line, Reason: err.Error(), Err: err}
	}
	return nil
}

func (b *builder) addNeuron(line int, n Neuron) error {
	if err := n.validate(); err != nil {
		return b.errorf(line, "neuron %s: %v", quote.Text(n.Name), err)
	}
	if _, dup := b.index[n.Name]; dup {
		return b.errorf(line, "second neuron named %s", quote.Text(n.Name))
	}
	if len(b.neurons) >= MaxNeurons {
		return b.errorf(line, "more than %d neurons", MaxNeurons)
	}
	if err := b.take(line, neuronBytes+n.textBytes()); err != nil {
		return err
	}
	b.index[n.Name] = len(b.neurons)
	b.neurons = append(b.neurons, n)
	return nil
}

// textBytes returns what the texts of a neuron take.
func (n *Neuron) textBytes() int {
	sum := len(n.Name) + len(n.ID) + len(n.Class)
	for _, t := range n.Transmitters {
		sum += 16 + len(t)
	}
	for k, v := range n.Extra {
		sum += attributeBytes + len(k) + len(v)
	}
	return sum
}

// neuron returns the index of a name, adding a neuron if the set is not closed.
func (b *builder) neuron(line int, name string) (int, error) {
	if i, ok := b.index[name]; ok {
		return i, nil
	}
	if b.closed {
		return 0, b.errorf(line, "unknown neuron %s", quote.Text(name))
	}
	if err := b.addNeuron(line, Neuron{Name: strings.Clone(name)}); err != nil {
		return 0, err
	}
	return len(b.neurons) - 1, nil
}

func (b *builder) addEdge(line int, e Edge) error {
	if err := checkWeight(e.Weight); err != nil {
		return b.errorf(line, "%v", err)
	}
	if b.records >= MaxEdges {
		return b.errorf(line, "more than %d edges", MaxEdges)
	}
	last := len(b.chunks) - 1
	if last < 0 || len(b.chunks[last]) == cap(b.chunks[last]) {
		size := chunk
		if last < 0 { // most graphs are small
			size = 64
		} else if last == 0 {
			size = 1024
		}
		if err := b.take(line, size*recordBytes); err != nil {
			return err
		}
		b.chunks = append(b.chunks, make([]record, 0, size))
		last++
	}
	b.chunks[last] = append(b.chunks[last], record{
		pre: uint32(e.Pre), post: uint32(e.Post), line: uint32(min(line, math.MaxInt32)),
		layer: e.Layer, weight: e.Weight,
	})
	b.records++
	return nil
}

func parseLayer(s string) (Layer, error) {
	switch strings.ToLower(s) {
	case "c", "chem", "chemical", "directed":
		return Chemical, nil
	case "e", "gap", "electrical", "undirected":
		return Gap, nil
	}
	return 0, fmt.Errorf("type %s, expected C (chemical) or E (gap junction)", quote.Text(s))
}

func parseNumber(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s is not a finite number", quote.Text(s))
	}
	return v, nil
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
