package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
)

// maxClass is the largest number of classes of a CSV or NPY file.
const maxClass = 1 << 16

// table is the content of a CSV file: rows of width values and a label each.
type table struct {
	file   string
	in     *input
	form   lineForm
	width  int
	rows   int
	extent extent
	values values
	labels []int // numbers of names
	names  []string
	number map[string]int // of names
	blank  int            // lines without content between others
	header []byte         // the line that is one; nil if there is none

	pending   []byte // the first line while it may be a header or a row
	pendingAt int    // its number
}

// loadCSV reads Options.Dir, a CSV file or a folder that holds train.csv and perhaps valid.csv and
// test.csv, each also with .gz.
func loadCSV(ctx context.Context, o *Options) (Sets, error) {
	if err := o.needDir("a CSV file, or a folder with train.csv and test.csv"); err != nil {
		return Sets{}, err
	}
	if !isDir(o.Dir) {
		sets, err := o.tables(ctx, []string{o.Dir})
		if err != nil {
			return Sets{}, err
		}
		return o.divide(ctx, sets[0])
	}
	paths, err := o.tablePaths()
	if err != nil {
		return Sets{}, err
	}
	sets, err := o.tables(ctx, paths)
	if err != nil {
		return Sets{}, err
	}
	s := Sets{Train: sets[0], Valid: sets[1], Test: sets[2]}
	if s.Test == nil {
		return o.withoutTest(ctx, s, paths[0])
	}
	return s, nil
}

// withoutTest divides the training part of a set whose files have no test part.
func (o *Options) withoutTest(ctx context.Context, s Sets, train string) (Sets, error) {
	divided, err := o.divide(ctx, s.Train)
	if err != nil {
		return Sets{}, err
	}
	o.note("%s: no test part: %d of the %d images of %s are it", quote.Name(o.Dir), divided.Test.Len(), s.Train.Len(), quote.Name(filepath.Base(train)))
	return Sets{Train: divided.Train, Valid: s.Valid, Test: divided.Test}, nil
}

// tablePaths returns the files of the training, validation and test part in a folder, "" for one
// that is not there.
func (o *Options) tablePaths() ([]string, error) {
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return nil, err
	}
	order := map[string]int{"train": 0, "valid": 1, "test": 2}
	paths := make([]string, len(order))
	var others []string
	for _, e := range entries {
		stem, isCSV := strings.CutSuffix(strings.TrimSuffix(strings.ToLower(e.Name()), ".gz"), ".csv")
		part, known := partNames[stem]
		if !isCSV || !known {
			others = append(others, e.Name())
			continue
		}
		path := filepath.Join(o.Dir, e.Name())
		switch before := paths[order[part]]; {
		case before == "":
			paths[order[part]] = path
		case path == before+".gz": // the same, compressed
			o.note("%s is not used, since %s is there", quote.Name(before), quote.Name(e.Name()))
			paths[order[part]] = path
		default:
			return nil, format.New(o.Dir, "", fmt.Sprintf("the files %s and %s", quote.Text(filepath.Base(before)), quote.Text(e.Name())), "one of them")
		}
	}
	if paths[0] == "" {
		return nil, &fs.PathError{Op: "open", Path: filepath.Join(o.Dir, "train.csv"), Err: fs.ErrNotExist}
	}
	o.noteNames(o.Dir, "entry is not used", "entries are not used", others)
	return paths, nil
}

// tables reads the files of the parts, with one scale and one list of classes. Of an empty path
// comes nil.
func (o *Options) tables(ctx context.Context, paths []string) ([]*Dataset, error) {
	parts := make([]*table, len(paths))
	var e extent
	var names []string
	for i, path := range paths {
		if path == "" {
			continue
		}
		in, err := openInput(ctx, o, path)
		if err != nil {
			return nil, err
		}
		t, err := readTable(in, o)
		_ = in.Close()
		if err != nil {
			return nil, err
		}
		if err := t.like(parts[0]); err != nil {
			return nil, err
		}
		e.join(t.extent)
		names = append(names, t.names...)
		parts[i] = t
	}
	if err := o.settle(o.Dir, e); err != nil {
		return nil, err
	}
	classes := classNames(names)
	sets := make([]*Dataset, len(parts))
	for i, t := range parts {
		if t == nil {
			continue
		}
		var err error
		if sets[i], err = t.dataset(o, classes); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// like returns how the columns differ from those of another part, nil for none.
func (t *table) like(first *table) error {
	if first == nil {
		return nil
	}
	if t.width != first.width {
		return format.New(t.file, "", fmt.Sprintf("%d values a row", t.width), fmt.Sprintf("%d as in %s", first.width, quote.Name(filepath.Base(first.file))))
	}
	if t.header == nil || first.header == nil {
		return nil
	}
	a, b := t.form.fields(t.header), first.form.fields(first.header)
	for n := 1; ; n++ {
		x, okX := a()
		y, okY := b()
		if !okX || !okY {
			return nil
		}
		if x != y {
			return format.New(t.file, fmt.Sprintf("header, column %d", n), quote.Text(x), quote.Text(y)+" as in "+quote.Name(filepath.Base(first.file)))
		}
	}
}

// readTable reads lines of numbers of which one is the label. The fields are separated by commas,
// semicolons or tabs, whichever the first line has; one may stand in double quotes, which keep
// separators, and are doubled to stand for one. The first line may be a header, see firstLine.
// Lines without content are skipped.
//
// Values take a byte each as long as all are whole numbers from 0 to 255. What is taken grows with
// what was read, at the rate at which the file has filled it so far, and is compared with the
// memory that there is.
func readTable(in *input, o *Options) (*table, error) {
	t := &table{file: in.name, in: in, number: map[string]int{}}
	lines, err := newLines(in)
	if err != nil {
		return nil, err
	}
	blank := 0
	for {
		line, err := lines.next()
		if errors.Is(err, errEnd) {
			break
		}
		if err != nil {
			return nil, err
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		if isBlank(line) {
			if t.form.columns > 0 {
				blank++
			}
			continue
		}
		t.blank, blank = t.blank+blank, 0
		if t.form.columns == 0 {
			if err := t.first(o, line, lines.number); err != nil {
				return nil, err
			}
			continue
		}
		if err := t.row(o, line, lines.number); err != nil {
			return nil, err
		}
	}
	if err := t.settleFirst(o); err != nil {
		return nil, err
	}
	if t.rows == 0 {
		return nil, format.New(t.file, "", "no lines of values", "at least one")
	}
	if t.blank > 0 {
		o.note("%s: %d of the lines between others are blank", quote.Name(t.file), t.blank)
	}
	t.in = nil
	return t, nil
}

// row appends one line.
func (t *table) row(o *Options, line []byte, number int) error {
	where := func() string { return fmt.Sprintf("line %d", number) }
	f := &t.form
	if n := f.count(line); n != f.columns {
		if t.rows > 0 || t.header == nil || n != f.columns+1 {
			return format.New(t.file, where(), fmt.Sprintf("%d fields", n), fmt.Sprintf("%d as in the first line", f.columns))
		}
		// As R writes them: the names of the rows stand before the columns that the header names.
		if f.skip >= 0 {
			return format.New(t.file, where(), fmt.Sprintf("%d fields", n), fmt.Sprintf("%d as in the header", f.columns))
		}
		f.columns, f.label, f.skip = n, f.label+1, 0
		o.note("%s: the first field of the rows has no name in the header and is not used", quote.Name(t.file))
	}
	if err := t.room(); err != nil {
		return err
	}
	rest, more := line, true
	for column := 0; more; column++ {
		var field []byte
		field, rest, more = f.field(rest)
		switch column {
		case f.skip:
		case f.label:
			k, ok := 0, false
			// Most often it is that of the row before.
			if n := len(t.labels); n > 0 && string(field) == t.names[t.labels[n-1]] {
				k, ok = t.labels[n-1], true
			} else {
				k, ok = t.number[string(field)]
			}
			if !ok {
				if len(field) == 0 {
					return format.New(t.file, fmt.Sprintf("%s, field %d", where(), column+1), "no label", "one in every line")
				}
				if k = len(t.names); k >= maxClass {
					return format.New(t.file, fmt.Sprintf("%s, field %d", where(), column+1), fmt.Sprintf("more than %d different labels", maxClass), "the column of the classes (--label-column)")
				}
				name := string(field)
				t.names, t.number[name] = append(t.names, name), k
			}
			t.labels = append(t.labels, k)
		default:
			if b, ok := small(field); ok && t.values.floats == nil {
				t.values.bytes = append(t.values.bytes, b)
				t.extent.aboveOne = t.extent.aboveOne || b > 1
				continue
			}
			v, err := parseValue(field)
			if err != nil {
				return format.New(t.file, fmt.Sprintf("%s, field %d", where(), column+1), quote.Text(string(field)), err.Error())
			}
			if err := t.add(v); err != nil {
				return err
			}
		}
	}
	t.rows++
	return nil
}

// small reads a whole number from 0 to 255 as most files have it.
func small(field []byte) (byte, bool) {
	if len(field) == 0 || len(field) > 3 {
		return 0, false
	}
	v := 0
	for _, c := range field {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = 10*v + int(c-'0')
	}
	return byte(v), v <= 255
}

func parseValue(field []byte) (float32, error) {
	v, err := strconv.ParseFloat(string(field), 32)
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		return float32(v), nil
	}
	if bytes.IndexByte(field, ',') >= 0 {
		return 0, errors.New("a finite number with a decimal point")
	}
	return 0, errors.New("a finite number")
}

// add appends a value.
func (t *table) add(v float32) error {
	if t.values.floats == nil {
		if b := byte(max(0, min(v, 255))); float32(b) == v {
			t.values.bytes = append(t.values.bytes, b)
			t.extent.aboveOne = t.extent.aboveOne || b > 1
			return nil
		}
		if err := t.need(cap(t.values.bytes), cap(t.labels), 4); err != nil {
			return err
		}
		t.values.widen(cap(t.values.bytes))
	}
	t.values.floats = append(t.values.floats, v)
	t.extent.aboveOne = t.extent.aboveOne || v > 1
	t.extent.fractions = t.extent.fractions || v != float32(math.Trunc(float64(v)))
	return nil
}

// need compares what values and labels take, with what is made of the labels later, with the memory
// that there is.
func (t *table) need(values, labels, each int) error {
	return memory.Need(fmt.Sprintf("%s: about %d rows of %d values", quote.Name(t.file), labels, t.width), float64(values)*float64(each)+4*8*float64(labels))
}

// room makes room for one more row. It is made for as many as the rest of the file will have if it
// goes on as so far.
func (t *table) room() error {
	if t.rows < cap(t.labels) {
		return nil
	}
	rows := max(2*t.rows, 1, 1<<12/max(t.width, 1))
	if t.in.taken > 1<<22 && t.in.size > 0 {
		whole := float64(t.rows) * float64(t.in.size) / float64(t.in.taken)
		rows = max(int(1.02*whole), t.rows+t.rows/16)
	}
	each := 1
	if t.values.floats != nil {
		each = 4
	}
	if err := t.need(rows*t.width, rows, each); err != nil {
		return err
	}
	t.labels = withRoom(t.labels, rows)
	if t.values.floats != nil {
		t.values.floats = withRoom(t.values.floats, rows*t.width)
	} else {
		t.values.bytes = withRoom(t.values.bytes, rows*t.width)
	}
	return nil
}

// withRoom returns v with exactly the given capacity, where append takes up to a quarter more.
func withRoom[E any](v []E, capacity int) []E {
	return append(make([]E, 0, max(capacity, len(v))), v...)
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
	return numbered(top + 1)
}

// numbered names classes by their numbers.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// dataset makes the images of a part. The labels are renumbered in place.
func (t *table) dataset(o *Options, classes []string) (*Dataset, error) {
	number := make(map[string]int, len(classes))
	for i, c := range classes {
		number[c] = i
	}
	to := make([]int, len(t.names))
	for i, n := range t.names {
		to[i] = number[n]
	}
	for i, l := range t.labels {
		t.labels[i] = to[l]
	}
	c, h, w, err := o.rowForm(t.file, t.width)
	if err != nil {
		return nil, err
	}
	if o.Layout == ChannelsLast {
		t.values.toPlanes(c, h, w)
	}
	return t.values.dataset(o, "csv", t.file, "values of "+filepath.Base(t.file), classes, t.labels, c, h, w)
}

// rowForm returns the shape of an image of n values.
func (o *Options) rowForm(file string, n int) (c, h, w int, err error) {
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
