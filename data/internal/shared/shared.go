package shared

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of a file or folder under ../shared, counted from the root of the
// repository, and skips the test if it is not there.
func Path(t testing.TB, elem ...string) string {
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
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
	path := filepath.Join(append([]string{dir, "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("shared material not present: %s", filepath.Join(elem...))
	}
	return path
}
