package oracle

import (
	"os"
	"path/filepath"
	"testing"
)

// Read returns the content of a reference file, or skips the test.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = parent
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "shared", "connectome", name))
	if err != nil {
		t.Skipf("shared material not present: %v", err)
	}
	return data
}
