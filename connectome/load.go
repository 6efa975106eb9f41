package connectome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"elegans/connectome/internal/meter"
	"elegans/data/atomicfile"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

// Names of the embedded worm that Load understands.
const (
	NameCanonical = "canonical"      // Canonical
	NameCook      = "canonical-cook" // Canonical with RolesCook
	NameShipped   = "shipped"        // Shipped
)

// Load returns the named view of the embedded worm ("canonical", "canonical-cook", "shipped") or
// reads a regular file in one of the Formats. A table whose header has the columns pre and post (or
// source and target, from and to, and others: see ReadEdges) is an edge list, and a file
// FILE.neurons.tsv (.csv) beside FILE.tsv (.csv) is its table of neurons; any other table is an
// adjacency matrix. A graph that has no name of its own is named after its file.
//
// The defects also name what the file holds and the graph does not: columns, attributes, elements.
// Load ends with the error of the context soon after that is done; see WithProgress.
func Load(ctx context.Context, path string) (*Graph, []Defect, error) {
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
	f, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: no such file, and not one of %s, %s, %s",
			quote.Name(path), NameCanonical, NameCook, NameShipped)
	} else if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if hasExtension(path, ReadExtensions()) == "" {
		return nil, nil, wrongExtension(path, ReadExtensions())
	}
	s, err := newSource(ctx, f, path, sizeOf(f))
	if err != nil {
		return nil, nil, err
	}
	head, err := s.Peek(headBytes)
	if err != nil && err != io.EOF {
		return nil, nil, s.fail(err)
	}
	format := reading(head, path)
	if format == nil {
		return nil, nil, &FormatError{File: path, Reason: "the content is in none of the formats with this extension"}
	}
	g, defects, err := format.read(s)
	if err != nil {
		return nil, nil, err
	}
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if base = strings.TrimSuffix(base, ".adj"); g.Name == "" && checkText("name", base) == nil {
		g.Name = base
	}
	return g, defects, nil
}

// sizeOf returns the length of a file, or 0 where it is not known.
func sizeOf(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// Save writes a graph in the one of the Formats that the extension names; an edge list gets its
// table of neurons in FILE.neurons.tsv beside it. Each file is written under another name, synced
// and renamed, so that a reader never sees half of it. When the context ends, Save returns its
// error and leaves what was there.
func Save(ctx context.Context, path string, g *Graph) error {
	if err := g.Validate(); err != nil {
		return fmt.Errorf("%s: %w", quote.Name(path), err)
	}
	format := writing(path)
	if format == nil {
		return wrongExtension(path, WriteExtensions())
	}
	for _, f := range format.files(path, g) {
		err := atomicfile.Write(f.path, func(w io.Writer) error {
			return f.write(&meteredWriter{w, meter.Start(ctx, "writing "+f.path, "bytes", 0)})
		})
		switch {
		case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return err
		case err != nil:
			return fmt.Errorf("%s: %w", quote.Name(f.path), err)
		}
	}
	return nil
}

// meteredWriter counts what is written, and ends with its context.
type meteredWriter struct {
	w io.Writer
	m *meter.Meter
}

func (w *meteredWriter) Write(p []byte) (int, error) {
	if err := w.m.Add(int64(len(p))); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}

func wrongExtension(path string, known []string) error {
	return fmt.Errorf("%s: extension %s, expected one of %s", quote.Name(path), quote.Text(filepath.Ext(path)),
		strings.Join(known, ", "))
}
