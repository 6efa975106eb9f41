package data

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"elegans/data/internal/bound"
	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

// FormatError is what every reader of this package returns for a malformed file: file, place, what
// was found, what was expected, in one line.
type FormatError = format.Error

// input is an open file, decompressed if its name ends in .gz. Its reading ends with the context.
type input struct {
	io.Reader
	name   string
	file   io.Closer // nil for bytes in memory
	packed bool      // compressed
	size   int64     // bytes of the file, compressed or not
	taken  int64     // bytes read from the file so far
	offset int64     // bytes delivered
}

// largeFile is the size from which on Options.Reading is told.
const largeFile = 64 << 20

// below reads the file under the decompression.
type below struct {
	ctx  context.Context
	in   *input
	file io.Reader
	tell func(file string, done, total int64) // may be nil
}

// Read implements io.Reader.
func (s *below) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.file.Read(b)
	s.in.taken += int64(n)
	if s.tell != nil {
		s.tell(s.in.name, s.in.taken, s.in.size)
	}
	return n, err
}

// openInput opens a regular file.
func openInput(ctx context.Context, o *Options, path string) (*input, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	in, err := newInput(ctx, o, f, path)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return in, nil
}

func newInput(ctx context.Context, o *Options, f *os.File, path string) (*input, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in := &input{name: path, file: f, size: st.Size()}
	raw := &below{ctx: ctx, in: in, file: f}
	if in.size >= largeFile {
		raw.tell = o.Reading
	}
	in.Reader = bufio.NewReaderSize(raw, 1<<18)
	if !strings.HasSuffix(path, ".gz") {
		return in, nil
	}
	in.packed = true
	if in.Reader, err = gzip.NewReader(in.Reader); err != nil {
		return nil, format.Wrap(path, format.Offset(0), err)
	}
	return in, nil
}

// Close closes the file.
func (in *input) Close() error {
	if in.file == nil {
		return nil
	}
	return in.file.Close()
}

// Read implements io.Reader.
func (in *input) Read(b []byte) (int, error) {
	n, err := in.Reader.Read(b)
	in.offset += int64(n)
	if in.packed {
		if e := bound.Unfold("", in.offset, in.taken); e != nil {
			return n, e
		}
	}
	return n, err
}

// likely returns how many bytes more are to be expected: those of the file, or a few times as many
// of a compressed one.
func (in *input) likely() int64 {
	left := max(in.size-in.taken, 0) + 1<<18
	if in.packed {
		left *= 8
	}
	return left
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
	if err := memory.Need(quote.Name(in.name), float64(n)); err != nil {
		return nil, err
	}
	b, err := bound.ReadFull(in, n, in.likely())
	switch {
	case err == io.EOF:
		return nil, format.New(in.name, format.Offset(in.offset), "the file ends", fmt.Sprintf("%d more bytes of the %d from offset %d", n-int64(len(b)), n, start))
	case err != nil:
		return nil, format.Wrap(in.name, format.Offset(in.offset), err)
	}
	return b, nil
}
