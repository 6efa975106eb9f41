// Package regular opens and reads regular files, and only these. A pipe keeps its reader waiting
// until somebody writes, and a device such as /dev/zero never ends; both are refused in a line that
// names them.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"elegans/internal/quote"
)

// ErrNotRegular is what the refusal of a folder, pipe, socket or device wraps.
var ErrNotRegular = errors.New("not a regular file")

// Open opens a regular file for reading, through links.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path) // before the file is opened, since opening a pipe waits
	if err != nil {
		return nil, err
	}
	if err := check(path, info); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil { // it may have been replaced meanwhile
		err = check(path, info)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile reads a regular file of at most limit bytes.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: larger than %d bytes, expected at most these", quote.Name(path), limit)
	}
	return b, nil
}

func check(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("%s: found %s, expected a file: %w", quote.Name(path), kind(info.Mode()), ErrNotRegular)
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else (" + m.String() + ")"
}
