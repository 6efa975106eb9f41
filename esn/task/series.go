package task

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"elegans/data/npy"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// SeriesOptions say how a file of a user becomes a series and a task. The zero value reads all
// columns of numbers and forecasts the first of them one row ahead.
type SeriesOptions struct {
	// Columns are the names, or numbers from 0, of the columns that are the input; none stands for
	// all that hold numbers.
	Columns []string
	// Target is the column that is predicted; empty stands for the first of the input.
	Target string
	// Header says whether the first row holds names: "yes", "no", or "auto", which it is where a
	// field of the first row is neither a number nor missing. Empty stands for auto.
	Header string
	// Separator divides the fields of a row: 0 stands for the tab of a .tsv file, and for others
	// for the one of tab, semicolon and comma that the first row has most of.
	Separator rune
	// Interpolate fills values that are missing on the straight line between their neighbours in
	// time, and with the nearest one at the ends; without it they are refused. What lies between
	// the parts of the division is then known to the part before.
	Interpolate bool

	// Horizon is how many rows ahead the target is; 0 stands for 1, and Now for none: the target of
	// the same row, which is then no input unless Columns names it.
	Horizon int
	Now     bool
	// Washout rows are neither fitted nor scored; 0 stands for a tenth of the rows, 200 at most.
	Washout int
	// Validate and Test are the parts of the rows behind the washout, the last ones in time; 0
	// stands for a fifth each.
	Validate, Test float64
	// Raw leaves the values as they are; without it every column is brought to mean 0 and deviation
	// 1, as measured on the rows that train.
	Raw bool
}

// missing are the fields that stand for a value that is not there.
var missing = []string{"", "na", "n/a", "nan", "null", "none", "?"}

// ReadSeries reads a series [T, K] from a file: .npy, or else a text with a row a line, its fields
// separated by commas, semicolons or tabs, quoted as in RFC 4180. It returns the names of the
// columns, which are their numbers where the file has none. A target that is no input is the last
// of them.
func ReadSeries(path string, o SeriesOptions) (*tensor.Tensor[float64], Columns, error) {
	if strings.EqualFold(filepath.Ext(path), ".npy") {
		return readArray(path, o)
	}
	f, err := openText(path)
	if err != nil {
		return nil, Columns{}, err
	}
	defer f.Close() // only read from
	return readTable(f, o)
}

// Columns are what was read of a file.
type Columns struct {
	Names  []string // of the columns
	Inputs []int    // the columns that are the input
	Target int      // the column that is the target
	Unused []string // names of the columns of a table that hold no numbers
	Filled int      // values that were interpolated
}

// readArray reads a series [T] or [T, K]. A NaN is a missing value.
func readArray(path string, o SeriesOptions) (*tensor.Tensor[float64], Columns, error) {
	a, err := npy.ReadFile(path)
	if err != nil {
		return nil, Columns{}, err
	}
	shape := a.Shape()
	if len(shape) != 1 && len(shape) != 2 || a.Len() == 0 {
		return nil, Columns{}, &FormatError{File: path, Found: fmt.Sprintf("an array of shape %v", shape), Expected: "[T] or [T, K], not empty"}
	}
	if err := memory.Need(quote.Name(path), 8*copies*float64(a.Len())); err != nil {
		return nil, Columns{}, err
	}
	all, err := npy.ToTensor[float64](a)
	if err != nil {
		return nil, Columns{}, err
	}
	width := a.Len() / shape[0]
	t := table{values: values{name: path}, names: numbered(width), array: true}
	if err := t.choose(o, nil); err != nil {
		return nil, Columns{}, err
	}
	for t.line = range shape[0] {
		row := all.Data()[t.line*width : (t.line+1)*width]
		for _, column := range t.used {
			if err := t.addNumber(row[column], column); err != nil {
				return nil, Columns{}, err
			}
		}
	}
	return t.finish(o)
}

// numbered returns the numbers from 0 as names.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// readTable reads a series from a text.
func readTable(f *textFile, o SeriesOptions) (*tensor.Tensor[float64], Columns, error) {
	fail := func(err error) (*tensor.Tensor[float64], Columns, error) { return nil, Columns{}, err }
	if o.Header != "" && o.Header != "auto" && o.Header != "yes" && o.Header != "no" {
		return fail(fmt.Errorf("header %s, expected auto, yes or no", quote.Text(o.Header)))
	}
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.ReuseRecord, r.TrimLeadingSpace = -1, true, true
	if r.Comma = o.Separator; r.Comma == 0 {
		r.Comma = separatorOf(f)
	}
	t := table{values: values{name: f.name}}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fail(t.broken(err))
		}
		t.line, _ = r.FieldPos(0)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if t.names == nil {
			header := o.Header == "yes" || o.Header != "no" && slices.ContainsFunc(fields, isText)
			if header {
				t.names = slices.Clone(fields)
				continue
			}
			t.names = numbered(len(fields))
		}
		if len(fields) != len(t.names) {
			if len(fields) == 1 && fields[0] == "" {
				continue // blank but for space
			}
			return fail(&FormatError{File: f.name, Where: fmt.Sprintf("line %d", t.line), Found: fmt.Sprintf("%d fields", len(fields)), Expected: fmt.Sprintf("%d as in the first line", len(t.names))})
		}
		if t.used == nil {
			if err := t.choose(o, fields); err != nil {
				return fail(err)
			}
		}
		for _, column := range t.used {
			if err := t.add(fields[column], column); err != nil {
				return fail(err)
			}
		}
	}
	if t.used == nil {
		return fail(&FormatError{File: f.name, Found: "no rows of numbers", Expected: "at least one"})
	}
	return t.finish(o)
}

// broken says where a text is no table.
func (t *table) broken(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &FormatError{File: t.name, Where: fmt.Sprintf("line %d, character %d", parse.Line, parse.Column), Found: parse.Err.Error(), Expected: "fields quoted as in RFC 4180", Err: err}
	}
	return &FormatError{File: t.name, Found: err.Error(), Err: err}
}

// separatorOf returns the separator that the first line of a text has most of.
func separatorOf(f *textFile) rune {
	if strings.EqualFold(filepath.Ext(f.name), ".tsv") {
		return '\t'
	}
	head, _ := f.Peek(f.Size()) // what is wrong shows when it is read
	line, _, _ := strings.Cut(string(head), "\n")
	best, most := ',', 0
	for _, c := range "\t;," {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func isMissing(field string) bool { return slices.Contains(missing, strings.ToLower(field)) }

func isText(field string) bool {
	_, err := finite(field)
	return err != nil && !isMissing(field)
}

// table collects the columns of a series that are used.
type table struct {
	values
	array  bool     // or a text
	line   int      // of the text, or row of the array
	names  []string // of all columns
	used   []int    // columns
	inputs []int    // places in used
	target int      // likewise
	text   []string // names of columns that are not used because they hold text

	gaps     []int // places in values of what is missing
	firstGap string
}

// place names the field of a column in the present line.
func (t *table) place(column int) string {
	if t.array {
		return fmt.Sprintf("row %d, column %d", t.line, column)
	}
	return fmt.Sprintf("line %d, field %d", t.line, column+1)
}

// choose decides from the first row of values, nil for numbers, which columns are used: those that
// were asked for, the target behind them.
func (t *table) choose(o SeriesOptions, first []string) error {
	find := func(name string) (int, error) {
		if at := slices.Index(t.names, name); at >= 0 {
			if slices.Contains(t.names[at+1:], name) {
				return 0, &FormatError{File: t.name, Found: "two columns " + quote.Text(name), Expected: "names that differ, or the number of the column"}
			}
			return at, nil
		}
		if at, err := strconv.Atoi(name); err == nil && at >= 0 && at < len(t.names) {
			return at, nil
		}
		return 0, fmt.Errorf("%s: no column %s, expected one of %s, or a number from 0 to %d", quote.Name(t.name), quote.Text(name), few(t.names), len(t.names)-1)
	}
	t.used = []int{}
	for _, name := range o.Columns {
		at, err := find(name)
		if err != nil {
			return err
		}
		if slices.Contains(t.used, at) {
			return fmt.Errorf("%s: column %s twice, expected columns that differ", quote.Name(t.name), quote.Text(name))
		}
		t.used = append(t.used, at)
	}
	if len(o.Columns) == 0 {
		for i := range t.names {
			if first != nil && isText(first[i]) {
				t.text = append(t.text, t.names[i])
				continue
			}
			t.used = append(t.used, i)
		}
	}
	for i := range t.used {
		t.inputs = append(t.inputs, i)
	}
	if o.Target != "" {
		at, err := find(o.Target)
		if err != nil {
			return err
		}
		if t.target = slices.Index(t.used, at); t.target < 0 {
			t.target = len(t.used)
			t.used = append(t.used, at)
		}
	}
	if len(o.Columns) == 0 && o.Now {
		t.inputs = slices.DeleteFunc(t.inputs, func(i int) bool { return i == t.target })
	}
	if len(t.inputs) == 0 {
		return &FormatError{File: t.name, Found: "no column of numbers that is an input", Expected: "at least one"}
	}
	t.width = len(t.used)
	return nil
}

// few lists names, the first ones if there are many.
func few(names []string) string {
	const most = 8
	var list []string
	for _, n := range names[:min(most, len(names))] {
		list = append(list, quote.Text(n))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}

// add takes a field.
func (t *table) add(field string, column int) error {
	if isMissing(field) {
		return t.addNumber(math.NaN(), column)
	}
	v, err := finite(field)
	if err != nil {
		return &FormatError{File: t.name, Where: t.place(column), Found: quote.Text(field), Expected: err.Error()}
	}
	return t.addNumber(v, column)
}

// addNumber takes a value; NaN is one that is missing.
func (t *table) addNumber(v float64, column int) error {
	switch {
	case math.IsInf(v, 0):
		return &FormatError{File: t.name, Where: t.place(column), Found: fmt.Sprint(v), Expected: errFinite.Error()}
	case math.IsNaN(v):
		if t.gaps = append(t.gaps, len(t.list)); t.firstGap == "" {
			t.firstGap = t.place(column)
		}
		v = 0
	}
	return t.values.add(v)
}

// finish fills the gaps, or refuses them.
func (t *table) finish(o SeriesOptions) (*tensor.Tensor[float64], Columns, error) {
	if len(t.gaps) > 0 && !o.Interpolate {
		return nil, Columns{}, &FormatError{File: t.name, Where: t.firstGap, Found: "a missing value", Expected: "a number; missing values are filled by interpolation, on request"}
	}
	if len(t.list) == 0 {
		return nil, Columns{}, &FormatError{File: t.name, Found: "no rows", Expected: "at least one"}
	}
	c := Columns{Unused: t.text, Filled: len(t.gaps), Inputs: t.inputs, Target: t.target}
	for _, at := range t.used {
		c.Names = append(c.Names, t.names[at])
	}
	missing := make(map[int]bool, len(t.gaps))
	for _, at := range t.gaps {
		missing[at] = true
	}
	for column := range t.width {
		if !t.interpolate(column, missing) {
			return nil, Columns{}, &FormatError{File: t.name, Where: "column " + quote.Text(c.Names[column]), Found: "no value", Expected: "at least one"}
		}
	}
	return tensor.FromSlice(t.list, len(t.list)/t.width, t.width), c, nil
}

// interpolate fills the gaps of a column; false says that it has no value at all.
func (t *table) interpolate(column int, missing map[int]bool) bool {
	last := -1 // the place of the value before
	for at := column; at < len(t.list); at += t.width {
		if missing[at] {
			continue
		}
		from := last
		if from < 0 {
			from = column - t.width
		}
		for gap := from + t.width; gap < at; gap += t.width {
			t.list[gap] = t.list[at]
			if last >= 0 {
				share := float64(gap-last) / float64(at-last)
				t.list[gap] = (1-share)*t.list[last] + share*t.list[at]
			}
		}
		last = at
	}
	for at := last + t.width; last >= 0 && at < len(t.list); at += t.width {
		t.list[at] = t.list[last]
	}
	return last >= 0
}
