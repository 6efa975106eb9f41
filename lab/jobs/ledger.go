package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"elegans/data/atomicfile"
	"elegans/internal/jsondiff"
	"elegans/internal/regular"
)

// Ledger keeps in a folder what pieces of work gave, so that work that was stopped goes on when it
// is called again: a file that describes the work, and one with a line of JSON for each piece that
// is done. One process at a time may have it open.
type Ledger struct {
	// Dir is a folder that is there.
	Dir string
	// Description and Lines are the names of the two files.
	Description, Lines string
	// Adapt brings a description that was found to one that is compared with the present one, for
	// work that may grow; the present one then replaces it. Nil compares it as it is.
	Adapt func(before []byte) ([]byte, error)

	file   *os.File
	synced time.Time
}

// ChangedError says that a folder holds something else than the work that is to go on.
type ChangedError struct{ err error }

// Error implements error.
func (e *ChangedError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *ChangedError) Unwrap() error { return e.err }

const (
	maxDescription = 1 << 24 // bytes
	maxLines       = 1 << 30
)

// Open begins a ledger, or reads the one that is there: keep is called with each line. What follows
// the last whole line was being written when the program was ended, and is dropped. Other work, and
// a line that keep refuses, give a *ChangedError and change nothing.
func (l *Ledger) Open(description any, keep func(line []byte) error) error {
	if err := l.describe(description); err != nil {
		return err
	}
	path := filepath.Join(l.Dir, l.Lines)
	b, err := regular.ReadFile(path, maxLines)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole := bytes.LastIndexByte(b, '\n') + 1
	number := 0
	for line := range bytes.Lines(b[:whole]) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := keep(line); err != nil {
			return &ChangedError{fmt.Errorf("%s:%d: %w", path, number, err)}
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	if err = f.Truncate(int64(whole)); err == nil {
		_, err = f.Seek(int64(whole), 0)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return err
	}
	l.file = f
	return nil
}

// describe compares the description with the one that is there, or writes it.
func (l *Ledger) describe(description any) error {
	now, err := json.MarshalIndent(description, "", "  ")
	if err != nil {
		return err
	}
	now = append(now, '\n')
	path, lines := filepath.Join(l.Dir, l.Description), filepath.Join(l.Dir, l.Lines)
	before, err := regular.ReadFile(path, maxDescription)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(lines); err == nil {
			return &ChangedError{fmt.Errorf("%s: lies there without %s; name another folder", lines, l.Description)}
		}
		return atomicfile.WriteBytes(path, now)
	}
	if err != nil {
		return err
	}
	compared := before
	if l.Adapt != nil {
		if compared, err = l.Adapt(before); err != nil {
			return &ChangedError{fmt.Errorf("%s: %w", path, err)}
		}
	}
	field, found, want, err := jsondiff.First(compared, now)
	switch {
	case err != nil:
		return &ChangedError{fmt.Errorf("%s: %w", path, err)}
	case field != "":
		return &ChangedError{fmt.Errorf("%s: %s is %s, expected %s; name another folder", path, field, found, want)}
	case l.Adapt != nil && !bytes.Equal(before, now):
		return atomicfile.WriteBytes(path, now)
	}
	return nil
}

// Decode reads a line strictly: a key that v does not have is an error, and so is a second value.
func Decode(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value, expected one")
	}
	return nil
}

// syncEvery is how much work a power cut may cost, besides the piece that was at work.
const syncEvery = time.Second

// Add writes a line with one call.
func (l *Ledger) Add(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(b, '\n')); err != nil {
		return err
	}
	if time.Since(l.synced) < syncEvery {
		return nil
	}
	l.synced = time.Now()
	return l.file.Sync()
}

// Close ends it. One that is not open is left as it is.
func (l *Ledger) Close() error {
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return errors.Join(f.Sync(), f.Close())
}
