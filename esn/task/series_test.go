package task

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/data/npy"
	"elegans/internal/memory"
	"elegans/tensor"
)

// write puts a file into a folder of the test.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadSeries(t *testing.T) {
	for _, c := range []struct {
		what, name, text string
		o                SeriesOptions
		want             []float64
		names            string
	}{
		{"no header", "a.csv", "1,2\n3,4\n", SeriesOptions{}, []float64{1, 2, 3, 4}, "0 1"},
		{"header", "a.csv", "a,b\n1,2\n3,4\n", SeriesOptions{}, []float64{1, 2, 3, 4}, "a b"},
		{"a header of numbers", "a.csv", "0,1\n1,2\n", SeriesOptions{Header: "yes"}, []float64{1, 2}, "0 1"},
		{"dates", "a.csv", "day,x\n2001-01-01,2\n2001-01-02,4\n", SeriesOptions{}, []float64{2, 4}, "x"},
		{"columns", "a.csv", "a,b,c\n1,2,3\n4,5,6\n", SeriesOptions{Columns: []string{"c", "0"}}, []float64{3, 1, 6, 4}, "c a"},
		{"a target behind them", "a.csv", "a,b,c\n1,2,3\n4,5,6\n", SeriesOptions{Columns: []string{"c"}, Target: "b"}, []float64{3, 2, 6, 5}, "c b"},
		{"tabs", "a.tsv", "a\tb\n1\t2,5\n", SeriesOptions{Columns: []string{"a"}}, []float64{1}, "a"},
		{"semicolons", "a.txt", "a;b\n1;2\n", SeriesOptions{}, []float64{1, 2}, "a b"},
		{"a chosen separator", "a.txt", "1 2\n3 4\n", SeriesOptions{Separator: ' '}, []float64{1, 2, 3, 4}, "0 1"},
		{"one column", "a.txt", "1\n2\n\n3", SeriesOptions{}, []float64{1, 2, 3}, "0"},
		{"byte order mark, carriage returns, quotes, space", "a.csv", "\xef\xbb\xbf\"x, y\",z\r\n\"1\", 2\r\n", SeriesOptions{}, []float64{1, 2}, "x, y z"},
		{"gaps", "a.csv", "x\nNA\n2\n?\nnan\n5\n,\n", SeriesOptions{}, nil, ""},
		{"gaps that are filled", "a.csv", "x,y\nNA,1\n2,1\n?,1\nnan,1\n5,1\n,1\n", SeriesOptions{Columns: []string{"x"}, Interpolate: true}, []float64{2, 2, 3, 4, 5, 5}, "x"},
		{"exponents", "a.csv", "1e3,-2.5E-1\n", SeriesOptions{}, []float64{1000, -.25}, "0 1"},
	} {
		x, got, err := ReadSeries(write(t, c.name, c.text), c.o)
		if c.want == nil {
			if err == nil {
				t.Errorf("%s: no error", c.what)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if !slices.Equal(x.Data(), c.want) || strings.Join(got.Names, " ") != c.names {
			t.Errorf("%s: %v of %q, want %v of %q", c.what, x.Data(), got.Names, c.want, c.names)
		}
	}
}

// TestReadSeriesRefuses in one line that names the file and the place.
func TestReadSeriesRefuses(t *testing.T) {
	for _, c := range []struct {
		what, text string
		o          SeriesOptions
		names      string // what the message says
	}{
		{"empty", "", SeriesOptions{}, "no rows"},
		{"a header alone", "a,b\n", SeriesOptions{}, "no rows"},
		{"a missing value", "a,b\n1,2\n3,\n", SeriesOptions{}, "line 3, field 2"},
		{"text", "a,b\n1,2\n3,x\x1b[31m\n", SeriesOptions{}, "line 3, field 2"},
		{"infinity", "1\n+Inf\n", SeriesOptions{}, "line 2, field 1"},
		{"beyond float64", "1\n1e999\n", SeriesOptions{}, "line 2, field 1"},
		{"a short row", "1,2\n3\n", SeriesOptions{}, "line 2: 1 fields, expected 2"},
		{"a broken quote", "1,2\n3,4\"\n", SeriesOptions{}, "line 2, character 4"},
		{"no such column", "a,b\n1,2\n", SeriesOptions{Columns: []string{"c"}}, `no column "c", expected one of "a", "b"`},
		{"a column twice", "a,b\n1,2\n", SeriesOptions{Columns: []string{"a", "0"}}, "twice"},
		{"one name for two", "a,a\n1,2\n", SeriesOptions{Target: "a"}, "two columns"},
		{"no such target", "a,b\n1,2\n", SeriesOptions{Target: "-1"}, "no column"},
		{"only text", "a\nx\ny\n", SeriesOptions{}, "no column of numbers"},
		{"nothing but gaps", "a,b\nNA,1\nNA,2\n", SeriesOptions{Interpolate: true}, `column "a"`},
		{"UTF-16", "\xff\xfe1\x00", SeriesOptions{}, "UTF-16"},
		{"no such kind of header", "1\n", SeriesOptions{Header: "maybe"}, "auto, yes or no"},
	} {
		_, _, err := ReadSeries(write(t, "series.csv", c.text), c.o)
		if err == nil || !strings.Contains(err.Error(), c.names) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v, want %q", c.what, err, c.names)
		}
		if err != nil && c.o.Header == "" && !strings.Contains(err.Error(), "series.csv") {
			t.Errorf("%s: %v does not name the file", c.what, err)
		}
	}
	if _, _, err := ReadSeries(t.TempDir(), SeriesOptions{}); err == nil {
		t.Error("a folder was read")
	}
}

func TestReadSeriesArray(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, c := range []struct {
		x    *tensor.Tensor[float64]
		o    SeriesOptions
		want []float64 // nil for an error
	}{
		{tensor.FromSlice([]float64{1, 2, 3}, 3), SeriesOptions{}, []float64{1, 2, 3}},
		{tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2), SeriesOptions{Columns: []string{"1"}}, []float64{2, 4}},
		{tensor.FromSlice([]float64{1, math.NaN(), 3}, 3), SeriesOptions{}, nil},
		{tensor.FromSlice([]float64{1, math.NaN(), 3}, 3), SeriesOptions{Interpolate: true}, []float64{1, 2, 3}},
		{tensor.FromSlice([]float64{1, math.Inf(1), 3}, 3), SeriesOptions{Interpolate: true}, nil},
		{tensor.New[float64](2, 2, 2), SeriesOptions{}, nil},
		{tensor.New[float64](0, 2), SeriesOptions{}, nil},
	} {
		if err := npy.WriteFile(path, c.x); err != nil {
			t.Fatal(err)
		}
		x, _, err := ReadSeries(path, c.o)
		if (err == nil) != (c.want != nil) || err == nil && !slices.Equal(x.Data(), c.want) {
			t.Errorf("%v: %v, %v, want %v", c.x.Data(), x, err, c.want)
		}
	}
	// As many columns as rows of others: what is read grows with the number of values, no faster.
	const wide = 300000
	if err := npy.WriteFile(path, tensor.New[float64](2, wide)); err != nil {
		t.Fatal(err)
	}
	if x, c, err := ReadSeries(path, SeriesOptions{}); err != nil || x.Dim(1) != wide || len(c.Inputs) != wide {
		t.Errorf("%d columns: %v", wide, err)
	}
	if err := npy.WriteIntsFile(path, []int64{86, 141, 95}, 3, 1); err != nil {
		t.Fatal(err)
	}
	if x, _, err := ReadSeries(path, SeriesOptions{}); err != nil || !slices.Equal(x.Data(), []float64{86, 141, 95}) {
		t.Errorf("whole numbers: %v, %v", x, err)
	}
}

// TestMemoryOfASeries is bounded by the variable.
func TestMemoryOfASeries(t *testing.T) {
	path := write(t, "a.csv", strings.Repeat("1\n", 100000))
	t.Setenv(memory.Variable, "1MiB")
	if _, _, err := ReadSeries(path, SeriesOptions{}); !errors.Is(err, memory.ErrLimit) {
		t.Errorf("%v, want the refusal of the memory", err)
	}
	if err := os.WriteFile(path, make([]byte, 2<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadSeries(path, SeriesOptions{}); !errors.Is(err, memory.ErrLimit) {
		t.Errorf("a file that is larger: %v, want the refusal of the memory", err)
	}
}

func TestFromFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("day,a,b\n")
	for i := range 103 {
		fmt.Fprintf(&b, "d%d,%d,%d\n", i, i, 1000+2*i)
	}
	path := write(t, "own.csv", b.String())
	for _, c := range []struct {
		o              SeriesOptions
		inputs         int
		input0, target float64 // first row of training
	}{
		{SeriesOptions{Raw: true}, 2, 0, 1},
		{SeriesOptions{Raw: true, Target: "b", Horizon: 3}, 2, 0, 1006},
		{SeriesOptions{Raw: true, Target: "b", Columns: []string{"b"}}, 1, 1000, 1002},
		{SeriesOptions{Raw: true, Target: "a", Columns: []string{"b"}}, 1, 1000, 1},
		{SeriesOptions{Raw: true, Target: "a", Now: true}, 1, 1000, 0},
		{SeriesOptions{Raw: true, Target: "b", Now: true}, 1, 0, 1000},
	} {
		task, err := FromFile(path, c.o)
		if err != nil {
			t.Errorf("%+v: %v", c.o, err)
			continue
		}
		p, err := task.Make(Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := p.Train[0]
		if task.Inputs != c.inputs || s.Input.At(0, 0) != c.input0 || s.Target.At(0, 0) != c.target || len(c.o.Columns) == 0 && len(p.Notes) != 1 {
			t.Errorf("%+v: %d inputs from %v, target from %v, notes %q, want %d, %v and %v", c.o, task.Inputs, s.Input.At(0, 0), s.Target.At(0, 0), p.Notes, c.inputs, c.input0, c.target)
		}
	}
	// 102 rows with a target, 10 of washout, a fifth of 92 twice.
	task, err := FromFile(path, SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := task.Make(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Washout != 10 || p.Train[0].Input.Dim(0) != 66 || p.Validate[0].Input.Dim(0) != 28 || p.Test[0].Input.Dim(0) != 28 {
		t.Errorf("washout %d, parts of %d, %d and %d rows", p.Washout, p.Train[0].Input.Dim(0), p.Validate[0].Input.Dim(0), p.Test[0].Input.Dim(0))
	}
	// Standardised by the training rows alone: their mean is 0, and the last row lies far above.
	s := standardOf(p.Train[0].Input, 66)
	if math.Abs(s.Mean[0]) > 1e-12 || math.Abs(s.Deviation[1]-1) > 1e-12 || p.Test[0].Input.At(27, 0) < 3 {
		t.Errorf("mean %v, deviations %v, last %v", s.Mean, s.Deviation, p.Test[0].Input.At(27, 0))
	}
	back := p.TargetScale.Undo(p.Test[0].Target)
	if v := back.At(27, 0); math.Abs(v-102) > 1e-9 {
		t.Errorf("the last target is %v in its own units, want 102", v)
	}
	for _, o := range []SeriesOptions{
		{Horizon: -1}, {Horizon: 1, Now: true}, {Horizon: 102}, {Horizon: 1 << 40}, {Washout: 100}, {Washout: -1}, {Washout: 1 << 40},
		{Validate: .5, Test: .5}, {Test: 2}, {Test: math.NaN()}, {Columns: []string{"a"}, Target: "day"},
	} {
		if _, err := FromFile(path, o); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, c := range []struct {
		file string
		o    SeriesOptions
		want string
	}{
		{path, SeriesOptions{Horizon: 1 << 40}, "103 rows, of which 0 are washout and 1099511627776 the horizon"},
		{write(t, "still.csv", "a,b\n"+strings.Repeat("1,0.1\n3,0.1\n", 50)), SeriesOptions{Target: "b"},
			`column "b" has one value, 0.1, in all 18 rows of the part that validates, expected a target that varies`},
		{write(t, "end.csv", b.String()+strings.Repeat("e,1,7\n", 50)), SeriesOptions{Target: "b", Raw: true}, "in all 27 rows of the part that tests"},
	} {
		if _, err := FromFile(c.file, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, expected %s", c.o, err, c.want)
		}
	}
	if _, err := FromFile(write(t, "one.csv", "1\n2\n3\n4\n"), SeriesOptions{Now: true}); err == nil {
		t.Error("a series without an input was taken")
	}
}

func FuzzReadSeries(f *testing.F) {
	for _, s := range []string{"", "a,b\n1,2\n", "1;2\n3;NA\n", "\"a\tb\"\t1\n", "\xef\xbb\xbf1\n", "x\n?\n1\n\n?\n", "1,2\n\" 3\",4\n"} {
		f.Add(s, "", true)
	}
	f.Add("a,b\n1,2\n", "b", false)
	f.Fuzz(func(t *testing.T, s, target string, fill bool) {
		text, err := newText(strings.NewReader(s), "fuzz.csv")
		if err != nil {
			return
		}
		x, c, err := readTable(text, SeriesOptions{Target: target, Interpolate: fill})
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 4000 {
				t.Errorf("%q: not a line: %q", s, err)
			}
			return
		}
		if x.Dim(0) < 1 || x.Dim(1) != len(c.Names) || c.Target >= x.Dim(1) || len(c.Inputs) == 0 {
			t.Errorf("%q: shape %v of %+v", s, x.Shape(), c)
		}
		for _, v := range x.Data() {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%q: %v", s, v)
			}
		}
	})
}
