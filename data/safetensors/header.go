package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"elegans/data/internal/elem"
	"elegans/data/internal/format"
	"elegans/internal/quote"
)

const (
	metadataKey = "__metadata__"
	maxAxes     = 64 // of an array, as in NumPy
)

// headerParser reads the JSON token by token, because the decoding of whole values accepts
// duplicate and misspelt keys.
type headerParser struct {
	file        *File
	dec         *json.Decoder
	hasMetadata bool
}

func (p *headerParser) parse(b []byte) error {
	if b[0] != '{' {
		return format.New(p.file.name, format.Offset(8), fmt.Sprintf("the header begins with %q", b[0]), `"{"`)
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return format.New(p.file.name, format.Offset(int64(8+i)), fmt.Sprintf("byte %#02x", b[i]), "valid UTF-8")
		}
		i += n
	}
	p.dec = json.NewDecoder(bytes.NewReader(b))
	p.dec.UseNumber()
	err := p.object(func(name string) error {
		if name == metadataKey {
			return p.metadata()
		}
		if _, ok := p.file.arrays[name]; ok {
			return p.fail(where(name)+" twice", "unique names")
		}
		a, err := p.array(name)
		p.file.arrays[name] = a
		return err
	})
	if err != nil {
		return p.locate(err)
	}
	if rest := bytes.Trim(b[p.dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return p.fail(fmt.Sprintf("%q after the header", rest[0]), "spaces only")
	}
	return nil
}

// fail makes the error for the place that has been read so far.
func (p *headerParser) fail(found, expected string) error {
	return format.New(p.file.name, format.Offset(8+p.dec.InputOffset()), found, expected)
}

// locate gives errors of the JSON decoder the form of the others.
func (p *headerParser) locate(err error) error {
	if e := (*format.Error)(nil); errors.As(err, &e) {
		return err
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return format.Wrap(p.file.name, format.Offset(8+p.dec.InputOffset()), fmt.Errorf("header: %w", err))
}

// object reads {"key": value, ...}; member reads the value.
func (p *headerParser) object(member func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return err
		}
		if err := member(key.(string)); err != nil { // the decoder lets only strings pass as keys
			return err
		}
	}
	return p.delim('}')
}

func (p *headerParser) delim(want json.Delim) error {
	t, err := p.dec.Token()
	if err != nil {
		return err
	}
	if t != want {
		return p.fail(fmt.Sprintf("%v", t), want.String())
	}
	return nil
}

func (p *headerParser) str(what string) (string, error) {
	t, err := p.dec.Token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", p.fail(fmt.Sprintf("%s is %v", what, t), "a string")
	}
	return s, nil
}

// ints reads an array of whole numbers from 0 to the largest int.
func (p *headerParser) ints(what string) ([]int, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	v := []int{}
	for p.dec.More() {
		t, err := p.dec.Token()
		if err != nil {
			return nil, err
		}
		n, ok := t.(json.Number)
		i, err := strconv.ParseUint(string(n), 10, strconv.IntSize-1)
		if !ok || err != nil {
			return nil, p.fail(fmt.Sprintf("%s has %v", what, t), fmt.Sprintf("whole numbers from 0 to %d", math.MaxInt))
		}
		if len(v) == maxAxes {
			return nil, p.fail(what+" is longer", fmt.Sprintf("at most %d numbers", maxAxes))
		}
		v = append(v, int(i))
	}
	return v, p.delim(']')
}

func (p *headerParser) metadata() error {
	if p.hasMetadata {
		return p.fail(metadataKey+" twice", "unique names")
	}
	p.hasMetadata = true
	return p.object(func(key string) error {
		if _, ok := p.file.metadata[key]; ok {
			return p.fail(metadataKey+" key "+quote.Text(key)+" twice", "unique keys")
		}
		v, err := p.str(metadataKey + " " + quote.Text(key))
		p.file.metadata[key] = v
		return err
	})
}

// array reads the description of one array and checks it by itself.
func (p *headerParser) array(name string) (a Info, err error) {
	var offsets []int
	seen := map[string]bool{}
	err = p.object(func(key string) error {
		if seen[key] {
			return p.fail(where(name)+": "+quote.Text(key)+" twice", "unique keys")
		}
		seen[key] = true
		switch key {
		case "dtype":
			s, err := p.str(where(name) + ": dtype")
			a.Dtype = Dtype(s)
			return err
		case "shape":
			a.Shape, err = p.ints(where(name) + ": shape")
			return err
		case "data_offsets":
			offsets, err = p.ints(where(name) + ": data_offsets")
			return err
		}
		return p.fail(where(name)+": key "+quote.Text(key), "dtype, shape, data_offsets")
	})
	if err != nil {
		return a, err
	}
	if len(seen) != 3 {
		return a, p.fail(fmt.Sprintf("%s: %d of the 3 keys", where(name), len(seen)), "dtype, shape, data_offsets")
	}
	if len(offsets) != 2 || offsets[0] > offsets[1] {
		return a, p.fail(fmt.Sprintf("%s: data_offsets %v", where(name), offsets), "begin and end")
	}
	a.begin, a.end = int64(offsets[0]), int64(offsets[1])
	size := a.Dtype.Size()
	if size == 0 { // a type that is not known, whose elements may be of any size
		if _, ok := elem.Count(a.Shape, 1, math.MaxInt); !ok {
			return a, p.fail(fmt.Sprintf("%s: shape %v", where(name), a.Shape), "a number of elements that can be counted")
		}
		return a, nil
	}
	if n, ok := elem.Count(a.Shape, int64(size), math.MaxInt); !ok || n != a.end-a.begin {
		want := "bytes beyond counting"
		if ok {
			want = fmt.Sprintf("%d bytes", n)
		}
		return a, p.fail(fmt.Sprintf("%s: data_offsets %v, %d bytes", where(name), offsets, a.end-a.begin), fmt.Sprintf("%s for %s %v", want, a.Dtype, a.Shape))
	}
	return a, nil
}
