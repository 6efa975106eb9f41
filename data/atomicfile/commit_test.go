package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// recorded is a file that notes what is done with it.
type recorded struct {
	*os.File
	calls *[]string
	fails error // of Sync
}

func (r recorded) Sync() error {
	*r.calls = append(*r.calls, "sync")
	return errors.Join(r.fails, r.File.Sync())
}

func (r recorded) Close() error {
	*r.calls = append(*r.calls, "close")
	return r.File.Close()
}

// TestCommitSyncs: the bytes are on the disk before the name is, and the name before Commit
// returns. Otherwise a power cut leaves an empty file, or the old one.
func TestCommitSyncs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "target")
	var calls []string
	before := syncFolder
	defer func() { syncFolder = before }()
	syncFolder = func(f *os.File) error {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the folder is synced before the file has its name: %v", err)
		}
		if f.Name() != dir {
			t.Errorf("%s is synced, expected %s", f.Name(), dir)
		}
		calls = append(calls, "folder")
		return before(f)
	}
	f, err := os.Create(filepath.Join(dir, "temporary"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Commit(recorded{File: f, calls: &calls}, path); err != nil {
		t.Fatal(err)
	}
	if want := []string{"sync", "close", "folder"}; !slices.Equal(calls, want) {
		t.Errorf("calls %v, expected %v", calls, want)
	}
	// A disk that does not take the bytes leaves the old file.
	if f, err = os.Create(filepath.Join(dir, "temporary")); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	broken := errors.New("no disk")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Commit(recorded{File: f, calls: &calls, fails: broken}, path); !errors.Is(err, broken) {
		t.Errorf("error %v, expected that of the disk", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "old" {
		t.Errorf("the file holds %q (%v), expected the old content", b, err)
	}
	// Write comes to the same.
	calls = nil
	if err := WriteBytes(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(calls, []string{"folder"}) {
		t.Errorf("Write syncs %v, expected the folder, too", calls)
	}
}
