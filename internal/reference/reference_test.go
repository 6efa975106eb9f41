package reference

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stand takes the place of a test and notes how it would have ended.
type stand struct {
	testing.TB
	failed, skipped string
}

func (s *stand) Helper()                      {}
func (s *stand) Logf(string, ...any)          {}
func (s *stand) Errorf(f string, args ...any) { s.failed = fmt.Sprintf(f, args...) }
func (s *stand) Fatalf(f string, args ...any) { s.failed = fmt.Sprintf(f, args...); panic(s) }
func (s *stand) Skipf(f string, args ...any)  { s.skipped = fmt.Sprintf(f, args...); panic(s) }

// try runs f as a test would.
func try(f func(t testing.TB)) (s *stand) {
	s = &stand{}
	defer func() {
		if p := recover(); p != nil && p != s {
			panic(p)
		}
	}()
	f(s)
	return s
}

func TestMissingFileFails(t *testing.T) {
	for _, name := range []string{"ops/nowhere.json", "nowhere"} {
		s := try(func(t testing.TB) { Path(t, name) })
		if s.skipped != "" || !strings.Contains(s.failed, "testdata/reference/"+name+": missing") {
			t.Errorf("%s: failed %q, skipped %q", name, s.failed, s.skipped)
		}
	}
	if _, err := os.Stat(Path(t, "ops/ops.json")); err != nil {
		t.Error(err)
	}
}

func TestFewerCasesFail(t *testing.T) {
	for _, c := range []struct {
		cases, least int
		fails        bool
	}{{3, 3, false}, {4, 3, false}, {2, 3, true}, {0, 1, true}} {
		s := try(func(t testing.TB) { Compared(t, "ops", c.cases, c.least) })
		if (s.failed != "") != c.fails {
			t.Errorf("%d of %d: %q", c.cases, c.least, s.failed)
		}
	}
}

func TestOptional(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(Environment, dir)
	s := try(func(t testing.TB) { Optional(t, "mnist") })
	if s.failed != "" || !strings.Contains(s.skipped, "mnist") || !strings.Contains(s.skipped, Environment) {
		t.Errorf("failed %q, skipped %q; want a skip that names the data set and the variable", s.failed, s.skipped)
	}
	if err := os.Mkdir(filepath.Join(dir, "mnist"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := Optional(t, "mnist"); got != filepath.Join(dir, "mnist") {
		t.Errorf("found %q", got)
	}
}
