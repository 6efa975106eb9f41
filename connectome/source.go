package connectome

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"elegans/connectome/internal/meter"
	"elegans/internal/quote"
)

// source is a file that is being read: its text as UTF-8 without a byte order mark.
type source struct {
	*bufio.Reader
	ctx  context.Context
	file string // as errors name it
}

// headBytes is how much of a file is looked at to find out what it is.
const headBytes = 64 << 10

// newSource prepares to read size bytes of r; size is 0 where it is not known. A text in UTF-16 is
// recognised by its byte order mark, or by the angle bracket with which XML begins.
func newSource(ctx context.Context, r io.Reader, file string, size int64) (*source, error) {
	raw := bufio.NewReaderSize(&metered{r: r, m: meter.Start(ctx, "reading "+file, "bytes", size)}, headBytes)
	start, _ := raw.Peek(4) // a short or broken file shows when it is read
	s := &source{ctx: ctx, file: file, Reader: raw}
	var wide encoding.Encoding
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe\x00\x00")), bytes.Equal(start, []byte("\x00\x00\xfe\xff")):
		return nil, &FormatError{File: file, Reason: "the text is in UTF-32, expected UTF-8"}
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		wide = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(start, []byte("<\x00")):
		wide = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(start, []byte("\x00<")):
		wide = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	if wide != nil {
		s.Reader = bufio.NewReaderSize(wide.NewDecoder().Reader(raw), headBytes)
	} else if bytes.HasPrefix(start, []byte("\uFEFF")) {
		_, _ = raw.Discard(len("\uFEFF"))
	}
	return s, nil
}

// text is the source of a reader that was given an io.Reader alone.
func text(r io.Reader, file string) (*source, error) {
	return newSource(context.Background(), r, file, 0)
}

// fail names the file in an error of reading. An error of the format has the name already, and an
// interruption is nobody's fault.
func (s *source) fail(err error) error {
	var known *FormatError
	if err == nil || errors.As(err, &known) || s.ctx.Err() != nil && errors.Is(err, s.ctx.Err()) {
		return err
	}
	return &FormatError{File: s.file, Reason: err.Error(), Err: err}
}

// metered counts what is read, and ends with its context.
type metered struct {
	r io.Reader
	m *meter.Meter
}

func (r *metered) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if stopped := r.m.Add(int64(n)); stopped != nil {
		return n, stopped
	}
	return n, err
}

// charset returns a reader of UTF-8 for a text in a named encoding of one byte a character. The
// others cannot be told apart from their own broken forms and are left to their writers.
func charset(name string, r io.Reader) (io.Reader, error) {
	plain := plainCharset(name)
	switch plain {
	case "utf8", "usascii", "ascii", "utf16", "utf16le", "utf16be": // UTF-16 is decoded already
		return r, nil
	case "latin1", "l1", "isolatin1":
		return charmap.ISO8859_1.NewDecoder().Reader(r), nil
	}
	if number, ok := strings.CutPrefix(plain, "cp125"); ok {
		plain = "windows125" + number
	}
	for _, e := range charmap.All {
		if c, ok := e.(*charmap.Charmap); ok {
			if known := plainCharset(c.String()); known == plain ||
				known == strings.Replace(plain, "cp", "ibmcodepage", 1) {
				return c.NewDecoder().Reader(r), nil
			}
		}
	}
	return nil, fmt.Errorf("the text is in encoding %s, expected UTF-8", quote.Text(name))
}

// plainCharset drops what names of encodings differ in: "ISO-8859-1" is "ISO 8859-1".
func plainCharset(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}
