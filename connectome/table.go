package connectome

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"elegans/internal/quote"
)

// tableExtensions are those of tables. What separates their columns is what their first rows use.
var tableExtensions = []string{".tsv", ".txt", ".csv"}

// separator returns what separates the columns of a table that is written, and what is taken where
// the rows of one that is read leave it open.
func separator(path string) rune {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return ','
	}
	return '\t'
}

// separators are what the columns of a table may be separated by.
var separators = []rune{'\t', ',', ';', ' '}

// sniff returns what separates the columns of a table that begins with head: the first separator,
// usual before the others, with which the first row is the header of an edge list, or else with
// which the first two rows fit together.
//
// A row that has the usual separator is taken at its word, so that what we write is read back
// whatever its names contain.
func sniff(head []byte, usual rune) rune {
	candidates := append([]rune{usual}, slices.DeleteFunc(slices.Clone(separators), func(r rune) bool { return r == usual })...)
	var rows [][2][]string
	for _, comma := range candidates {
		pair := firstRows(head, comma)
		if c, err := findColumns(pair[0]); err == nil && c.pre >= 0 {
			return comma
		}
		rows = append(rows, pair)
	}
	fit := func(i int) bool { // R leaves the corner of a table out
		first, second := len(rows[i][0]), len(rows[i][1])
		return second > 1 && first == second || first > 1 && first+1 == second
	}
	for i, comma := range candidates {
		if fit(i) {
			return comma
		}
	}
	for i, comma := range candidates {
		if len(rows[i][0]) > 1 { // the second row does not lie in head, or is broken
			return comma
		}
	}
	return usual
}

// firstRows returns the first two rows of a table as far as they lie in head.
func firstRows(head []byte, comma rune) (rows [2][]string) {
	r := newCSV(bytes.NewReader(head), comma)
	r.ReuseRecord = false
	for i := range rows {
		row, err := r.Read()
		if err != nil {
			break
		}
		trim(row)
		rows[i] = row
	}
	return rows
}

func newCSV(r io.Reader, comma rune) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma, c.Comment, c.FieldsPerRecord, c.ReuseRecord = comma, '#', -1, true
	return c
}

func trim(row []string) {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
}

// tableReader reads the rows of a TSV or CSV file: quoted fields as in RFC 4180, lines that start
// with # are comments, blank lines are skipped, space around a field does not count.
type tableReader struct {
	csv    *csv.Reader
	guard  *rowGuard
	file   string
	source *source
	comma  rune
	held   []string // a row that back has put back
	heldAt int
}

// newTableReader reads a table whose columns are separated by comma; 0 stands for what its first
// rows use.
func newTableReader(s *source, comma rune) *tableReader {
	if comma == 0 {
		head, _ := s.Peek(headBytes) // what is wrong with the file shows when it is read
		comma = sniff(head, separator(s.file))
	}
	g := &rowGuard{r: s, comma: byte(comma)}
	g.csv = newCSV(bufio.NewReaderSize(g, headBytes), comma)
	return &tableReader{csv: g.csv, guard: g, file: s.file, source: s, comma: comma}
}

// next returns the next row and its line, or io.EOF. The row is valid until the next call.
func (t *tableReader) next() ([]string, int, error) {
	if row := t.held; row != nil {
		t.held = nil
		return row, t.heldAt, nil
	}
	t.guard.start = t.csv.InputOffset()
	row, err := t.csv.Read()
	if err == io.EOF {
		return nil, 0, err
	}
	if err != nil {
		e := &FormatError{File: t.file, Reason: err.Error(), Err: err}
		var parse *csv.ParseError
		var long *rowError
		switch {
		case errors.As(err, &parse):
			e.Line, e.Reason = parse.Line, parse.Err.Error()
		case errors.As(err, &long):
			e.Line = long.line
		default:
			return nil, 0, t.source.fail(err)
		}
		return nil, 0, e
	}
	line, _ := t.csv.FieldPos(0)
	trim(row)
	return row, line, nil
}

// back makes next return a row once more; no row may have been read since.
func (t *tableReader) back(row []string, line int) { t.held, t.heldAt = row, line }

// number reads a number of the table. Where semicolons separate the columns, a comma is what a
// point is elsewhere.
func (t *tableReader) number(s string) (float64, error) {
	if t.comma == ';' && strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		if v, err := parseNumber(strings.Replace(s, ",", ".", 1)); err == nil {
			return v, nil
		}
	}
	return parseNumber(s)
}

// Limits of one row of a table, which is kept as a whole.
const (
	maxRowBytes  = 64 << 20
	maxRowFields = 1 << 22
)

// rowGuard stops the reading of a row that grows beyond these limits, before it is kept.
type rowGuard struct {
	r      io.Reader
	csv    *csv.Reader
	comma  byte
	read   int64 // bytes
	start  int64 // where the row starts
	line   int   // newlines so far
	fields int   // separators in the line
}

type rowError struct {
	line int
	what string
}

func (e *rowError) Error() string { return e.what }

func (g *rowGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.read += int64(n)
	b := p[:n]
	if at := bytes.LastIndexByte(b, '\n'); at >= 0 {
		g.line += bytes.Count(b, []byte{'\n'})
		g.fields, b = 0, b[at+1:]
	}
	g.fields += bytes.Count(b, []byte{g.comma})
	switch {
	case g.fields > maxRowFields:
		return 0, &rowError{g.line + 1, fmt.Sprintf("a row of more than %d columns", maxRowFields)}
	case g.read-g.start > maxRowBytes:
		return 0, &rowError{g.line + 1,
			fmt.Sprintf("a row of more than %d bytes, expected no quote that is left open", maxRowBytes)}
	}
	return n, err
}

// unnamed is how a message calls a column without a name.
const unnamed = "(without a name)"

// headerText quotes a header row for an error.
func headerText(header []string) string { return quote.Text(strings.Join(header, " ")) }

// tableWriter writes rows; the first error stays and is returned by flush.
type tableWriter struct {
	w     *bufio.Writer
	comma rune
	err   error
}

func newTableWriter(w io.Writer, comma rune) *tableWriter {
	return &tableWriter{w: bufio.NewWriter(w), comma: comma}
}

func (t *tableWriter) row(fields ...string) {
	for i, f := range fields {
		if i > 0 {
			t.w.WriteRune(t.comma)
		}
		if strings.ContainsRune(f, t.comma) || strings.ContainsRune(f, '"') || strings.HasPrefix(f, "#") {
			f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
		}
		t.w.WriteString(f)
	}
	t.err = t.w.WriteByte('\n')
}

func (t *tableWriter) flush() error { return t.w.Flush() }
