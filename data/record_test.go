package data

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/data/npy"
	"elegans/tensor"
)

// writeText makes a file of a test.
func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestScaleOfAllParts: one part has values up to 255 and the other, by chance, zeros and ones. They
// have one scale.
func TestScaleOfAllParts(t *testing.T) {
	const grey, black = "a,0,255,51,0\nb,255,0,0,0\n", "a,0,1,0,0\nb,1,0,0,0\n"
	for name, c := range map[string]struct {
		train, test string
		want        float32 // of the first test image's second value
	}{
		"test of zeros and ones":     {grey, black, 1. / 255},
		"training of zeros and ones": {black, grey, 1},
		"both":                       {black, black, 1},
	} {
		dir := t.TempDir()
		writeText(t, filepath.Join(dir, "train.csv"), c.train)
		writeText(t, filepath.Join(dir, "test.csv"), c.test)
		s, err := Load(context.Background(), "csv", Options{Dir: dir})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var pixels [4]float32
		if s.Test.Pixels(pixels[:], 0); pixels[1] != c.want || s.Train.Range() != s.Test.Range() || s.Whole != nil {
			t.Errorf("%s: %v, ranges %v and %v, want %v", name, pixels, s.Train.Range(), s.Test.Range(), c.want)
		}
	}
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "train.csv"), grey)
	writeText(t, filepath.Join(dir, "test.csv"), "a,0,.5,0,0\n")
	if _, err := Load(context.Background(), "csv", Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "fractions") {
		t.Errorf("whole numbers to train on and fractions to test on: %v", err)
	}
}

// TestScaleOfArrays is the same for NPY files of bytes and of other numbers.
func TestScaleOfArrays(t *testing.T) {
	dir := t.TempDir()
	header := func(shape string) string {
		return "\x93NUMPY\x01\x00\x76\x00" + pad("{'descr': '|u1', 'fortran_order': False, 'shape': ("+shape+"), }", 118)
	}
	writeText(t, filepath.Join(dir, "x_train.npy"), header("2, 1, 2")+"\x00\xff\x33\x00")
	writeText(t, filepath.Join(dir, "x_test.npy"), header("1, 1, 2")+"\x00\x01")
	for file, labels := range map[string][]int64{"y_train": {0, 1}, "y_test": {1}} {
		if err := npy.WriteIntsFile(filepath.Join(dir, file+".npy"), labels, len(labels)); err != nil {
			t.Fatal(err)
		}
	}
	test := func(o Options) [2]float32 {
		t.Helper()
		s, err := Load(context.Background(), "npy", o)
		if err != nil {
			t.Fatal(err)
		}
		var pixels [2]float32
		s.Test.Pixels(pixels[:], 0)
		if s.Train.Range() != s.Test.Range() {
			t.Errorf("ranges %v and %v", s.Train.Range(), s.Test.Range())
		}
		return pixels
	}
	if p := test(Options{Dir: dir}); p != [2]float32{0, 1. / 255} {
		t.Errorf("bytes: %v", p)
	}
	if p := test(Options{Dir: dir, Range: [2]float64{-255, 255}}); p != [2]float32{.5, 256. / 510} {
		t.Errorf("bytes from -255 to 255: %v", p)
	}
	x := tensor.FromSlice([]float32{0, 1}, 1, 1, 2)
	if err := npy.WriteFile(filepath.Join(dir, "x_test.npy"), x); err != nil {
		t.Fatal(err)
	}
	if p := test(Options{Dir: dir}); p != [2]float32{0, 1. / 255} {
		t.Errorf("bytes to train on, numbers to test on: %v", p)
	}
}

// pad fills a header up with spaces.
func pad(s string, n int) string { return s + strings.Repeat(" ", n-len(s)-1) + "\n" }

// TestSum: the sum sees every pixel, every label, the order and the form, and nothing else.
func TestSum(t *testing.T) {
	bytesOf := func(pixels string, top uint8, labels []int, c, h, w int) *Dataset {
		d, err := FromBytes("x", "", []string{"a", "b", "c"}, []byte(pixels), top, labels, c, h, w)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := bytesOf("abcdefgh", 255, []int{0, 1}, 1, 2, 2)
	for name, d := range map[string]*Dataset{
		"a pixel":           bytesOf("abcdefgi", 255, []int{0, 1}, 1, 2, 2),
		"a label":           bytesOf("abcdefgh", 255, []int{0, 2}, 1, 2, 2),
		"the form":          bytesOf("abcdefgh", 255, []int{0, 1}, 1, 1, 4),
		"the channels":      bytesOf("abcdefgh", 255, []int{0, 1}, 4, 1, 1),
		"the scale":         bytesOf("abcdefgh", 254, []int{0, 1}, 1, 2, 2),
		"the order":         base.Subset([]int{1, 0}),
		"the number":        base.Subset([]int{0, 1, 1}),
		"a part":            base.Take(1),
		"bytes for numbers": numbers(t, base),
	} {
		if d.Sum() == base.Sum() {
			t.Errorf("the sum does not see %s", name)
		}
	}
	same := map[string]*Dataset{
		"a subset of all": base.Subset([]int{0, 1}), "another copy": bytesOf("abcdefgh", 255, []int{0, 1}, 1, 2, 2),
		"another name": base.describe("y", "z"), "a subset of more": bytesOf("abcdxxxxefgh", 255, []int{0, 2, 1}, 1, 2, 2).Subset([]int{0, 2}),
	}
	for name, d := range same {
		if d.Sum() != base.Sum() {
			t.Errorf("%s has another sum", name)
		}
	}
	v := numbers(t, base)
	if v.Sum() != v.Subset([]int{0, 1}).Sum() || v.Sum() == v.Take(1).Sum() {
		t.Error("sums of numbers")
	}
	if AllDigits().Sum() != "bc22ea73450034f12a4ece77ed952dca4eb86ba21f7bc6f8c87142aaff3161b6" {
		t.Errorf("digits: %s", AllDigits().Sum())
	}
}

func numbers(t *testing.T, d *Dataset) *Dataset {
	x, labels := d.Images()
	v, err := FromTensor("x", "", d.Classes(), x, labels)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestWithClasses translates labels by name.
func TestWithClasses(t *testing.T) {
	d, err := FromBytes("pets", "", []string{"cat", "dog", "emu", "owl"}, []byte("abc"), 255, []int{0, 3, 1}, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.WithClasses([]string{"owl", "ant", "dog", "cat"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{3, 0, 2}; !slices.Equal(m.Labels(), want) || m.Classes()[1] != "ant" || !slices.Equal(d.Labels(), []int{0, 3, 1}) {
		t.Errorf("labels %v, want %v", m.Labels(), want)
	}
	if same, err := d.WithClasses(d.Classes()); err != nil || same != d {
		t.Errorf("its own classes: %v", err)
	}
	_, err = d.Subset([]int{0, 1}).WithClasses([]string{"dog", "cat"})
	var unknown *ClassError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Unknown, []string{"owl"}) || err.Error() != `data set pets has images of "owl", which is not among the classes "dog", "cat"` {
		t.Errorf("error %v", err)
	}
}
