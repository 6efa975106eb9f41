package jobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/lab/jobs"
)

type work struct {
	Name string `json:"name"`
	Most int    `json:"most"`
}

// open returns a ledger of whole numbers in a folder, and those that it holds.
func open(dir string, w work) (*jobs.Ledger, []int, error) {
	var kept []int
	l := &jobs.Ledger{Dir: dir, Description: "work.json", Lines: "done.jsonl"}
	err := l.Open(w, func(line []byte) error {
		var v int
		if err := jobs.Decode(line, &v); err != nil {
			return err
		}
		if v > w.Most {
			return fmt.Errorf("%d, expected at most %d", v, w.Most)
		}
		kept = append(kept, v)
		return nil
	})
	return l, kept, err
}

// TestLedgerGoesOn: lines are kept in order over several openings, and one that a killed program
// has not finished is dropped.
func TestLedgerGoesOn(t *testing.T) {
	dir := t.TempDir()
	var want []int
	for i := range 4 {
		l, kept, err := open(dir, work{"a", 9})
		if err != nil || !slices.Equal(kept, want) {
			t.Fatalf("opening %d: %v, %v, want %v", i, kept, err, want)
		}
		for _, v := range []int{i, i + 5} {
			if err := l.Add(v); err != nil {
				t.Fatal(err)
			}
			want = append(want, v)
		}
		if err := errors.Join(l.Close(), l.Close()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "done.jsonl")
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, append(b, "12"...), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLedgerRefuses: other work and damaged lines are refused in one line that names the place, and
// the files stay as they are.
func TestLedgerRefuses(t *testing.T) {
	for _, c := range []struct{ name, description, lines, want string }{
		{"other work", `{"name": "b", "most": 9}`, "1\n", `work.json: name is "b", expected "a"; name another folder`},
		{"no JSON", "{", "1\n", "work.json: the first document: "},
		{"no description", "", "1\n", "done.jsonl: lies there without work.json; name another folder"},
		{"a damaged line", `{"name": "a", "most": 9}`, "1\n\n2x\n", "done.jsonl:3: "},
		{"a line that is refused", `{"name": "a", "most": 9}`, "1\n10\n", "done.jsonl:2: 10, expected at most 9"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"work.json": c.description, "done.jsonl": c.lines} {
			if text == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := open(dir, work{"a", 9})
		var changed *jobs.ChangedError
		if !errors.As(err, &changed) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", c.name, err, c.want)
		}
		for name, text := range map[string]string{"work.json": c.description, "done.jsonl": c.lines} {
			if b, _ := os.ReadFile(filepath.Join(dir, name)); string(b) != text {
				t.Errorf("%s: %s is now %q", c.name, name, b)
			}
		}
	}
}

// TestLedgerAdapts: work that has grown goes on, and its description is replaced.
func TestLedgerAdapts(t *testing.T) {
	dir := t.TempDir()
	for _, most := range []int{3, 7} {
		l := &jobs.Ledger{Dir: dir, Description: "work.json", Lines: "done.jsonl", Adapt: func(b []byte) ([]byte, error) {
			var w work
			err := json.Unmarshal(b, &w)
			w.Most = max(w.Most, most)
			after, _ := json.Marshal(w) // of a string and a number
			return after, err
		}}
		if err := l.Open(work{"a", most}, func([]byte) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "work.json")); err != nil || !strings.Contains(string(b), `"most": 7`) {
		t.Errorf("%s, %v", b, err)
	}
	if _, _, err := open(dir, work{"a", 3}); err == nil {
		t.Error("work that has shrunk goes on")
	}
}
