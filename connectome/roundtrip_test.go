package connectome_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/connectome"
)

// TestRoundTrip: a format gives back what it says that it keeps, without a defect.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphs().Draw(t, "graph")
		var b bytes.Buffer
		check := func(format string, want, got *connectome.Graph, defects []connectome.Defect, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v\n%s", format, err, b.String())
			}
			if !got.Equal(want) {
				t.Fatalf("%s: got %+v, want %+v\n%s", format, got, want, b.String())
			}
			for _, d := range defects {
				if d.Kind != connectome.DefectRole {
					t.Fatalf("%s: defect %v in a file of our own", format, d)
				}
			}
		}
		write := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		write(connectome.WriteGraphML(&b, g))
		got, defects, err := connectome.ReadGraphML(bytes.NewReader(b.Bytes()), "g.graphml")
		check("GraphML", g, got, defects, err)

		b.Reset()
		write(connectome.WriteJSON(&b, g))
		got, defects, err = connectome.ReadJSON(bytes.NewReader(b.Bytes()), "g.json")
		check("JSON", g, got, defects, err)

		plain := g.Clone()
		plain.Name, plain.Info = "", nil
		bare := make([]connectome.Neuron, g.Len())
		for i := range bare {
			bare[i].Name = g.Neurons[i].Name
		}
		topology, err := connectome.New("", bare, g.Edges)
		write(err)
		for _, comma := range []rune{'\t', ','} {
			b.Reset()
			write(connectome.WriteNeurons(&b, g, comma))
			neurons, _, err := connectome.ReadNeurons(bytes.NewReader(b.Bytes()), "n.tsv", comma)
			if err != nil {
				t.Fatalf("%v\n%s", err, b.String())
			}
			b.Reset()
			write(connectome.WriteEdges(&b, g, comma))
			got, defects, err = connectome.ReadEdges(bytes.NewReader(b.Bytes()), "g.tsv", comma, neurons)
			check("edge list", plain, got, defects, err)

			b.Reset()
			write(connectome.WriteAdjacency(&b, g, comma))
			got, defects, err = connectome.ReadAdjacency(bytes.NewReader(b.Bytes()), "g.adj.tsv", comma)
			check("adjacency", topology, got, defects, err)
		}
	})
}

// TestExtensions: an extension that no format has is refused with those that there are.
func TestExtensions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "worm.gif")
	refused := func(err error, known []string) {
		t.Helper()
		want := `extension ".gif", expected one of ` + strings.Join(known, ", ")
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		for _, ext := range []string{".graphml", ".json", ".tsv"} {
			if !slices.Contains(known, ext) {
				t.Errorf("%v lacks %s", known, ext)
			}
		}
	}
	refused(connectome.Save(t.Context(), path, connectome.Canonical()), connectome.WriteExtensions())
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, err := connectome.Load(t.Context(), path)
	refused(err, connectome.ReadExtensions())
}

// TestSaveLoad goes through files of every extension with the whole worm.
func TestSaveLoad(t *testing.T) {
	dir := t.TempDir()
	for _, view := range []string{connectome.NameCanonical, connectome.NameCook, connectome.NameShipped} {
		g, _, err := connectome.Load(t.Context(), view)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range connectome.Formats() {
			for _, ext := range f.Writes {
				path := filepath.Join(dir, view+ext)
				for range 2 { // the second time it replaces a file
					if err := connectome.Save(t.Context(), path, g); err != nil {
						t.Fatal(err)
					}
				}
				if len(f.Reads) == 0 {
					continue
				}
				got, _, err := connectome.Load(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				want := g.Clone()
				if f.Keeps != connectome.KeepsAll {
					want.Info = nil
				}
				if f.Keeps == connectome.KeepsEdges {
					for i := range want.Neurons {
						want.Neurons[i] = connectome.Neuron{Name: want.Neurons[i].Name}
					}
				}
				if !got.Equal(want) {
					t.Errorf("%s: the graph changed on its way", path)
				}
			}
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			t.Errorf("temporary file %s left behind", f.Name())
		}
	}
}

func TestSaveLeavesOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.adj.tsv")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	neurons := make([]connectome.Neuron, 1<<14+1)
	for i := range neurons {
		neurons[i].Name = "n" + strconv.Itoa(i)
	}
	g, err := connectome.New("big", neurons, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := connectome.Save(t.Context(), path, g); err == nil {
		t.Fatal("a matrix of 16385 neurons was written")
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("a failed Save changed the file")
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("a failed Save left %d files, want 1", len(files))
	}
}
