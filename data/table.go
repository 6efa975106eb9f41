package data

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"elegans/data/internal/format"
	"elegans/tensor"
)

const (
	maxLine   = 1 << 22 // bytes of a line of a CSV file
	maxValues = 1 << 28 // values of a CSV file
	maxClass  = 1 << 16 // classes named by number
)

// table is the content of a CSV file: rows of width values and a label each.
type table struct {
	file   string
	width  int
	values []float32
	labels []string
}

// loadCSV reads Options.Dir, a CSV file or a folder that holds train.csv and test.csv, each also
// with .gz.
func loadCSV(ctx context.Context, o *Options) (Sets, error) {
	if err := o.needDir("a CSV file, or a folder with train.csv and test.csv"); err != nil {
		return Sets{}, err
	}
	if !isDir(o.Dir) {
		t, err := openTable(ctx, o, o.Dir)
		if err != nil {
			return Sets{}, err
		}
		d, err := t.dataset(o, classNames(t.labels))
		if err != nil {
			return Sets{}, err
		}
		return o.divide(d), nil
	}
	var parts [2]*table
	for i, stem := range []string{"train.csv", "test.csv"} {
		path := filepath.Join(o.Dir, stem)
		if _, err := os.Stat(path + ".gz"); err == nil {
			path += ".gz"
		}
		t, err := openTable(ctx, o, path)
		if err != nil {
			return Sets{}, err
		}
		parts[i] = t
	}
	var e extent
	e.add(parts[0].values)
	e.add(parts[1].values)
	if err := o.settle(o.Dir, e); err != nil {
		return Sets{}, err
	}
	classes := classNames(slices.Concat(parts[0].labels, parts[1].labels))
	train, err := parts[0].dataset(o, classes)
	if err != nil {
		return Sets{}, err
	}
	test, err := parts[1].dataset(o, classes)
	return Sets{Train: train, Test: test}, err
}

func openTable(ctx context.Context, o *Options, path string) (*table, error) {
	in, err := openInput(ctx, o, path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return readTable(in, o.LabelColumn)
}

// readTable reads lines of numbers separated by commas, of which one is the label. The first line
// may be a header: it is one if a value in it is not a number. A field may stand in double quotes
// but hold no comma. Blank lines are skipped.
func readTable(in *input, labelColumn int) (*table, error) {
	t := &table{file: in.name}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	columns, first := 0, true
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(line) == 0 {
			continue
		}
		where := fmt.Sprintf("line %d", n)
		if first {
			if columns = bytes.Count(line, []byte(",")) + 1; columns < 2 {
				return nil, format.New(t.file, where, "1 field", "a label and values, separated by commas")
			}
			if labelColumn < 0 {
				labelColumn += columns
			}
			if labelColumn < 0 || labelColumn >= columns {
				return nil, format.New(t.file, where, fmt.Sprintf("%d fields", columns), fmt.Sprintf("a label in column %d", labelColumn))
			}
			t.width = columns - 1
		}
		err := t.line(line, where, columns, labelColumn)
		if err != nil && !(first && isHeader(line, labelColumn)) {
			return nil, err
		}
		first = false
	}
	if err := lines.Err(); err != nil {
		return nil, format.Wrap(t.file, fmt.Sprintf("after line %d of values", len(t.labels)), err)
	}
	if len(t.labels) == 0 {
		return nil, format.New(t.file, "", "no lines of values", "at least one")
	}
	return t, nil
}

// line appends one line; on an error the table is as before.
func (t *table) line(line []byte, where string, columns, labelColumn int) error {
	if n := bytes.Count(line, []byte(",")) + 1; n != columns {
		return format.New(t.file, where, fmt.Sprintf("%d fields", n), fmt.Sprintf("%d as in the first line", columns))
	}
	if len(t.values)+t.width > maxValues {
		return format.New(t.file, where, "more values", fmt.Sprintf("at most %d", maxValues))
	}
	start, column := len(t.values), 0
	for field := range bytes.SplitSeq(line, []byte(",")) {
		text := unquote(field)
		if column == labelColumn {
			t.labels = append(t.labels, text)
		} else {
			v, err := strconv.ParseFloat(text, 32)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				t.values = t.values[:start]
				if column > labelColumn {
					t.labels = t.labels[:len(t.labels)-1]
				}
				return format.New(t.file, fmt.Sprintf("%s, field %d", where, column+1), strconv.Quote(text), "a finite number")
			}
			t.values = append(t.values, float32(v))
		}
		column++
	}
	return nil
}

func unquote(field []byte) string {
	s := strings.TrimSpace(string(field))
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return s
}

// isHeader reports whether no value of the line is a number.
func isHeader(line []byte, labelColumn int) bool {
	column := 0
	for field := range bytes.SplitSeq(line, []byte(",")) {
		if _, err := strconv.ParseFloat(unquote(field), 32); err == nil && column != labelColumn {
			return false
		}
		column++
	}
	return true
}

// classNames makes the list of classes: 0 to the largest label if all labels are whole numbers in
// range, otherwise the different labels, sorted.
func classNames(labels []string) []string {
	top := -1
	names := map[string]bool{}
	numbers := true
	for _, l := range labels {
		names[l] = true
		v, err := strconv.Atoi(l)
		numbers = numbers && err == nil && v >= 0 && v < maxClass && strconv.Itoa(v) == l
		top = max(top, v)
	}
	if !numbers {
		return slices.Sorted(maps.Keys(names))
	}
	all := make([]string, top+1)
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}

func (t *table) dataset(o *Options, classes []string) (*Dataset, error) {
	number := make(map[string]int, len(classes))
	for i, c := range classes {
		number[c] = i
	}
	labels := make([]int, len(t.labels))
	for i, l := range t.labels {
		labels[i] = number[l]
	}
	var e extent
	e.add(t.values)
	if err := o.settle(t.file, e); err != nil {
		return nil, err
	}
	if err := o.scale(t.file, t.values); err != nil {
		return nil, err
	}
	c, h, w, err := o.form(t.file, t.width)
	if err != nil {
		return nil, err
	}
	d, err := FromTensor("csv", "values of "+filepath.Base(t.file), classes, tensor.FromSlice(t.values, len(labels), c, h, w), labels)
	if err == nil {
		d.ends = o.Range
	}
	return d, err
}

// form returns the shape of an image of n values.
func (o *Options) form(file string, n int) (c, h, w int, err error) {
	if s := o.Shape; s != [3]int{} {
		if min(s[0], s[1], s[2]) < 1 || s[0] > n || s[1] > n || s[2] > n || s[0]*s[1]*s[2] != n {
			return 0, 0, 0, format.New(file, "", fmt.Sprintf("%d values an image", n), fmt.Sprintf("shape %v", s))
		}
		return s[0], s[1], s[2], nil
	}
	if side := int(math.Sqrt(float64(n))); side*side == n {
		return 1, side, side, nil
	}
	return 1, 1, n, nil
}
