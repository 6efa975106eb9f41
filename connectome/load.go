package connectome

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"elegans/data/atomicfile"
)

// Names of the embedded worm that Load understands.
const (
	NameCanonical = "canonical"      // Canonical
	NameCook      = "canonical-cook" // Canonical with RolesCook
	NameShipped   = "shipped"        // Shipped
)

// Load returns the named view of the embedded worm ("canonical", "canonical-cook", "shipped") or
// reads a file, by its extension: .graphml or .xml, .json, .tsv, .txt or .csv. A table whose header
// has the columns pre and post (or source and target, or from and to) is an edge list, and a file
// FILE.neurons.tsv (.csv) beside FILE.tsv (.csv) is its table of neurons; any other table is an
// adjacency matrix. A graph that has no name of its own is named after its file.
func Load(path string) (*Graph, []Defect, error) {
	switch path {
	case NameCanonical:
		return Canonical(), nil, nil
	case NameShipped:
		return Shipped(), nil, nil
	case NameCook:
		g, err := Canonical().WithRoles(RolesCook)
		if err != nil {
			return nil, nil, err
		}
		g.Name = NameCook
		return g, nil, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: no such file, and not one of %s, %s, %s", path, NameCanonical, NameCook, NameShipped)
	} else if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	stem, ext := splitExt(path)
	var g *Graph
	var defects []Defect
	switch ext {
	case ".graphml", ".xml":
		g, defects, err = ReadGraphML(f, path)
	case ".json":
		g, defects, err = ReadJSON(f, path)
	case ".tsv", ".txt", ".csv":
		g, defects, err = loadTable(f, path)
	default:
		return nil, nil, fmt.Errorf("%s: extension %q, expected .graphml, .xml, .json, .tsv, .txt or .csv", path, ext)
	}
	if err != nil {
		return nil, nil, err
	}
	if base := strings.TrimSuffix(filepath.Base(stem), ".adj"); g.Name == "" && checkText("name", base) == nil {
		g.Name = base
	}
	return g, defects, nil
}

func loadTable(r io.Reader, path string) (*Graph, []Defect, error) {
	comma := separator(path)
	data, err := readAll(r, path)
	if err != nil {
		return nil, nil, err
	}
	t, err := newTableReader(bytes.NewReader(data), path, comma)
	if err != nil {
		return nil, nil, err
	}
	header, _, err := t.next()
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	if col := columns(header, edgeColumns...); col[0] < 0 || col[1] < 0 {
		return ReadAdjacency(bytes.NewReader(data), path, comma)
	}
	var neurons []Neuron
	beside := neuronFile(path)
	f, err := os.Open(beside)
	if err == nil {
		defer f.Close()
		neurons, err = ReadNeurons(f, beside, comma)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	return ReadEdges(bytes.NewReader(data), path, comma, neurons)
}

// Save writes a graph in the format of the extension: .graphml or .xml, .json, .adj.tsv or .adj.csv
// (matrices), .tsv, .txt or .csv (an edge list, and the table of neurons in FILE.neurons.tsv beside
// it). Each file is written under another name, synced and renamed, so that a reader never sees
// half of it.
func Save(path string, g *Graph) error {
	if err := g.Validate(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	stem, ext := splitExt(path)
	comma := separator(path)
	switch {
	case ext == ".graphml" || ext == ".xml":
		return save(path, func(w io.Writer) error { return WriteGraphML(w, g) })
	case ext == ".json":
		return save(path, func(w io.Writer) error { return WriteJSON(w, g) })
	case (ext == ".tsv" || ext == ".csv") && strings.HasSuffix(stem, ".adj"):
		return save(path, func(w io.Writer) error { return WriteAdjacency(w, g, comma) })
	case ext == ".tsv" || ext == ".txt" || ext == ".csv":
		if err := save(neuronFile(path), func(w io.Writer) error { return WriteNeurons(w, g, comma) }); err != nil {
			return err
		}
		return save(path, func(w io.Writer) error { return WriteEdges(w, g, comma) })
	}
	return fmt.Errorf("%s: extension %q, expected .graphml, .xml, .json, .tsv, .txt, .csv, .adj.tsv or .adj.csv", path, ext)
}

func splitExt(path string) (stem, ext string) {
	ext = filepath.Ext(path)
	return strings.TrimSuffix(path, ext), strings.ToLower(ext)
}

func separator(path string) rune {
	if _, ext := splitExt(path); ext == ".csv" {
		return ','
	}
	return '\t'
}

// neuronFile returns the path of the table of neurons beside an edge list.
func neuronFile(path string) string {
	stem, _ := splitExt(path)
	return stem + ".neurons" + filepath.Ext(path)
}

// save replaces path by what write produces, or leaves it as it is.
func save(path string, write func(io.Writer) error) error {
	if err := atomicfile.Write(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
