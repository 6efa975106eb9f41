package npy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"elegans/data/internal/elem"
	"elegans/data/internal/format"
	"elegans/internal/quote"
)

// header is the content of the dictionary at the start of a file.
type header struct {
	kind    elem.Kind
	swapped bool // big-endian
	fortran bool
	shape   []int
}

var kinds = map[string]elem.Kind{
	"b1": elem.Bool, "u1": elem.U8, "u2": elem.U16, "u4": elem.U32, "u8": elem.U64, "i1": elem.I8, "i2": elem.I16, "i4": elem.I32, "i8": elem.I64,
	"f2": elem.F16, "f4": elem.F32, "f8": elem.F64,
}

// literal is a cursor in a Python literal of the subset that NumPy writes.
type literal struct {
	file   string
	text   string
	offset int // of text in the file
	at     int
}

func (l *literal) fail(expected string) error {
	found := "the end of the header"
	if l.at < len(l.text) {
		found = strconv.Quote(l.text[l.at:min(l.at+12, len(l.text))])
	}
	return format.New(l.file, format.Offset(int64(l.offset+l.at)), found, expected)
}

// space skips blanks and returns the next byte, 0 at the end.
func (l *literal) space() byte {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	if l.at == len(l.text) {
		return 0
	}
	return l.text[l.at]
}

// accept consumes c if it is next.
func (l *literal) accept(c byte) bool {
	if l.space() != c {
		return false
	}
	l.at++
	return true
}

func (l *literal) str() (string, error) {
	mark := l.space()
	if mark != '\'' && mark != '"' {
		return "", l.fail("a string")
	}
	end := strings.IndexByte(l.text[l.at+1:], mark)
	if end < 0 {
		return "", l.fail("a string with its end")
	}
	s := l.text[l.at+1 : l.at+1+end]
	l.at += end + 2
	return s, nil
}

func (l *literal) boolean() (bool, error) {
	l.space()
	for word, v := range map[string]bool{"True": true, "False": false} {
		if strings.HasPrefix(l.text[l.at:], word) {
			l.at += len(word)
			return v, nil
		}
	}
	return false, l.fail("True or False")
}

// tuple reads (), (3,) or (3, 4).
func (l *literal) tuple() ([]int, error) {
	if !l.accept('(') {
		return nil, l.fail("a tuple of lengths")
	}
	v := []int{}
	for !l.accept(')') {
		if len(v) > 0 && !l.accept(',') {
			return nil, l.fail(`"," or ")"`)
		}
		if len(v) > 0 && l.accept(')') {
			break
		}
		l.space()
		end := l.at
		for end < len(l.text) && '0' <= l.text[end] && l.text[end] <= '9' {
			end++
		}
		n, err := strconv.ParseUint(l.text[l.at:end], 10, strconv.IntSize-1)
		if err != nil {
			return nil, l.fail("a length")
		}
		l.at = end
		l.accept('L') // written by Python 2
		v = append(v, int(n))
	}
	return v, nil
}

// parseHeader reads {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
func parseHeader(file, text string, offset int) (h header, err error) {
	l := &literal{file: file, text: text, offset: offset}
	if !utf8.ValidString(text) {
		// version 3; the older ones are Latin-1, but all that is accepted below is ASCII
		return h, format.New(file, format.Offset(int64(offset)), "a header that is not UTF-8", "plain keys and values")
	}
	if !l.accept('{') {
		return h, l.fail(`"{"`)
	}
	seen := map[string]bool{}
	for !l.accept('}') {
		if len(seen) > 0 && !l.accept(',') {
			return h, l.fail(`"," or "}"`)
		}
		if len(seen) > 0 && l.accept('}') {
			break
		}
		key, err := l.str()
		if err != nil {
			return h, err
		}
		if seen[key] || !l.accept(':') {
			return h, l.fail(fmt.Sprintf(`":" after the key %s, which may stand once`, quote.Text(key)))
		}
		seen[key] = true
		switch key {
		case "descr":
			err = l.descr(&h)
		case "fortran_order":
			h.fortran, err = l.boolean()
		case "shape":
			h.shape, err = l.tuple()
		default:
			err = l.fail("descr, fortran_order or shape in place of the key " + quote.Text(key))
		}
		if err != nil {
			return h, err
		}
	}
	if l.space() != 0 {
		return h, l.fail("the end of the header")
	}
	if len(seen) != 3 {
		return h, l.fail("descr, fortran_order and shape")
	}
	return h, nil
}

func (l *literal) descr(h *header) error {
	const want = "the type of a plain number, such as '<f8'"
	if l.space() == '[' {
		return l.fail(want + " (structured arrays are not read)")
	}
	start := l.at
	s, err := l.str()
	if err != nil {
		return err
	}
	k := elem.Invalid
	if len(s) == 3 && strings.IndexByte("<>|", s[0]) >= 0 {
		k = kinds[s[1:]]
	}
	if k == elem.Invalid || s[0] == '|' && k.Size() > 1 {
		l.at = start
		if strings.HasSuffix(s, "O") {
			return l.fail(want + " (pickled objects are not read)")
		}
		return l.fail(want)
	}
	h.kind, h.swapped = k, s[0] == '>'
	return nil
}
