package data

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
)

// lines reads the lines of a text.
type lines struct {
	in     *input
	r      *bufio.Reader
	number int    // of the line that next returned, from 1
	long   []byte // a line that is longer than the buffer of r
	most   int    // bytes of a line
}

// errEnd is what lines.next returns behind the last line.
var errEnd = errors.New("end of the lines")

// leastLine is the length of a line that is read with any limit of memory: four million values of
// three digits.
const leastLine = 16 << 20

// newLines begins to read. A text in UTF-16 is refused by its first bytes.
func newLines(in *input) (*lines, error) {
	limit, err := memory.Limit()
	if err != nil {
		return nil, err
	}
	l := &lines{in: in, r: bufio.NewReaderSize(in, 1<<18), most: max(leastLine, int(limit/64))}
	start, err := l.r.Peek(3)
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, format.New(in.name, format.Offset(0), "text in UTF-16", "text in UTF-8")
	case string(start) == "\xef\xbb\xbf":
		_, err = l.r.Discard(len(start))
	case err == io.EOF:
		err = nil
	}
	if err != nil {
		return nil, format.Wrap(in.name, format.Offset(0), err)
	}
	return l, nil
}

// next returns a line without its end. It is valid until the next call.
func (l *lines) next() ([]byte, error) {
	l.number++
	line, err := l.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		l.long = l.long[:0]
		for more := true; more; line, err = l.r.ReadSlice('\n') {
			if l.long = append(l.long, line...); len(l.long) > l.most {
				return nil, format.New(l.in.name, fmt.Sprintf("line %d", l.number), "more than "+memory.Size(float64(l.most)),
					fmt.Sprintf("a shorter line (%s=SIZE permits a 64th of it)", memory.Variable))
			}
			if more = err == bufio.ErrBufferFull; !more {
				break
			}
		}
		line = l.long
	}
	switch {
	case err == io.EOF && len(line) == 0:
		return nil, errEnd
	case err != nil && err != io.EOF:
		return nil, format.Wrap(l.in.name, fmt.Sprintf("line %d", l.number), err)
	}
	return line, nil
}

// isBlank reports whether a line has no content, only space and what separates fields: spreadsheets
// leave such lines below a table.
func isBlank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != ',' && c != ';' {
			return false
		}
	}
	return true
}

// trimSpace is bytes.TrimSpace, which most fields have no need of.
func trimSpace(field []byte) []byte {
	if n := len(field); n == 0 || field[0] > ' ' && field[0] < 0x80 && field[n-1] > ' ' && field[n-1] < 0x80 {
		return field
	}
	return bytes.TrimSpace(field)
}

// lineForm says how a line is divided.
type lineForm struct {
	separator byte
	columns   int
	label     int // column of the label
	skip      int // column that is not used, -1 for none
}

// separatorOf returns the separator that the line has most of, outside of quotes: comma, semicolon
// or tab. Between equals semicolon and tab go first, since numbers with a decimal comma stand
// between them.
func separatorOf(line []byte) byte {
	var counts [3]int
	order := []byte{'\t', ';', ','}
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if k := bytes.IndexByte(order, c); k >= 0 && !quoted {
			counts[k]++
		}
	}
	best := 0
	for k := range counts {
		if counts[k] > counts[best] {
			best = k
		}
	}
	return order[best]
}

// field returns the first field of a line, without space and quotes around it, the rest of the
// line, and whether there is one.
func (f *lineForm) field(line []byte) (field, rest []byte, more bool) {
	start := line
	for len(start) > 0 && start[0] == ' ' {
		start = start[1:]
	}
	if len(start) == 0 || start[0] != '"' {
		end := bytes.IndexByte(line, f.separator)
		if end < 0 {
			return trimSpace(line), nil, false
		}
		return trimSpace(line[:end]), line[end+1:], true
	}
	var text []byte
	for start = start[1:]; ; {
		end := bytes.IndexByte(start, '"')
		if end < 0 { // a quote without its end holds the rest of the line
			return append(text, start...), nil, false
		}
		if end+1 < len(start) && start[end+1] == '"' {
			text = append(text, start[:end+1]...)
			start = start[end+2:]
			continue
		}
		if text == nil {
			text = start[:end:end]
		} else {
			text = append(text, start[:end]...)
		}
		start = start[end+1:]
		break
	}
	if end := bytes.IndexByte(start, f.separator); end >= 0 {
		rest, more = start[end+1:], true
		start = start[:end]
	}
	// Text behind the quotes belongs to the field.
	if start = bytes.TrimRight(start, " \t\r\n"); len(start) > 0 {
		text = append(text, start...)
	}
	return text, rest, more
}

// count returns the number of fields of a line.
func (f *lineForm) count(line []byte) (n int) {
	if bytes.IndexByte(line, '"') < 0 {
		return bytes.Count(line, []byte{f.separator}) + 1
	}
	for more := true; more; n++ {
		_, line, more = f.field(line)
	}
	return n
}

// fields returns a function that gives one field after the other.
func (f *lineForm) fields(line []byte) func() (string, bool) {
	more := true
	return func() (string, bool) {
		if !more {
			return "", false
		}
		var field []byte
		field, line, more = f.field(line)
		return string(field), true
	}
}

// maxNamed is the largest number of columns whose names are looked at, those of pixels otherwise.
const maxNamed = 1 << 20

// labelNames are what the column of the label is called, in lower case.
var labelNames = []string{"class", "label", "labels", "species", "target", "y"}

// first looks at the first line with content. It is a header if
//
//   - none of its values is a number; or
//   - its label is no number, and those of all rows are; or
//   - its values count 0, 1, 2 ... or 1, 2, 3 ..., or some are no numbers, and its label is that of
//     no row; or
//   - all its fields, at least five, count so, with the label.
//
// What depends on the rows is decided by settleFirst.
func (t *table) first(o *Options, line []byte, number int) error {
	f := lineForm{separator: separatorOf(line), skip: -1}
	f.columns = f.count(line)
	where := fmt.Sprintf("line %d", number)
	if f.columns < 2 {
		return format.New(t.file, where, "1 field", "a label and values, separated by commas, semicolons or tabs")
	}
	if f.label = o.LabelColumn; f.label < 0 {
		f.label += f.columns
	}
	if f.label < 0 || f.label >= f.columns {
		return format.New(t.file, where, fmt.Sprintf("%d fields", f.columns), fmt.Sprintf("a label in column %d", o.LabelColumn))
	}
	t.form, t.width = f, f.columns-1
	c := f.census(line)
	line = bytes.Clone(line)
	switch {
	case c.numbers == 0 || c.counts && f.columns >= 5:
		if c.numbers > 0 {
			o.note("%s: line %d is taken for a header, since its fields count %s", quote.Name(t.file), number, beginning(line))
		}
		t.header = line
		return t.columnNames(o, line, where)
	case c.numbers < t.width && c.label: // the label is a number, as in no header
		return t.row(o, line, number)
	case !c.label:
		if c.numbers < t.width {
			t.header = line // what else it could be is an error, see settleFirst
			if err := t.columnNames(o, line, where); err != nil {
				return err
			}
		}
		t.pending, t.pendingAt = line, number
		return nil
	}
	return t.row(o, line, number)
}

// census is what the fields of a line are.
type census struct {
	numbers    int  // values that are numbers
	label      bool // the label is a number
	counts     bool // all fields count from 0 or 1
	valueCount bool // the values do
}

func (f *lineForm) census(line []byte) census {
	from := func(field []byte, n int, ok *[2]bool) {
		if !ok[0] && !ok[1] {
			return
		}
		v, err := strconv.Atoi(string(field))
		ok[0] = ok[0] && err == nil && v == n
		ok[1] = ok[1] && err == nil && v == n+1
	}
	var c census
	all, values := [2]bool{true, true}, [2]bool{true, true}
	more := true
	for column, value := 0, 0; more; column++ {
		var field []byte
		field, line, more = f.field(line)
		from(field, column, &all)
		if column == f.label {
			c.label = isNumber(field)
			continue
		}
		if isNumber(field) {
			c.numbers++
		}
		from(field, value, &values)
		value++
	}
	c.counts, c.valueCount = all[0] || all[1], values[0] || values[1]
	return c
}

// isNumber reports whether a field is a number, finite or not. Most that are none are seen by their
// first byte.
func isNumber(field []byte) bool {
	if len(field) == 0 || strings.IndexByte("0123456789+-.iInN", field[0]) < 0 {
		return false
	}
	_, err := strconv.ParseFloat(string(field), 32)
	return err == nil
}

// beginning shows the start of a line.
func beginning(line []byte) string {
	const most = 24
	if len(line) <= most {
		return quote.Text(string(line))
	}
	return quote.Text(string(line[:most]) + "...")
}

// settleFirst decides whether a pending first line is a header, or inserts it as the first row.
func (t *table) settleFirst(o *Options) error {
	line := t.pending
	if t.pending = nil; line == nil {
		return nil
	}
	c := t.form.census(line)
	label := ""
	next := t.form.fields(line)
	for range t.form.label + 1 {
		label, _ = next()
	}
	_, used := t.number[label]
	numbers := true
	for _, n := range t.names {
		_, err := strconv.ParseFloat(n, 64)
		numbers = numbers && err == nil
	}
	if t.rows > 0 && !used && (numbers || c.valueCount && t.width > 1 || c.numbers < t.width) {
		o.note("%s: the first line, %s, is taken for a header, since no row has the label %s", quote.Name(t.file), beginning(line), quote.Text(label))
		t.header = line
		return nil
	}
	if t.header != nil && t.form.skip == 0 {
		// its first column is called an index only by this line
		return format.New(t.file, fmt.Sprintf("line %d, field 1", t.pendingAt), `""`, "a finite number")
	}
	// Read by itself, which is also how its errors are found, and put in front.
	t.header = nil
	one := &table{file: t.file, in: &input{}, form: t.form, width: t.width, names: t.names, number: t.number}
	if err := one.row(o, line, t.pendingAt); err != nil {
		return err
	}
	t.names = one.names
	t.extent.join(one.extent)
	if err := t.need((t.rows+1)*t.width, t.rows+1, 4); err != nil {
		return err
	}
	switch {
	case one.values.floats != nil && t.values.floats == nil:
		t.values.widen(0)
	case one.values.floats == nil && t.values.floats != nil:
		one.values.widen(0)
	}
	t.values.bytes = slices.Insert(t.values.bytes, 0, one.values.bytes...)
	t.values.floats = slices.Insert(t.values.floats, 0, one.values.floats...)
	t.labels = slices.Insert(t.labels, 0, one.labels...)
	t.rows++
	return nil
}

// columnNames looks at the names of the columns: a label that stands in another column than the one
// that is read as the label is an error, a column without a name is not used, and columns that are
// called otherwise than most are noted.
func (t *table) columnNames(o *Options, line []byte, where string) error {
	f := &t.form
	if f.columns > maxNamed {
		return nil
	}
	isLabel := func(name string) bool { return slices.Contains(labelNames, strings.ToLower(name)) }
	chosen := o.LabelColumn != 0 // 0 is also what stands for no choice
	var own, other string
	at := 0
	kinds := map[string]int{} // of names without their digits
	next := f.fields(line)
	for column := 0; ; column++ {
		name, ok := next()
		if !ok {
			break
		}
		switch {
		case column == f.label:
			own = name
		case isLabel(name) && other == "" && !chosen && strings.ToLower(name) != "y":
			// a coordinate
			other, at = name, column
		case column == 0 && (name == "" || name == "Unnamed: 0"):
			f.skip = 0
		default:
			kinds[kindOfName(name)]++
		}
	}
	if f.label == 0 && own == "" || other != "" && !isLabel(own) {
		expected := "the column of the label"
		if other != "" {
			expected += fmt.Sprintf(", which may be %s (--label-column=%d)", quote.Text(other), at)
		}
		return format.New(t.file, where, fmt.Sprintf("column %d, which is read as the label, is called %s", f.label, quote.Text(own)), expected)
	}
	if f.skip == 0 {
		t.width--
		o.note("%s: column 0 has no name, as an index that was written with the rows, and is not used", quote.Name(t.file))
		if t.width == 0 {
			return format.New(t.file, where, "no columns of values", "at least one")
		}
	}
	most := 0
	for _, n := range kinds {
		most = max(most, n)
	}
	if 2*most <= t.width {
		return nil
	}
	var odd []string
	next = f.fields(line)
	for column := 0; ; column++ {
		name, ok := next()
		if !ok {
			break
		}
		if column != f.label && column != f.skip && kinds[kindOfName(name)] < most && len(odd) < 100 {
			odd = append(odd, name)
		}
	}
	o.noteNames(t.file, "column that is called otherwise than most is read as a value like these", "columns that are called otherwise than most are read as values like these", odd)
	return nil
}

// kindOfName returns a name without its digits.
func kindOfName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, name)
}
