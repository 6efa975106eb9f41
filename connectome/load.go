package connectome

import (
	"errors"
	"fmt"
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
// reads a file in one of the Formats. A table whose header has the columns pre and post (or source
// and target, or from and to) is an edge list, and a file FILE.neurons.tsv (.csv) beside FILE.tsv
// (.csv) is its table of neurons; any other table is an adjacency matrix. A graph that has no name
// of its own is named after its file.
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
		return nil, nil, fmt.Errorf("%s: no such file, and not one of %s, %s, %s",
			path, NameCanonical, NameCook, NameShipped)
	} else if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if hasExtension(path, ReadExtensions()) == "" {
		return nil, nil, wrongExtension(path, ReadExtensions())
	}
	data, err := readAll(f, path)
	if err != nil {
		return nil, nil, err
	}
	format := reading(data, path)
	if format == nil {
		return nil, nil, &FormatError{File: path, Reason: "the content is in none of the formats with this extension"}
	}
	g, defects, err := format.read(data, path)
	if err != nil {
		return nil, nil, err
	}
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if base = strings.TrimSuffix(base, ".adj"); g.Name == "" && checkText("name", base) == nil {
		g.Name = base
	}
	return g, defects, nil
}

// Save writes a graph in the one of the Formats that the extension names; an edge list gets its
// table of neurons in FILE.neurons.tsv beside it. Each file is written under another name, synced
// and renamed, so that a reader never sees half of it.
func Save(path string, g *Graph) error {
	if err := g.Validate(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	format := writing(path)
	if format == nil {
		return wrongExtension(path, WriteExtensions())
	}
	for _, f := range format.files(path, g) {
		if err := atomicfile.Write(f.path, f.write); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	return nil
}

func wrongExtension(path string, known []string) error {
	return fmt.Errorf("%s: extension %q, expected one of %s", path, filepath.Ext(path), strings.Join(known, ", "))
}
