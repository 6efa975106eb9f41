package connectome

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func init() {
	register(format{
		Format: Format{Name: "edge list", Reads: tableExtensions, Writes: tableExtensions, Keeps: KeepsNeurons},
		holds:  isEdgeList,
		read:   readEdgeList,
		files: func(path string, g *Graph) []file {
			comma := separator(path)
			return []file{
				{neuronFile(path), func(w io.Writer) error { return WriteNeurons(w, g, comma) }},
				{path, func(w io.Writer) error { return WriteEdges(w, g, comma) }},
			}
		},
	})
}

// isEdgeList reports whether the header of a table has the columns of an edge list.
func isEdgeList(data []byte, path string) bool {
	t, err := newTableReader(bytes.NewReader(data), path, separator(path))
	if err != nil {
		return false
	}
	header, _, err := t.next()
	col := columns(header, edgeColumns...)
	return err == nil && col[0] >= 0 && col[1] >= 0
}

// readEdgeList reads an edge list, and the table of neurons beside it if there is one.
func readEdgeList(data []byte, path string) (*Graph, []Defect, error) {
	var neurons []Neuron
	beside := neuronFile(path)
	f, err := os.Open(beside)
	if err == nil {
		defer f.Close()
		neurons, err = ReadNeurons(f, beside, separator(path))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	return ReadEdges(bytes.NewReader(data), path, separator(path), neurons)
}

// neuronFile returns the path of the table of neurons beside an edge list.
func neuronFile(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".neurons" + ext
}

var edgeColumns = [][]string{{"pre", "source", "from"}, {"post", "target", "to"}, {"type", "layer", "synapse_type"}, {"weight", "count", "synapses"}}

// ReadEdges reads an edge list separated by comma, which is '\t' or ','. The first row names the
// columns: pre (or source, from), post (target, to) and, if present, type (C or E; C without it)
// and weight (count, synapses; 1 without it); other columns are ignored. The neurons are those
// given, in their order, and a row that names another is refused; without any given they are taken
// from the rows in order of appearance. file is used in errors.
func ReadEdges(r io.Reader, file string, comma rune, neurons []Neuron) (*Graph, []Defect, error) {
	b := newBuilder(file)
	for i := range neurons {
		if err := b.addNeuron(0, neurons[i].clone()); err != nil {
			return nil, nil, err
		}
	}
	b.closed = neurons != nil
	t, err := newTableReader(r, file, comma)
	if err != nil {
		return nil, nil, err
	}
	header, line, err := t.next()
	if err == io.EOF {
		return nil, nil, b.errorf(1, "empty, expected a header row with the columns pre and post")
	} else if err != nil {
		return nil, nil, err
	}
	col := columns(header, edgeColumns...)
	if col[0] < 0 || col[1] < 0 {
		return nil, nil, b.errorf(line, "header %q, expected columns named pre and post",
			clip(strings.Join(header, " ")))
	}
	width := len(header)
	for {
		row, line, err := t.next()
		if err == io.EOF {
			return b.graph()
		} else if err != nil {
			return nil, nil, err
		}
		if len(row) != width {
			return nil, nil, b.errorf(line, "%d columns, expected %d", len(row), width)
		}
		e := Edge{Layer: Chemical, Weight: 1}
		if e.Pre, err = b.neuron(line, row[col[0]]); err != nil {
			return nil, nil, err
		}
		if e.Post, err = b.neuron(line, row[col[1]]); err != nil {
			return nil, nil, err
		}
		if col[2] >= 0 {
			if e.Layer, err = parseLayer(row[col[2]]); err != nil {
				return nil, nil, b.errorf(line, "%v", err)
			}
		}
		if col[3] >= 0 {
			if e.Weight, err = parseNumber(row[col[3]]); err != nil {
				return nil, nil, b.errorf(line, "weight %v", err)
			}
		}
		if err := b.addEdge(line, e); err != nil {
			return nil, nil, err
		}
	}
}

// WriteEdges writes the edge list with the columns pre, post, type and weight. Together with
// WriteNeurons it keeps everything but the graph's Name and Info.
func WriteEdges(w io.Writer, g *Graph, comma rune) error {
	t := newTableWriter(w, comma)
	t.row("pre", "post", "type", "weight")
	for _, e := range g.Edges {
		t.row(g.Neurons[e.Pre].Name, g.Neurons[e.Post].Name, e.Layer.Letter(), formatNumber(e.Weight))
	}
	return t.flush()
}

// ReadNeurons reads a table of neurons separated by comma. The first row names the columns: name
// and any of cell_id, class, role, transmitters (separated by commas or semicolons), x, y, z;
// further columns go to Extra.
func ReadNeurons(r io.Reader, file string, comma rune) ([]Neuron, error) {
	b := newBuilder(file)
	t, err := newTableReader(r, file, comma)
	if err != nil {
		return nil, err
	}
	row, line, err := t.next()
	if err == io.EOF {
		return nil, b.errorf(1, "empty, expected a header row with a column name")
	} else if err != nil {
		return nil, err
	}
	header := slices.Clone(row)
	if columns(header, []string{"name", "cell_name"})[0] < 0 {
		return nil, b.errorf(line, "header %q, expected a column called name", clip(strings.Join(header, " ")))
	}
	for i, h := range header {
		if h == "" || slices.Contains(header[:i], h) {
			return nil, b.errorf(line, "column %d: empty or repeated name %q", i+1, clip(h))
		}
	}
	b.neurons = []Neuron{}
	for {
		row, line, err := t.next()
		if err == io.EOF {
			return b.neurons, nil
		} else if err != nil {
			return nil, err
		}
		if len(row) != len(header) {
			return nil, b.errorf(line, "%d columns, expected %d", len(row), len(header))
		}
		attr := make(map[string]string, len(header))
		for i, h := range header {
			attr[h] = row[i]
		}
		n, err := neuronFromAttributes(attr, "")
		if err != nil {
			return nil, b.errorf(line, "%v", err)
		}
		if err := b.addNeuron(line, n); err != nil {
			return nil, err
		}
	}
}

// WriteNeurons writes the table that ReadNeurons reads.
func WriteNeurons(w io.Writer, g *Graph, comma rune) error {
	extra := extraNames(g)
	t := newTableWriter(w, comma)
	t.row(append([]string{"name", "cell_id", "class", "role", "transmitters", "x", "y", "z"}, extra...)...)
	for i := range g.Neurons {
		n := &g.Neurons[i]
		row := []string{n.Name, n.ID, n.Class, n.Role.Letter(), strings.Join(n.Transmitters, ";"), "", "", ""}
		if n.HasSoma {
			row[5], row[6], row[7] = formatNumber(n.Soma.X), formatNumber(n.Soma.Y), formatNumber(n.Soma.Z)
		}
		for _, name := range extra {
			row = append(row, n.Extra[name])
		}
		t.row(row...)
	}
	return t.flush()
}

// extraNames lists the names of all Extra attributes, sorted.
func extraNames(g *Graph) []string {
	all := map[string]bool{}
	for i := range g.Neurons {
		for name := range g.Neurons[i].Extra {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
