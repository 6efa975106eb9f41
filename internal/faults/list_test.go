package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestListFitsTheCode looks that every fault of the list can still be planted: a change of the code
// that removes the text of a fault must change the fault, too.
func TestListFitsTheCode(t *testing.T) {
	root := filepath.Join("..", "..")
	in, err := os.Open(filepath.Join(root, "testdata", "faults", "faults.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	list, err := Read(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 25 {
		t.Errorf("%d faults, expected at least 25", len(list))
	}
	for i := range list {
		f := &list[i]
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.File)))
		if err != nil {
			t.Errorf("fault %s: %v", f.Name, err)
			continue
		}
		if _, err := f.Apply(string(b)); err != nil {
			t.Error(err)
		}
		for _, p := range f.Tests {
			if found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(p), "*_test.go")); err != nil || len(found) == 0 {
				t.Errorf("fault %s: package %s has no tests", f.Name, p)
			}
		}
	}
}

func TestRead(t *testing.T) {
	list, err := Read(strings.NewReader("# a comment\nfault one\nfile a/b.go\ntests ./a ./c\nwhy It is wrong.\nfull\ntimeout 5s\n-\tx = 1\n-\ty = 2\n+\tx = 2\n\n" +
		"fault two\nfile a/b.go\ntests ./a\nwhy It is forgotten.\n-reset()\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Old != "\tx = 1\n\ty = 2" || list[0].New != "\tx = 2" || !list[0].Full || list[0].Timeout.Seconds() != 5 ||
		strings.Join(list[0].Tests, " ") != "./a ./c" || list[0].Package() != "a" || list[1].New != "" || list[1].Full {
		t.Errorf("found %+v", list)
	}
	if got, err := list[0].Apply("{\n\tx = 1\n\ty = 2\n}"); err != nil || got != "{\n\tx = 2\n}" {
		t.Errorf("planted: %q, %v", got, err)
	}
	for _, content := range []string{"", "\tx = 1\n\ty = 2\n\tx = 1\n\ty = 2"} {
		if _, err := list[0].Apply(content); err == nil {
			t.Errorf("planted in %q, where the old text is not there once", content)
		}
	}
	for _, bad := range []string{
		"fault one\nfile a.go\ntests ./a\nwhy x\n",                   // no old text
		"fault one\nfile a.go\ntests ./a\nwhy x\n-y\n+y\n",           // the same text
		"fault one\nfile a.go\ntest ./a\nwhy x\n-y\n",                // an unknown key
		"fault one\nfile a.go\ntests ./a\n-y\n",                      // no reason
		"fault a\nfile a\ntests a\nwhy x\ntimeout soon\n-y\n",        // no duration
		strings.Repeat("fault a\nfile a\ntests a\nwhy x\n-y\n\n", 2), // a name that is taken
	} {
		if list, err := Read(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: read as %+v", bad, list)
		}
	}
}
