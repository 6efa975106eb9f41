package connectome

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

func init() {
	register(format{
		Format: Format{
			Name: "adjacency matrix", Reads: tableExtensions, Writes: []string{".adj.tsv", ".adj.csv"}, Keeps: KeepsEdges,
		},
		holds: func(data []byte, path string) bool { return !isEdgeList(data, path) },
		read: func(data []byte, path string) (*Graph, []Defect, error) {
			return ReadAdjacency(bytes.NewReader(data), path, separator(path))
		},
		files: oneFile(func(w io.Writer, g *Graph, path string) error { return WriteAdjacency(w, g, separator(path)) }),
	})
}

// maxMatrix bounds the neurons of an adjacency matrix that is written, whose size grows with their
// square.
const maxMatrix = 1 << 14

// ReadAdjacency reads labelled adjacency matrices separated by comma, which is '\t' or ','. A block
// starts with a row of a corner cell and the labels; then comes one row a neuron, in the same
// order: its label and its weights, empty or 0 where there is no edge. The row is the presynaptic
// neuron, the column the postsynaptic one. The corner cell is "chemical" (or empty) or "gap", whose
// block must be symmetric; a file holds one or both, with the same labels. file is used in errors.
func ReadAdjacency(r io.Reader, file string, comma rune) (*Graph, []Defect, error) {
	b := newBuilder(file)
	t, err := newTableReader(r, file, comma)
	if err != nil {
		return nil, nil, err
	}
	var seen []Layer
	for {
		header, line, err := t.next()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, nil, err
		}
		layer := Chemical
		if header[0] != "" {
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
				return nil, nil, b.errorf(line, "label %q in column %d, the first block has %q",
					clip(name), i+2, clip(b.neurons[i].Name))
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
	g, defects, err := b.graph()
	if err != nil {
		return nil, nil, err
	}
	// a symmetric matrix is as it should be
	return g, slices.DeleteFunc(defects, func(d Defect) bool { return d.Kind == DefectBothDirections }), nil
}

// readBlock reads the rows of one matrix. A gap block must have both of its triangles, equal.
func (b *builder) readBlock(t *tableReader, layer Layer) error {
	n := len(b.neurons)
	start := len(b.records)
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
			return b.errorf(line, "row label %q, expected %q as in the columns", clip(row[0]), clip(b.neurons[i].Name))
		}
		for j, cell := range row[1:] {
			if cell == "" {
				continue
			}
			w, err := parseNumber(cell)
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
	if layer == Gap {
		return b.checkTriangles(b.records[start:])
	}
	return nil
}

// checkTriangles refuses a gap junction that stands in one triangle only; unequal weights are found
// when the records are folded.
func (b *builder) checkTriangles(gap []record) error {
	count := make(map[[2]int]int, len(gap))
	for _, r := range gap {
		count[[2]int{r.Pre, r.Post}]++
	}
	for _, r := range gap {
		if r.Pre != r.Post && count[[2]int{r.Pre, r.Post}] != 2 {
			return b.errorf(r.line, "the gap block is not symmetric: %q and %q are joined in one triangle only",
				clip(b.neurons[r.Pre].Name), clip(b.neurons[r.Post].Name))
		}
	}
	return nil
}

// WriteAdjacency writes both layers as the blocks that ReadAdjacency reads. The attributes of
// neurons are lost.
func WriteAdjacency(w io.Writer, g *Graph, comma rune) error {
	if g.Len() > maxMatrix {
		return fmt.Errorf("an adjacency matrix of %d neurons is too large, at most %d", g.Len(), maxMatrix)
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
			t.row(row...)
		}
	}
	return t.flush()
}
