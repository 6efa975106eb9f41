package connectome

import (
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Format describes a file format of graphs.
type Format struct {
	Name string
	// Reads and Writes are the extensions of the files that Load reads and Save writes. Where
	// several formats read one extension, the content decides; where several write it, the longest
	// extension that fits.
	Reads, Writes []string
	Keeps         Keeps
}

// Keeps says what of a graph a file format holds.
type Keeps string

// What a format holds.
const (
	KeepsAll     Keeps = "everything"
	KeepsNeurons Keeps = "neurons and edges" // all but Name and Info
	KeepsEdges   Keeps = "names and edges"
)

// Formats lists the file formats, by name.
func Formats() []Format {
	var list []Format
	for _, f := range formats {
		list = append(list, f.Format)
	}
	return list
}

// ReadExtensions lists the extensions of the files that Load reads.
func ReadExtensions() []string { return extensions(func(f *format) []string { return f.Reads }) }

// WriteExtensions lists the extensions of the files that Save writes.
func WriteExtensions() []string { return extensions(func(f *format) []string { return f.Writes }) }

func extensions(of func(*format) []string) []string {
	var list []string
	for i := range formats {
		for _, ext := range of(&formats[i]) {
			if !slices.Contains(list, ext) {
				list = append(list, ext)
			}
		}
	}
	return list
}

// format is a file format with its functions. Each stands in a file of its own, which registers it.
type format struct {
	Format
	// holds reports, by how a file begins, whether its content is in this format. It is nil where
	// the extension says so.
	holds func(head []byte, path string) bool
	read  func(s *source) (*Graph, []Defect, error)
	// files returns the files that hold a graph, in the order in which they are to be written.
	files func(path string, g *Graph) []file
}

// file is a file to write.
type file struct {
	path  string
	write func(w io.Writer) error
}

var formats []format

func register(f format) {
	formats = append(formats, f)
	slices.SortFunc(formats, func(a, b format) int { return cmp.Compare(a.Name, b.Name) })
}

// oneFile is the files function of a format that keeps a graph in a single file.
func oneFile(write func(w io.Writer, g *Graph, path string) error) func(string, *Graph) []file {
	return func(path string, g *Graph) []file {
		return []file{{path, func(w io.Writer) error { return write(w, g, path) }}}
	}
}

// reading returns the format of a file that begins with head, or nil if no format reads such files.
func reading(head []byte, path string) *format {
	for i := range formats {
		f := &formats[i]
		if hasExtension(path, f.Reads) != "" && (f.holds == nil || f.holds(head, path)) {
			return f
		}
	}
	return nil
}

// writing returns the format in which a file is to be written, or nil.
func writing(path string) *format {
	var best *format
	longest := ""
	for i := range formats {
		if ext := hasExtension(path, formats[i].Writes); len(ext) > len(longest) {
			best, longest = &formats[i], ext
		}
	}
	return best
}

// hasExtension returns the longest extension of a list with which a path ends, or "".
func hasExtension(path string, list []string) string {
	name, longest := strings.ToLower(filepath.Base(path)), ""
	for _, ext := range list {
		if strings.HasSuffix(name, ext) && len(ext) > len(longest) {
			longest = ext
		}
	}
	return longest
}
