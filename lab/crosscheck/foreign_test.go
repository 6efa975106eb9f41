package crosscheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/internal/memory"
)

func TestForeign(t *testing.T) {
	for text, want := range map[string]bool{
		`[{"kind":"ops"}]`: true,
		`{"vocabulary":{"a":[1,{"cases":2}]},"cases":3}`: true,
		`{"kind":"another","notes":"x"}`:                 true,
		`{"kind":"ops"}`:                                 false,
		`{"tolerance":1,"x":[[],{}],"cases":[]}`:         false,
		`{"a":[1`:                                        false,
		``:                                               false,
	} {
		if got := foreign(strings.NewReader(text)); got != want {
			t.Errorf("foreign(%s) = %t, want %t", text, got, want)
		}
	}
}

// TestLargeForeignFile: a file that is no manifest does not stop the comparison by its size.
func TestLargeForeignFile(t *testing.T) {
	t.Setenv(memory.Variable, "16MiB")
	dir := t.TempDir()
	list := "[" + strings.Repeat("1,", 1<<20) + "1]"
	path := filepath.Join(dir, "vocabulary.json")
	for text, refused := range map[string]bool{list: false, `{"tolerance":1,"cases":` + list + `}`: true} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := findManifests(dir); (err != nil) != refused {
			t.Errorf("a file of %d bytes that begins with %.20s: error %v, want one: %t", len(text), text, err, refused)
		}
	}
}
