package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Write calls write with a buffered writer and puts what it wrote at path, with the permissions of
// a newly created file. On any error, also one of write, the file at path is untouched and no
// temporary file remains. What is there and no regular file, such as a folder or a device, is
// refused before write is called: the rename would fail, or put a file in the device's place.
func Write(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		what := "a device or the like"
		if info.IsDir() {
			what = "a folder"
		}
		return fmt.Errorf("%s: found %s, expected a file or a new name", path, what)
	}
	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err = write(w); err != nil {
		return err
	}
	if err = w.Flush(); err != nil {
		return err
	}
	return Commit(f, path)
}

// WriteBytes is Write of the bytes b.
func WriteBytes(path string, b []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// File is what Commit needs of an *os.File.
type File interface {
	Name() string
	Sync() error
	Close() error
}

// Commit syncs and closes f and renames it to path, which must lie in the same folder. It is the
// last step of Write, for callers that keep the temporary file themselves, such as a download that
// can be resumed.
func Commit(f File, path string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	// The rename itself becomes durable when the folder is synced. Some systems cannot sync a
	// folder; the rename is atomic there all the same.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = syncFolder(dir)
		_ = dir.Close()
	}
	return nil
}

// syncFolder is replaced by a test, since nothing else tells whether it was called.
var syncFolder = (*os.File).Sync

// Sweep removes the temporary files that a killed process left beside path. Nothing may be writing
// to path meanwhile.
func Sweep(path string) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), "."+base+".")
		if !ok || !e.Type().IsRegular() {
			continue
		}
		number, ok = strings.CutSuffix(number, ".tmp")
		if !ok || len(number) != 8 || strings.Trim(number, "0123456789abcdef") != "" {
			continue // not named by create
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// create opens a new file beside path. os.CreateTemp would make it unreadable for others, which the
// renamed file would inherit.
func create(path string) (*os.File, error) {
	for range 100 {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x.tmp", filepath.Base(path), rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		var failed *fs.PathError
		if errors.As(err, &failed) {
			failed.Path = path // which the caller knows
		}
		return f, err
	}
	return nil, fmt.Errorf("%s: no free name for a temporary file", path)
}
