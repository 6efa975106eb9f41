package connectome

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// tableExtensions are those of tables, whose columns are separated by commas in a .csv file and by
// tabs in the others.
var tableExtensions = []string{".tsv", ".txt", ".csv"}

// separator returns what separates the columns of the table in a file.
func separator(path string) rune {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return ','
	}
	return '\t'
}

// tableReader reads the rows of a TSV or CSV file: quoted fields as in RFC 4180, lines that start
// with # are comments, blank lines are skipped, space around a field does not count.
type tableReader struct {
	csv  *csv.Reader
	file string
}

func newTableReader(r io.Reader, file string, comma rune) (*tableReader, error) {
	data, err := readAll(r, file)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	c.Comma, c.Comment, c.FieldsPerRecord, c.ReuseRecord = comma, '#', -1, true
	return &tableReader{c, file}, nil
}

// next returns the next row and its line, or io.EOF. The row is valid until the next call.
func (t *tableReader) next() ([]string, int, error) {
	row, err := t.csv.Read()
	if err == io.EOF {
		return nil, 0, err
	}
	if err != nil {
		e := &FormatError{File: t.file, Reason: err.Error()}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			e.Line, e.Reason = parse.Line, parse.Err.Error()
		}
		return nil, 0, e
	}
	line, _ := t.csv.FieldPos(0)
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row, line, nil
}

// columns finds columns by any of several names in a header row, whatever the case.
func columns(header []string, names ...[]string) []int {
	out := make([]int, len(names))
	for k, alternatives := range names {
		out[k] = -1
		for i, h := range header {
			for _, a := range alternatives {
				if out[k] < 0 && strings.EqualFold(h, a) {
					out[k] = i
				}
			}
		}
	}
	return out
}

// tableWriter writes rows; the first error stays and is returned by flush.
type tableWriter struct {
	w     *bufio.Writer
	comma rune
}

func newTableWriter(w io.Writer, comma rune) *tableWriter {
	return &tableWriter{bufio.NewWriter(w), comma}
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
	t.w.WriteByte('\n')
}

func (t *tableWriter) flush() error { return t.w.Flush() }
