package connectome

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"elegans/internal/quote"
	"elegans/internal/regular"
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

// isEdgeList reports whether the header of a table has the columns of an edge list. One that names
// them twice is an edge list too, whose reader says so.
func isEdgeList(head []byte, path string) bool {
	for _, comma := range separators {
		header := firstRows(head, comma)[0]
		for _, ends := range edgeEnds {
			if hasColumn(header, ends[0]) && hasColumn(header, ends[1]) {
				return true
			}
		}
	}
	return false
}

func hasColumn(header []string, name string) bool {
	return slices.ContainsFunc(header, func(h string) bool { return plainColumn(h) == name })
}

// readEdgeList reads an edge list, and the table of neurons beside it if there is one.
func readEdgeList(s *source) (*Graph, []Defect, error) {
	beside := neuronFile(s.file)
	f, err := regular.Open(beside)
	if errors.Is(err, fs.ErrNotExist) {
		return readEdges(s, 0, nil)
	} else if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	table, err := newSource(s.ctx, f, beside, sizeOf(f))
	if err != nil {
		return nil, nil, err
	}
	neurons, notes, err := readNeurons(table, 0)
	if err != nil {
		return nil, nil, err
	}
	g, defects, err := readEdges(s, 0, neurons)
	return g, append(notes, defects...), err
}

// neuronFile returns the path of the table of neurons beside an edge list.
func neuronFile(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".neurons" + ext
}

// ReadEdges reads an edge list separated by comma: '\t', ',', ';', ' ', or 0 for what its first
// rows use. The first row names the columns: pre and post (or source and target, from and to,
// pre_root_id and post_root_id, and others) and, if present, type (synapse_type, layer; C or E; C
// without it) and weight (count, synapses, syn_count; 1 without it); other columns are named in a
// Defect. The neurons are those given, in their order, and a row that names another is refused;
// without any given they are taken from the rows in order of appearance. file is used in errors.
func ReadEdges(r io.Reader, file string, comma rune, neurons []Neuron) (*Graph, []Defect, error) {
	s, err := text(r, file)
	if err != nil {
		return nil, nil, err
	}
	return readEdges(s, comma, neurons)
}

func readEdges(s *source, comma rune, neurons []Neuron) (*Graph, []Defect, error) {
	b := newBuilder(s.ctx, s.file)
	for i := range neurons {
		if err := b.addNeuron(0, neurons[i].clone()); err != nil {
			return nil, nil, err
		}
	}
	b.closed = neurons != nil
	t := newTableReader(s, comma)
	header, line, err := t.next()
	if err == io.EOF {
		return nil, nil, b.errorf(1, "empty, expected a header row with the columns pre and post")
	} else if err != nil {
		return nil, nil, err
	}
	header = cloneRow(header)
	col, err := findColumns(header)
	if err != nil {
		return nil, nil, b.errorf(line, "%v", err)
	}
	if header, err = t.rowNames(header); err != nil {
		return nil, nil, err
	}
	if len(header) > 0 && header[0] == unnamed {
		if col, err = findColumns(header); err != nil {
			return nil, nil, b.errorf(line, "%v", err)
		}
	}
	b.unused.columns = col.unused(header)
	for {
		row, line, err := t.next()
		if err == io.EOF {
			return b.graph()
		} else if err != nil {
			return nil, nil, err
		}
		if len(row) != len(header) {
			return nil, nil, b.errorf(line, "%d columns, expected %d", len(row), len(header))
		}
		e := Edge{Layer: Chemical, Weight: 1}
		if e.Pre, err = b.neuron(line, row[col.pre]); err != nil {
			return nil, nil, err
		}
		if e.Post, err = b.neuron(line, row[col.post]); err != nil {
			return nil, nil, err
		}
		if col.layer >= 0 {
			if e.Layer, err = parseLayer(row[col.layer]); err != nil {
				return nil, nil, b.errorf(line, "%v", err)
			}
		}
		if col.weight >= 0 {
			if e.Weight, err = t.number(row[col.weight]); err != nil {
				return nil, nil, b.errorf(line, "weight %v", err)
			}
		}
		if err := b.addEdge(line, e); err != nil {
			return nil, nil, err
		}
	}
}

// cloneRow copies a row that is to outlive the next call of next.
func cloneRow(row []string) []string {
	out := make([]string, len(row))
	for i, f := range row {
		out[i] = strings.Clone(f)
	}
	return out
}

// rowNames returns the header with one column more in front if the first row below it has one more:
// R writes the names of rows in a column without a header.
func (t *tableReader) rowNames(header []string) ([]string, error) {
	row, line, err := t.next()
	if err == io.EOF {
		return header, nil
	} else if err != nil {
		return nil, err
	}
	t.back(row, line)
	if len(row) == len(header)+1 {
		return append([]string{unnamed}, header...), nil
	}
	return header, nil
}

// WriteEdges writes the edge list with the columns pre, post, type and weight. Together with
// WriteNeurons it keeps everything but the graph's Name and Info.
func WriteEdges(w io.Writer, g *Graph, comma rune) error {
	t := newTableWriter(w, comma)
	t.row("pre", "post", "type", "weight")
	for _, e := range g.Edges {
		t.row(g.Neurons[e.Pre].Name, g.Neurons[e.Post].Name, e.Layer.Letter(), formatNumber(e.Weight))
		if t.err != nil {
			return t.err
		}
	}
	return t.flush()
}

// ReadNeurons reads a table of neurons separated by comma, as ReadEdges does. The first row names
// the columns: name and any of cell_id, class, role, transmitters (separated by commas or
// semicolons), x, y, z; further columns go to Extra.
func ReadNeurons(r io.Reader, file string, comma rune) ([]Neuron, []Defect, error) {
	s, err := text(r, file)
	if err != nil {
		return nil, nil, err
	}
	return readNeurons(s, comma)
}

func readNeurons(s *source, comma rune) ([]Neuron, []Defect, error) {
	b := newBuilder(s.ctx, s.file)
	t := newTableReader(s, comma)
	row, line, err := t.next()
	if err == io.EOF {
		return nil, nil, b.errorf(1, "empty, expected a header row with a column name")
	} else if err != nil {
		return nil, nil, err
	}
	header := cloneRow(row)
	if header, err = t.rowNames(header); err != nil {
		return nil, nil, err
	}
	for i, h := range header {
		if h == "" && i == 0 {
			h = unnamed
		}
		if k := known(h, reservedAttributes); !slices.Contains(header, k) {
			h = k
		}
		if header[i] = h; h == "" || slices.Contains(header[:i], h) {
			return nil, nil, b.errorf(line, "column %d: empty or repeated name %s", i+1, quote.Text(h))
		}
	}
	if !slices.Contains(header, "name") && !slices.Contains(header, "cell_name") {
		return nil, nil, b.errorf(line, "header %s, expected a column called name", headerText(header))
	}
	if header[0] == unnamed {
		b.unused.columns = header[:1]
	}
	b.neurons = []Neuron{}
	reader := neuronReader{
		whole:  slices.Contains(header, "x") && slices.Contains(header, "y") && slices.Contains(header, "z"),
		unused: &b.unused,
	}
	for {
		row, line, err := t.next()
		if err == io.EOF {
			return b.neurons, b.unused.defects(), nil
		} else if err != nil {
			return nil, nil, err
		}
		if len(row) != len(header) {
			return nil, nil, b.errorf(line, "%d columns, expected %d", len(row), len(header))
		}
		attr := map[string]string{}
		for i, h := range header {
			if h != unnamed && row[i] != "" {
				attr[h] = row[i]
			}
		}
		n, err := reader.neuron(attr, "")
		if err != nil {
			return nil, nil, b.errorf(line, "%v", err)
		}
		if err := b.addNeuron(line, n); err != nil {
			return nil, nil, err
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
		if t.row(row...); t.err != nil {
			return t.err
		}
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
