package task

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"elegans/data"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

// FormatError is what the readers return for a file that is not what it should be: file, place,
// what was found, what was expected, in one line.
type FormatError = data.FormatError

// textFile is a text in UTF-8 that was opened.
type textFile struct {
	*bufio.Reader
	name string
	io.Closer
}

// openText opens a regular file. A text in UTF-16 is refused by its first bytes, a file that is
// larger than the memory by its size.
func openText(path string) (*textFile, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = memory.Need(quote.Name(path), float64(info.Size()))
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	t, err := newText(f, path)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	t.Closer = f
	return t, nil
}

func newText(r io.Reader, name string) (*textFile, error) {
	t := &textFile{Reader: bufio.NewReaderSize(r, 1<<16), name: name}
	head, _ := t.Peek(3) // what is wrong with the file shows when it is read
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, &FormatError{File: name, Where: "offset 0", Found: "text in UTF-16", Expected: "text in UTF-8"}
	case string(head) == "\xef\xbb\xbf":
		if _, err := t.Discard(3); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// values collects the numbers of a series [rows, width] within the memory that there is.
type values struct {
	name  string
	width int
	list  []float64
}

// copies is how many times a series is held while it becomes a problem.
const copies = 4

func (v *values) add(x float64) error {
	if len(v.list) == cap(v.list) {
		next := max(1024, 2*cap(v.list))
		if err := memory.Need(fmt.Sprintf("%s: more than %d numbers", quote.Name(v.name), len(v.list)), 8*copies*float64(next)); err != nil {
			return err
		}
		v.list = append(make([]float64, 0, next), v.list...)
	}
	v.list = append(v.list, x)
	return nil
}

var errFinite = errors.New("a finite number")

// finite reads a number.
func finite(field string) (float64, error) {
	x, err := strconv.ParseFloat(field, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, errFinite
	}
	return x, nil
}
