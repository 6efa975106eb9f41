package connectome

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxBytes bounds how much of a file a reader looks at.
const maxBytes = 128 << 20

// FormatError says why a file was refused. Line counts from 1; 0 means that the reason concerns the
// file as a whole.
type FormatError struct {
	File   string
	Line   int
	Reason string
}

// Error returns "file:line: reason".
func (e *FormatError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// record is one edge as a file lists it, before folding.
type record struct {
	Edge
	line    int
	swapped bool // a gap junction listed with Pre > Post
}

// builder collects what a reader finds and turns it into a graph in normal form.
type builder struct {
	file    string
	neurons []Neuron
	index   map[string]int
	records []record
	closed  bool // a neuron that an edge names must be known already
}

func newBuilder(file string) *builder { return &builder{file: file, index: map[string]int{}} }

func (b *builder) errorf(line int, format string, args ...any) error {
	return &FormatError{File: b.file, Line: line, Reason: fmt.Sprintf(format, args...)}
}

func (b *builder) addNeuron(line int, n Neuron) error {
	if err := n.validate(); err != nil {
		return b.errorf(line, "neuron %q: %v", clip(n.Name), err)
	}
	if _, dup := b.index[n.Name]; dup {
		return b.errorf(line, "second neuron named %q", clip(n.Name))
	}
	if len(b.neurons) >= MaxNeurons {
		return b.errorf(line, "more than %d neurons", MaxNeurons)
	}
	b.index[n.Name] = len(b.neurons)
	b.neurons = append(b.neurons, n)
	return nil
}

// neuron returns the index of a name, adding a neuron if the set is not closed.
func (b *builder) neuron(line int, name string) (int, error) {
	if i, ok := b.index[name]; ok {
		return i, nil
	}
	if b.closed {
		return 0, b.errorf(line, "unknown neuron %q", clip(name))
	}
	if err := b.addNeuron(line, Neuron{Name: name}); err != nil {
		return 0, err
	}
	return len(b.neurons) - 1, nil
}

func (b *builder) addEdge(line int, e Edge) error {
	if err := checkWeight(e.Weight); err != nil {
		return b.errorf(line, "%v", err)
	}
	if len(b.records) >= MaxEdges {
		return b.errorf(line, "more than %d edges", MaxEdges)
	}
	r := record{Edge: e, line: line}
	if e.Layer == Gap && e.Pre > e.Post {
		r.Pre, r.Post, r.swapped = e.Post, e.Pre, true
	}
	b.records = append(b.records, r)
	return nil
}

// graph folds the records: a pair listed several times becomes one edge with the summed weight, a
// gap junction listed in both directions one edge if the directions agree.
func (b *builder) graph() (*Graph, []Defect, error) {
	slices.SortFunc(b.records, func(x, y record) int { return cmp.Or(compareEdges(x.Edge, y.Edge), cmp.Compare(x.line, y.line)) })
	var edges []Edge
	repeated, both := 0, 0
	for i := 0; i < len(b.records); {
		first := b.records[i]
		var sum [2]float64
		var count [2]int
		line := first.line
		for ; i < len(b.records) && compareEdges(b.records[i].Edge, first.Edge) == 0; i++ {
			r, way := b.records[i], 0
			if r.swapped {
				way = 1
			}
			sum[way] += r.Weight
			count[way]++
			line = r.line
		}
		if max(count[0], count[1]) > 1 {
			repeated++
		}
		total := sum[0]
		switch {
		case count[0] > 0 && count[1] > 0 && sum[0] != sum[1]:
			return nil, nil, b.errorf(line, "gap junction of %q and %q has weight %v in one direction and %v in the other",
				clip(b.neurons[first.Pre].Name), clip(b.neurons[first.Post].Name), sum[0], sum[1])
		case count[0] > 0 && count[1] > 0:
			both++
		case count[0] == 0:
			total = sum[1]
		}
		if math.IsInf(total, 0) {
			return nil, nil, b.errorf(line, "the summed weight overflows")
		}
		edges = append(edges, Edge{first.Pre, first.Post, first.Layer, total})
	}
	g, err := New("", b.neurons, edges)
	if err != nil {
		return nil, nil, b.errorf(0, "%v", err)
	}
	var defects []Defect
	if both > 0 {
		defects = append(defects, Defect{DefectBothDirections, both, "gap junctions stand in both directions; each is stored once"})
	}
	if repeated > 0 {
		defects = append(defects, Defect{DefectRepeated, repeated, "pairs are listed more than once in a layer; their weights are summed"})
	}
	return g, defects, nil
}

// readAll returns the content of r, or an error if it is longer than any file that the package
// accepts.
func readAll(r io.Reader, file string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(data) > maxBytes {
		return nil, &FormatError{File: file, Reason: fmt.Sprintf("longer than %d bytes", maxBytes)}
	}
	return data, nil
}

func parseLayer(s string) (Layer, error) {
	switch strings.ToLower(s) {
	case "c", "chem", "chemical":
		return Chemical, nil
	case "e", "gap", "electrical":
		return Gap, nil
	}
	return 0, fmt.Errorf("type %q, expected C (chemical) or E (gap junction)", clip(s))
}

func parseNumber(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a finite number", clip(s))
	}
	return v, nil
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
