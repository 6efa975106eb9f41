package npy_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
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

// file assembles a file of the given major version.
func file(version byte, dict string, data ...byte) []byte {
	b := []byte("\x93NUMPY" + string(rune(version)) + "\x00")
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	}
	return append(append(b, dict...), data...)
}

func dict(descr, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape)
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		file  []byte
		shape []int
		want  []float64
	}{
		{"version 1", file(1, dict("<i2", "False", "(2,)"), 1, 0, 0xff, 0xff), []int{2}, []float64{1, -1}},
		{"version 2, big-endian", file(2, dict(">i4", "False", "(1, 2)"), 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xfe), []int{1, 2}, []float64{256, -2}},
		{"version 3, scalar", file(3, dict(">f8", "False", "()"), 0x3f, 0xf8, 0, 0, 0, 0, 0, 0), []int{}, []float64{1.5}},
		{"Fortran order", file(1, dict("|u1", "True", "(2, 3)"), 0, 3, 1, 4, 2, 5), []int{2, 3}, []float64{0, 1, 2, 3, 4, 5}},
		{"Fortran order, 3 axes", file(1, dict("|b1", "True", "(1,2,2)"), 0, 1, 1, 0), []int{1, 2, 2}, []float64{0, 1, 1, 0}},
		{"half", file(1, dict("<f2", "False", "(1L,)"), 0, 0xc0), []int{1}, []float64{-2}},
		{"empty", file(1, dict("<f4", "True", "(0, 5)")), []int{0, 5}, []float64{}},
		{"other quotes", file(1, `{"shape":(1,),"fortran_order":False,"descr":"|i1"}`, 0x80), []int{1}, []float64{-128}},
	} {
		a, err := npy.Read(bytes.NewReader(c.file), c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := npy.ToTensor[float64](a)
		if err != nil || !slices.Equal(got.Shape(), c.shape) || !slices.Equal(got.Data(), c.want) {
			t.Errorf("%s: %v %v, %v; want %v %v", c.name, got.Shape(), got.Data(), err, c.shape, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Setenv(memory.Variable, "8GiB")
	for _, c := range []struct {
		file []byte
		want string
	}{
		{[]byte("PK\x03\x04"), `offset 0: "PK\x03\x04`},
		{file(4, ""), "version 4.0, expected 1.0, 2.0 or 3.0"},
		{file(2, strings.Repeat(" ", 1<<16+1)), "a longer header, expected at most 65536 bytes"},
		{file(1, "{'descr'"), `offset 18: the end of the header, expected ":" after the key "descr"`},
		{file(1, dict("<c8", "False", "(1,)")), "expected the type of a plain number"},
		{file(1, dict("|O", "False", "(1,)")), "pickled objects are not read"},
		{file(1, "{'descr': [('a', '<f4')], }"), "structured arrays are not read"},
		{file(1, dict("<f8", "Maybe", "(1,)")), "expected True or False"},
		{file(1, dict("<f8", "False", "(-1,)")), `"-1,), }\n", expected a length`},
		{file(1, dict("<f8", "False", "(99999999999999999999,)")), "expected a length"},
		{file(1, dict("<f8", "False", "(4611686018427387904, 4)")), "expected at most 9223372036854775807 bytes"},
		{file(1, dict("<f8", "False", "(2000000000,)")), "x.npy: an array of shape [2000000000]: about 14.9 GiB of memory, expected at most 8 GiB"},
		{file(1, dict("<f8", "False", "(1,)")+"x"), `"x", expected the end of the header`},
		{file(1, "{'descr': '<f8'}"), "expected descr, fortran_order and shape"},
		{file(1, "{'descr': '<f8', 'descr': '<f8'}"), "may stand once"},
		{file(1, dict("<f8", "False", "(500000000,)"), 1, 2, 3), "3 bytes of data, expected 4000000000 bytes for shape [500000000]"},
		{file(1, dict("|u1", "False", "(1,)"), 1, 2), "more data, expected 1 bytes for shape [1]"},
	} {
		_, err := npy.Read(bytes.NewReader(c.file), "x.npy")
		var fe *npy.FormatError
		if !errors.As(err, &fe) && !errors.Is(err, memory.ErrLimit) || !strings.HasPrefix(err.Error(), "x.npy: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line with %q", err, c.want)
		}
	}
}

func TestWriteReadsBack(t *testing.T) {
	x := tensor.Normal[float64](tensor.NewKey(1, "npy"), 0, 1, 3, 0, 7)
	y := tensor.Normal[float32](tensor.NewKey(2, "npy"), 0, 1, 123, 45, 2)
	y.Data()[3] = float32(math.Inf(-1))
	dir := t.TempDir()
	path := filepath.Join(dir, "y.npy")
	if err := npy.WriteFile(path, y); err != nil {
		t.Fatal(err)
	}
	a, err := npy.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := npy.ToTensor[float32](a); err != nil || !tensor.SameShape(got, y) || !slices.Equal(got.Data(), y.Data()) || !a.IsFloat() {
		t.Errorf("float32 differs: %v", err)
	}
	var b bytes.Buffer
	if err := npy.Write(&b, x); err != nil {
		t.Fatal(err)
	}
	if b.Len()%64 != 0 {
		t.Errorf("the data begins at %d, want a multiple of 64", b.Len())
	}
	if a, err = npy.Read(&b, "x"); err != nil || !slices.Equal(a.Shape(), x.Shape()) {
		t.Errorf("empty: %v", err)
	}
	if err := npy.WriteIntsFile(path, []int64{math.MinInt64, 7}, 2, 1); err != nil {
		t.Fatal(err)
	}
	if a, err = npy.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if v, err := a.Int64s(); err != nil || !slices.Equal(v, []int64{math.MinInt64, 7}) || !slices.Equal(a.Shape(), []int{2, 1}) {
		t.Errorf("int64: %v %v", v, err)
	}
}

func TestArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range []string{"y.npy", "x.npy", "notes.txt"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := npy.WriteInts(w, []int64{5}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	a, err := npy.OpenArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if !slices.Equal(a.Names(), []string{"x", "y"}) {
		t.Errorf("names %v", a.Names())
	}
	x, err := a.Read("x")
	if err != nil || x.Len() != 1 {
		t.Errorf("x: %v", err)
	}
	if _, err := a.Read("z"); err == nil || !strings.Contains(err.Error(), `no array "z", expected one of x, y`) {
		t.Errorf("missing array: %v", err)
	}
	if _, err := npy.ReadArchive([]byte("nonsense"), "b.npz"); err == nil || !strings.HasPrefix(err.Error(), "b.npz: ") {
		t.Errorf("not a zip: %v", err)
	}
}

func FuzzNPY(f *testing.F) {
	f.Add(file(1, dict("<f4", "True", "(2, 1)"), 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(file(2, dict(">u8", "False", "()"), 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(file(3, dict("|b1", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1, )"), 1))
	f.Add(file(1, dict("<i8", "False", "(0, 4611686018427387904, 4611686018427387904)")))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := npy.Read(bytes.NewReader(b), "x")
		if err != nil {
			return
		}
		x, err := npy.ToTensor[float64](a)
		if err != nil || len(a.Shape()) > tensor.MaxDims {
			return
		}
		var out bytes.Buffer
		if err := npy.Write(&out, x); err != nil {
			t.Fatal(err)
		}
		again, err := npy.Read(&out, "again")
		if err != nil || !slices.Equal(again.Shape(), a.Shape()) || again.Len() != a.Len() {
			t.Fatalf("what was written cannot be read back: %v", err)
		}
	})
}

func ExampleRead() {
	var b bytes.Buffer
	if err := npy.Write(&b, tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)); err != nil {
		fmt.Println(err)
		return
	}
	a, err := npy.Read(&b, "weights.npy")
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := npy.ToTensor[float64](a)
	fmt.Println(x.Shape(), x.Data(), err)
	// Output: [2 2] [1 2 3 4] <nil>
}
