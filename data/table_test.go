package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/internal/memory"
)

// TestCSV reads one file. What is wanted is shape, rows, classes and the sum of the values, with
// the notes, or the refusal.
func TestCSV(t *testing.T) {
	intHeader, err := os.ReadFile("testdata/int_header.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		o          Options
		want       string
		notes      string // a part of the only one
	}{
		{"label first", "label,p0,p1,p2,p3\n1,0,255,0,0\n0,0,0,0,51\n", Options{}, "1x2x2 2 [0 1] 1.2", ""},
		{"label last, names", "0,1,0.5,cat\n1,1,1,\"dog\"\r\n", Options{LabelColumn: -1}, "1x1x3 2 [cat dog] 4.5", ""},
		{"shape and range", "0,-1,1,1,1,1,1\n", Options{Shape: [3]int{3, 1, 2}, Range: [2]float64{-1, 1}}, "3x1x2 1 [0] 5", ""},
		{"shape", "0,1,1\n", Options{Shape: [3]int{1, 1, 3}}, "2 values an image, expected shape [1 1 3]", ""},
		{"fields", "0,1,1\n0,1\n", Options{}, "line 2: 2 fields, expected 3 as in the first line", ""},
		{"number", "0,1,1\n0,1,x\n", Options{}, `line 2, field 3: "x", expected a finite number`, ""},
		{"first line, part number", "0,1,x\n", Options{}, `line 1, field 3: "x", expected a finite number`, ""},
		{"not a number", "0,NaN\n", Options{}, `line 1, field 2: "NaN", expected a finite number`, ""},
		{"not a number later", "0,1\n0,NaN\n", Options{}, `line 2, field 2: "NaN", expected a finite number`, ""},
		{"no label", "0,1\n,1\n", Options{}, "line 2, field 1: no label, expected one in every line", ""},
		{"label column", "0,1\n", Options{LabelColumn: 2}, "line 1: 2 fields, expected a label in column 2", ""},
		{"one field", "0\n", Options{}, "line 1: 1 field, expected a label and values", ""},
		{"empty", "a,b\n", Options{}, "no lines of values", ""},
		{"nothing", "", Options{}, "no lines of values", ""},
		{"fractions above 1", "0,1.5\n", Options{}, "fractions and values above 1", ""},
		{"above", "0,256\n", Options{}, "value 0: 256, expected 0 to 255", ""},
		{"outside of a range", "0,7\n", Options{Range: [2]float64{0, 6}}, "value 0: 7, expected 0 to 6", ""},
		{"UTF-16", "\xff\xfe0\x00,\x001\x00\n\x00", Options{}, "text in UTF-16, expected text in UTF-8", ""},
		{"byte order mark", "\xef\xbb\xbf0,1\n", Options{}, "1x1x1 1 [0] 1", ""},
		{"tabs", "label\tp0\n0\t1\n1\t0\n", Options{}, "1x1x1 2 [0 1] 1", ""},
		{"semicolons", "label;p0;p1\ncat;1;0.5\n", Options{}, "1x1x2 1 [cat] 1.5", ""},
		{"decimal commas", "cat;1,0;0,5\n", Options{}, "no lines of values", ""},
		{"decimal commas later", "cat;1;0\ncat;1;0,5\n", Options{}, `line 2, field 3: "0,5", expected a finite number with a decimal point`, ""},
		{"quotes", "\"cat, \"\"big\"\"\",1\n\"dog\nowl\",1\n", Options{}, "line 2: 1 fields, expected 2 as in the first line", ""},
		{"quotes that end", "\"cat, \"\"big\"\"\",1\n", Options{}, `1x1x1 1 [cat, "big"] 1`, ""},
		{"text behind quotes", "\"cat\" x,1\n", Options{}, "1x1x1 1 [cat x] 1", ""},
		{"lines of separators", "0,1\n,,,\n1,1\n;\n", Options{}, "1x1x1 2 [0 1] 2", "1 of the lines between others are blank"},
		{"an empty first field", "\tp0\tlabel\n7\t1\tcat\n", Options{LabelColumn: -1}, "1x1x1 1 [cat] 1", "column 0 has no name"},
		{"blank lines", "\n0,1\n\n\n1,1\n\n", Options{}, "1x1x1 2 [0 1] 2", "2 of the lines between others are blank"},
		{"pixel numbers as header", string(intHeader), Options{LabelColumn: -1}, "1x2x2 10 [a b] 10",
			`the first line, "0,1,2,3,target", is taken for a header, since no row has the label "target"`},
		{"numbers in the header, labels are numbers", "label,7,9\n0,1,0\n1,1,1\n", Options{}, "1x1x2 2 [0 1] 3", `the first line, "label,7,9", is taken for a header`},
		{"a mixed header", "label,7,mean\n0,1,0\n1,1,1\n", Options{}, "1x1x2 2 [0 1] 3", `the first line, "label,7,mean", is taken for a header`},
		{"a mixed header, nothing else", "label,7,mean\n", Options{}, `line 1, field 3: "mean", expected a finite number`, ""},
		{"all counted", "0,1,2,3,4\n7,1,0,0,0\n7,1,0,0,0\n", Options{}, "1x2x2 2 [0 1 2 3 4 5 6 7] 2", "line 1 is taken for a header, since its fields count"},
		{"a row that counts", "a,0,1\nb,0,1\na,1,0\n", Options{}, "1x1x2 3 [a b] 3", ""},
		{"the first row alone has its class", "zebra,5,1\nb,0,1\na,1,0\n", Options{}, "1x1x2 3 [a b zebra] 0.03137255", ""},
		{"a late wide value before the first row", "zebra,0.5,1\nb,0,1\nzebra,1,0\n", Options{}, "1x1x2 3 [b zebra] 3.5", ""},
		{"label elsewhere", "p0,p1,label\n1,1,0\n", Options{}, `line 1: column 0, which is read as the label, is called "p0", expected the column of the label, which may be "label" (--label-column=2)`, ""},
		{"label elsewhere, chosen", "label,p1,p2,p0\n0,1,1,1\n", Options{LabelColumn: -1}, "1x1x3 1 [0 1] 2", "1 column that is called otherwise than most is read as a value like these: label"},
		{"index of pandas", ",p0,p1,label\n0,1,1,cat\n1,1,0,dog\n", Options{LabelColumn: -1}, "1x1x2 2 [cat dog] 3", "column 0 has no name, as an index that was written with the rows, and is not used"},
		{"index as label", ",p0,p1,label\n0,1,1,cat\n", Options{}, `is called "", expected the column of the label, which may be "label" (--label-column=3)`, ""},
		{"names of rows of R", "p0,p1,label\n1,1,1,cat\n2,1,0,dog\n", Options{LabelColumn: -1}, "1x1x2 2 [cat dog] 3", "the first field of the rows has no name in the header and is not used"},
		{"another column", "label,p0,p1,p2,id\n0,1,1,1,1\n", Options{}, "1x2x2 1 [0] 4", "1 column that is called otherwise than most is read as a value like these: id"},
		{"control characters", "label,p0,p1,p2,\x1b[31m\n0,1,1,1,1\n", Options{}, "1x2x2 1 [0] 4", `"\x1b[31m"`},
	} {
		c.o.Dir = write(t, filepath.Join(t.TempDir(), "t.csv.gz"), gz(t, []byte(c.text)))
		sets, err := c.o.tables(context.Background(), []string{c.o.Dir})
		if err != nil {
			refused(t, c.name, err, c.want)
			continue
		}
		d := sets[0]
		x, _ := d.Images()
		var sum float32
		for _, v := range x.Data() {
			sum += v
		}
		ch, h, w := d.Shape()
		if got := fmt.Sprintf("%dx%dx%d %d %v %v", ch, h, w, d.Len(), d.Classes(), sum); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if c.notes == "" && len(c.o.notes) > 0 || c.notes != "" && (len(c.o.notes) != 1 || !strings.Contains(c.o.notes[0], c.notes)) {
			t.Errorf("%s: notes %q, want one with %q", c.name, c.o.notes, c.notes)
		}
	}
}

func TestCSVFolder(t *testing.T) {
	const header = "label,p0,p1\n"
	for _, c := range []struct {
		name               string
		files              map[string]string
		train, valid, test int
		notes              []string
		err                string
	}{
		{"two", map[string]string{"train.csv": "0,1,1\n2,0,0\n", "test.csv": "3,1,1\n"}, 2, 0, 1, nil, ""},
		{"three", map[string]string{"train.csv": "0,1,1\n2,0,0\n", "Val.csv": "0,1,0\n", "test.csv": "3,1,1\n"}, 2, 1, 1, nil, ""},
		{"no test", map[string]string{"train.csv": "0,1,1\n0,0,0\n", "notes.txt": "", "more.csv": "0,1\n"}, 1, 0, 1,
			[]string{"DIR: 2 entries are not used: more.csv, notes.txt", "DIR: no test part: 1 of the 2 images of train.csv are it"}, ""},
		{"packed and plain", map[string]string{"train.csv": "0,1,1\n2,0,0\n", "train.csv.gz": string(gz(t, []byte("0,1,1\n"))), "test.csv": "3,1,1\n"}, 1, 0, 1,
			[]string{"DIR/train.csv is not used, since train.csv.gz is there"}, ""},
		{"width", map[string]string{"train.csv": "0,1,1\n", "test.csv": "3,1\n"}, 0, 0, 0, nil, "test.csv: 1 values a row, expected 2 as in train.csv"},
		{"order of the columns", map[string]string{"train.csv": header + "0,1,1\n", "test.csv": "label,p1,p0\n3,1,1\n"}, 0, 0, 0, nil, `test.csv: header, column 2: "p1", expected "p0" as in train.csv`},
		{"two validation parts", map[string]string{"train.csv": "0,1,1\n", "val.csv": "3,1,1\n", "valid.csv": "3,1,1\n"}, 0, 0, 0, nil, `the files "val.csv" and "valid.csv", expected one of them`},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			write(t, filepath.Join(dir, name), []byte(text))
		}
		s, err := Load(context.Background(), "csv", Options{Dir: dir, TestFraction: .5})
		if c.err != "" {
			refused(t, c.name, err, c.err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		valid := 0
		if s.Valid != nil {
			valid = s.Valid.Len()
		}
		if s.Train.Len() != c.train || valid != c.valid || s.Test.Len() != c.test {
			t.Errorf("%s: %d, %d, %d images", c.name, s.Train.Len(), valid, s.Test.Len())
		}
		for i := range c.notes {
			c.notes[i] = strings.Replace(c.notes[i], "DIR", dir, 1)
		}
		noted(t, c.name, s, c.notes...)
	}
	if _, err := Load(context.Background(), "csv", Options{Dir: t.TempDir()}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "train.csv") {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestWideLines are lines that would take memory before anything else shows.
func TestWideLines(t *testing.T) {
	t.Setenv(memory.Variable, "64MiB")
	dir := t.TempDir()
	tabs := write(t, filepath.Join(dir, "tabs.csv"), []byte(strings.Repeat("\t", leastLine+1)))
	_, err := Load(context.Background(), "csv", Options{Dir: tabs})
	refused(t, "tabs", err, "line 1: more than 16 MiB, expected a shorter line (ELEGANS_MEMORY=SIZE permits a 64th of it)")
	t.Setenv(memory.Variable, "2MiB")
	wide := write(t, filepath.Join(dir, "wide.csv"), []byte("a"+strings.Repeat(",1", 1<<21)+"\n"))
	_, err = Load(context.Background(), "csv", Options{Dir: wide})
	refused(t, "a wide row", err, "wide.csv: about 1 rows of 2097152 values: about 2 MiB of memory, expected at most 2 MiB")
	labels := strings.Builder{}
	for i := range maxClass + 1 {
		fmt.Fprintf(&labels, "%d.5,1\n", i)
	}
	t.Setenv(memory.Variable, "1GiB")
	many := write(t, filepath.Join(dir, "many.csv"), []byte(labels.String()))
	_, err = Load(context.Background(), "csv", Options{Dir: many})
	refused(t, "labels that are no classes", err, "line 65537, field 1: more than 65536 different labels, expected the column of the classes")
}

// TestTableGrows reads rows of several lengths; what is taken for them is what they need and no
// more than a little.
func TestTableGrows(t *testing.T) {
	var text strings.Builder
	const rows = 700_000
	for i := range rows {
		fmt.Fprintf(&text, "%d,%d,%d,0\n", i%3, i%256, i*7%256)
	}
	in := fed([]byte(text.String()), "x")
	in.Reader = &meter{in.Reader, in}
	var o Options
	tab, err := readTable(in, &o)
	if err != nil {
		t.Fatal(err)
	}
	if tab.rows != rows || len(tab.values.bytes) != 3*rows || tab.values.bytes[3*rows-2] != byte((rows-1)*7%256) || tab.labels[rows-1] != tab.number[fmt.Sprint((rows-1)%3)] {
		t.Fatalf("%d rows, %d values", tab.rows, len(tab.values.bytes))
	}
	if most := 3 * rows * 11 / 10; cap(tab.values.bytes) > most || cap(tab.labels) > most/3 {
		t.Errorf("room for %d values and %d labels of %d rows", cap(tab.values.bytes), cap(tab.labels), rows)
	}
}

// meter counts what is taken, as reading a file does.
type meter struct {
	r  interface{ Read([]byte) (int, error) }
	in *input
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.in.taken += int64(n)
	return n, err
}
