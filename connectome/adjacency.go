package connectome

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"elegans/internal/quote"
)

func init() {
	register(format{
		Format: Format{
			Name: "adjacency matrix", Reads: tableExtensions, Writes: []string{".adj.tsv", ".adj.csv"},
			Keeps: KeepsEdges,
		},
		holds: func(head []byte, path string) bool { return !isEdgeList(head, path) },
		read:  func(s *source) (*Graph, []Defect, error) { return readAdjacency(s, 0) },
		files: oneFile(func(w io.Writer, g *Graph, path string) error { return WriteAdjacency(w, g, separator(path)) }),
	})
}

// maxMatrix bounds the neurons of an adjacency matrix that is written, whose size grows with their
// square: both layers of so many are a file of 1 GiB.
const maxMatrix = 1 << 14

// ReadAdjacency reads labelled adjacency matrices separated by comma: '\t', ',', ';', ' ', or 0 for
// what the first rows use. A block starts with a row of a corner cell and the labels; then comes
// one row a neuron, in the same order: its label and its weights, empty or 0 where there is no
// edge. The row is the presynaptic neuron, the column the postsynaptic one. The corner cell is
// "chemical" (or empty, or left out as R does) or "gap", whose block must be symmetric; a file
// holds one or both, with the same labels. file is used in errors.
func ReadAdjacency(r io.Reader, file string, comma rune) (*Graph, []Defect, error) {
	s, err := text(r, file)
	if err != nil {
		return nil, nil, err
	}
	return readAdjacency(s, comma)
}

func readAdjacency(s *source, comma rune) (*Graph, []Defect, error) {
	b := newBuilder(s.ctx, s.file)
	b.symmetric, b.both = true, true
	t := newTableReader(s, comma)
	var seen []Layer
	for {
		header, line, err := t.next()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, nil, err
		}
		header = cloneRow(header)
		if header, err = t.rowNames(header); err != nil {
			return nil, nil, err
		}
		layer := Chemical
		if header[0] != "" && header[0] != unnamed {
			if layer, err = parseLayer(header[0]); err != nil {
				return nil, nil, b.errorf(line, "corner cell: %v", err)
			}
		}
		if slices.Contains(seen, layer) {
			return nil, nil, b.errorf(line, "second %s block", layer)
		}
		if len(seen) == 0 {
			for _, name := range header[1:] {
				if err := b.addNeuron(line, Neuron{Name: strings.Clone(name)}); err != nil {
					return nil, nil, err
				}
			}
		}
		if len(header)-1 != len(b.neurons) {
			return nil, nil, b.errorf(line, "%d labels, the first block has %d", len(header)-1, len(b.neurons))
		}
		for i, name := range header[1:] {
			if name != b.neurons[i].Name {
				return nil, nil, b.errorf(line, "label %s in column %d, the first block has %s",
					quote.Text(name), i+2, quote.Text(b.neurons[i].Name))
			}
		}
		seen = append(seen, layer)
		if err := b.readBlock(t, layer); err != nil {
			return nil, nil, err
		}
	}
	if len(seen) == 0 {
		return nil, nil, b.errorf(1, "empty, expected a row of labels")
	}
	return b.graph()
}

// readBlock reads the rows of one matrix.
func (b *builder) readBlock(t *tableReader, layer Layer) error {
	n := len(b.neurons)
	last := 0
	for i := range n {
		row, line, err := t.next()
		if err == io.EOF {
			return b.errorf(last, "the %s block ends after %d rows, expected %d", layer, i, n)
		} else if err != nil {
			return err
		}
		last = line
		if len(row) != n+1 {
			return b.errorf(line, "%d columns, expected %d", len(row), n+1)
		}
		if row[0] != b.neurons[i].Name {
			return b.errorf(line, "row label %s, expected %s as in the columns", quote.Text(row[0]),
				quote.Text(b.neurons[i].Name))
		}
		for j, cell := range row[1:] {
			if cell == "" || cell == "0" {
				continue
			}
			w, err := t.number(cell)
			if err != nil {
				return b.errorf(line, "column %d: %v", j+2, err)
			}
			if w == 0 {
				continue
			}
			if err := b.addEdge(line, Edge{i, j, layer, w}); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteAdjacency writes both layers as the blocks that ReadAdjacency reads. The attributes of
// neurons are lost.
func WriteAdjacency(w io.Writer, g *Graph, comma rune) error {
	if g.Len() > maxMatrix {
		return fmt.Errorf("an adjacency matrix of %d neurons is too large, expected at most %d; an edge list has no such limit", g.Len(), maxMatrix)
	}
	t := newTableWriter(w, comma)
	row := make([]string, g.Len()+1)
	for _, layer := range []Layer{Chemical, Gap} {
		row[0] = layer.String()
		for i := range g.Neurons {
			row[i+1] = g.Neurons[i].Name
		}
		t.row(row...)
		m := g.CSR(layer, Outgoing)
		for i := range g.Neurons {
			row[0] = g.Neurons[i].Name
			for j := range g.Neurons {
				row[j+1] = "0"
			}
			for k := m.RowPtr[i]; k < m.RowPtr[i+1]; k++ {
				row[m.Col[k]+1] = formatNumber(m.Weight[k])
			}
			if t.row(row...); t.err != nil {
				return t.err
			}
		}
	}
	return t.flush()
}
