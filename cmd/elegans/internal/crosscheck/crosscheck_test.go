package crosscheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared returns a folder of the shared material, and skips the test where there is none.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path = filepath.Join(filepath.Dir(dir), "shared", path)
	if _, err := os.Stat(path); err != nil {
		t.Skip("shared material not present")
	}
	return path
}

// TestReference runs the recorded cases. `go test -v -run TestReference` lists what is skipped.
func TestReference(t *testing.T) {
	for _, dir := range []string{"ops", "optim"} {
		t.Run(dir, func(t *testing.T) {
			rep, err := Run(shared(t, "reference/"+dir), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := rep.WriteTable(&b); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if strings.Contains(line, "  over ") {
					t.Error(strings.TrimSpace(line))
				} else if strings.Contains(line, "  skipped ") {
					t.Log(strings.TrimSpace(line))
				}
			}
			t.Log(rep.Summary())
		})
	}
}
