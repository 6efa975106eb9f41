package atomicfile_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"elegans/data/atomicfile"
)

// TestSweep removes what a killed Write left of a file, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	kept := []string{
		".a.csv.0123456.tmp", ".a.csv.01234567", ".a.csv.0123456g.tmp", ".a.tmp", ".b.csv.01234567.tmp", "a.csv",
		"a.csv.01234567.tmp",
	}
	for _, name := range append([]string{".a.csv.01234567.tmp", ".a.csv.89abcdef.tmp"}, kept...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := atomicfile.Sweep(filepath.Join(dir, "a.csv")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if !slices.Equal(left, kept) {
		t.Errorf("left %q, expected %q", left, kept)
	}
	if err := atomicfile.Sweep(filepath.Join(dir, "none", "a.csv")); err == nil {
		t.Error("a folder that does not exist")
	}
}
