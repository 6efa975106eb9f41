package zoo

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNoBranchOnNames reads all sources: whether something is done must not hang on the name of a
// model, but on its task, its configuration or what it can do.
func TestNoBranchOnNames(t *testing.T) {
	names := `"(` + strings.Join(Names(), "|") + `)"`
	branch := regexp.MustCompile(`(case [^:]*|[=!]= ?|(HasPrefix|HasSuffix|Contains|EqualFold)\([^)]*, ?|(HasPrefix|HasSuffix|Contains)\(\w*\.?[mM]odel[^)]*, ?"[^"]*)` + names)
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(b), "\n") {
			if branch.MatchString(line) {
				t.Errorf("%s:%d: a branch on the name of a model: %s", path, i+1, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files read: %v", files, err)
	}
}
