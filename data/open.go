package data

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	"elegans/data/internal/format"
)

// FormatError is what every reader of this package returns for a malformed file: file, place, what
// was found, what was expected, in one line.
type FormatError = format.Error

// input is an open file, decompressed if its name ends in .gz.
type input struct {
	io.Reader
	name   string
	file   *os.File
	offset int64 // bytes delivered
}

func openInput(path string) (*input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := &input{Reader: bufio.NewReaderSize(f, 1<<16), name: path, file: f}
	if strings.HasSuffix(path, ".gz") {
		if in.Reader, err = gzip.NewReader(in.Reader); err != nil {
			_ = f.Close()
			return nil, format.Wrap(path, format.Offset(0), err)
		}
	}
	return in, nil
}

func (in *input) Close() error { return in.file.Close() }

func (in *input) Read(b []byte) (int, error) {
	n, err := in.Reader.Read(b)
	in.offset += int64(n)
	return n, err
}

// readExactly returns n bytes and demands that the input ends there. Memory grows with what
// arrives, so a header that lies about n costs nothing.
func (in *input) readExactly(n int64) ([]byte, error) {
	b, err := in.readSome(n)
	if err != nil {
		return nil, err
	}
	var extra [1]byte
	switch _, err := io.ReadFull(in, extra[:]); err {
	case io.EOF:
		return b, nil
	case nil:
		return nil, format.New(in.name, format.Offset(in.offset-1), "more data", "the end of the file")
	default:
		return nil, format.Wrap(in.name, format.Offset(in.offset), err)
	}
}

// readSome returns n bytes.
func (in *input) readSome(n int64) ([]byte, error) {
	start := in.offset
	b, err := io.ReadAll(io.LimitReader(in, n))
	if err != nil {
		return nil, format.Wrap(in.name, format.Offset(in.offset), err)
	}
	if int64(len(b)) < n {
		return nil, format.New(in.name, format.Offset(in.offset), "the file ends", fmt.Sprintf("%d more bytes of the %d from offset %d", n-int64(len(b)), n, start))
	}
	return b, nil
}
