package data_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/data"
	"elegans/internal/allocs"
	"elegans/internal/reference"
	"elegans/tensor"
)

// toy makes n images of 1x2x3 whose pixels are 6i, 6i+1, ... (mod 256) and whose labels repeat 0,
// 1, 1, 2.
func toy(t testing.TB, n int) *data.Dataset {
	pixels := make([]uint8, 6*n)
	labels := make([]int, n)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	for i := range labels {
		labels[i] = []int{0, 1, 1, 2}[i%4]
	}
	d, err := data.FromBytes("toy", "counted", []string{"a", "b", "c"}, pixels, 255, labels, 1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDigits(t *testing.T) {
	f, err := os.Open("digits.bin.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, z); err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x", hash.Sum(nil))
	if doc, err := os.ReadFile("digits.md"); err != nil || !strings.Contains(string(doc), sum) {
		t.Errorf("digits.md does not state the checksum %s (%v)", sum, err)
	}
	all := data.AllDigits()
	if got, want := all.ClassCounts(), []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}; !slices.Equal(got, want) {
		t.Errorf("class counts %v, want %v", got, want) // those in scikit-learn's documentation
	}
	x, labels := all.Images()
	var sum16 float64
	for _, v := range x.Data() {
		if v < 0 || v > 1 || v*16 != float32(int(v*16)) {
			t.Fatalf("value %v is not a sixteenth in [0, 1]", v)
		}
		sum16 += float64(v) * 16
	}
	if sum16 != 561718 || labels[0] != 0 || labels[1796] != 8 {
		t.Errorf("sum %v, first label %d, last %d", sum16, labels[0], labels[1796])
	}
	s := data.Digits()
	if s.Train.Len() != 1438 || s.Test.Len() != 359 {
		t.Errorf("split %d + %d", s.Train.Len(), s.Test.Len())
	}
	for k, n := range s.Test.ClassCounts() {
		if n != 36 && n != 35 && n != 37 {
			t.Errorf("class %d: %d test images, want a fifth", k, n)
		}
	}
}

func TestSplitLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := toy(t, rapid.IntRange(0, 60).Draw(rt, "n"))
		fraction := rapid.Float64Range(0, 1).Draw(rt, "fraction")
		seed := rapid.Uint64().Draw(rt, "seed")
		stratified := rapid.Bool().Draw(rt, "stratified")
		rest, part := d.Split(fraction, seed, stratified)
		if want := int(fraction*float64(d.Len()) + .5); part.Len() != want {
			rt.Fatalf("part of %d, want %d of %d", part.Len(), want, d.Len())
		}
		first := func(d *data.Dataset) (ids []int) {
			// in a toy of at most 42 images the first pixel names the image
			for i := range d.Len() {
				var pix [6]float32
				d.Pixels(pix[:], i)
				ids = append(ids, int(pix[0]*255+.5))
			}
			return ids
		}
		a, b := first(rest), first(part)
		both := slices.Concat(a, b)
		want := first(d)
		slices.Sort(both)
		slices.Sort(want)
		if !slices.Equal(both, want) {
			rt.Fatalf("rest %v and part %v are not the whole", a, b)
		}
		if stratified {
			for k, n := range part.ClassCounts() {
				if share := fraction * float64(d.ClassCounts()[k]); float64(n) < share-1 || float64(n) > share+1 {
					rt.Fatalf("class %d: %d, share %v", k, n, share)
				}
			}
		}
		again, _ := d.Split(fraction, seed, stratified)
		if !slices.Equal(first(again), a) {
			rt.Fatal("the same seed splits differently")
		}
	})
}

func TestBatch(t *testing.T) {
	d := toy(t, 8).Subset([]int{7, 2, 2})
	dst, labels := tensor.New[float32](2, 6), make([]int, 2)
	d.Batch(dst, labels, []int{2, 0})
	if got := dst.At(0, 1); got != float32(13)/255 || labels[0] != 1 || labels[1] != 2 || dst.At(1, 5) != float32(47)/255 {
		t.Errorf("batch %v, labels %v", dst.Data(), labels)
	}
	idx := []int{2, 0}
	if n := allocs.PerStep(100, func() { d.Batch(dst, labels, idx) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
	for name, f := range map[string]func(){
		"labels": func() { d.Batch(dst, labels[:1], idx) },
		"subset": func() { d.Subset([]int{3}) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*tensor.UsageError); !ok {
					t.Errorf("%s: no *tensor.UsageError", name)
				}
			}()
			f()
		}()
	}
	if _, err := data.FromBytes("x", "", []string{"a"}, make([]byte, 2), 255, []int{0, 1}, 1, 1, 1); err == nil || err.Error() != "x: image 1: label 1, expected 0 to 0" {
		t.Errorf("label out of range: %v", err)
	}
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("a destination of the wrong shape: no *tensor.ShapeError")
		}
	}()
	d.Batch(tensor.New[float32](2, 5), labels, idx)
}

func load(t testing.TB, name string, o data.Options) data.Sets {
	t.Helper()
	s, err := data.Load(context.Background(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOfficialMNIST(t *testing.T) {
	s := load(t, "mnist", data.Options{Dir: reference.Optional(t, "mnist")})
	if s.Train.Len() != 60000 || s.Test.Len() != 10000 {
		t.Fatalf("%v, %v", s.Train, s.Test)
	}
	if got, want := s.Test.ClassCounts(), []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}; !slices.Equal(got, want) {
		t.Errorf("test classes %v, want %v", got, want)
	}
	if got, want := s.Train.Labels()[:5], []int{5, 0, 4, 1, 9}; !slices.Equal(got, want) {
		t.Errorf("first labels %v, want %v", got, want)
	}
	n := data.NewNormalize(s.Train)
	if d := n.Mean[0] - 0.1307; d > 1e-4 || d < -1e-4 {
		t.Errorf("mean %v, want 0.1307", n.Mean[0])
	}
	if d := n.Std[0] - 0.3081; d > 1e-4 || d < -1e-4 {
		t.Errorf("standard deviation %v, want 0.3081", n.Std[0])
	}
}

func TestUnknownNameAndMissingFiles(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		o    data.Options
		want string
	}{
		{"minst", data.Options{}, `data set "minst": unknown, expected one of cifar10, cifar100, csv, digits, fashion-mnist, folder, mnist, npy`},
		{"mnist", data.Options{CacheDir: dir}, "train-images-idx3-ubyte.gz is not there; permit the download with --download, or give a folder"},
		{"mnist", data.Options{Dir: dir}, "train-images-idx3-ubyte.gz (or without .gz): file does not exist"},
		{"cifar10", data.Options{Dir: dir}, "test_batch.bin: file does not exist"},
		{"folder", data.Options{}, "no folder given (--data-dir), expected one with a sub-folder"},
		{"folder", data.Options{Dir: dir}, "no images, expected sub-folders"},
		{"csv", data.Options{Dir: dir, TestFraction: 2}, "test fraction 2, expected between 0 and 1"},
	} {
		_, err := data.Load(context.Background(), c.name, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %q, want %q in it", c.name, err, c.want)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "mnist"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mnist", "train-images-idx3-ubyte.gz"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := data.Load(context.Background(), "mnist", data.Options{CacheDir: dir}); err == nil || !strings.Contains(err.Error(), "SHA-256 of ") {
		t.Errorf("a wrong file in the cache: %v", err)
	}
}

func TestDownloadRefusesOtherFilesAndSaysHowToGoOn(t *testing.T) {
	server := httptest.NewServer(http.FileServer(http.Dir(t.TempDir())))
	offline := httptest.NewServer(nil)
	offline.Close()
	defer server.Close()
	o := data.Options{CacheDir: t.TempDir(), Download: true, Mirrors: []string{offline.URL + "/", server.URL + "/"}}
	for _, name := range []string{"mnist", "fashion-mnist", "cifar10", "cifar100"} {
		_, err := data.Load(context.Background(), name, o)
		for _, want := range []string{"tried " + offline.URL, server.URL, "404", "if you are offline, put the files into a folder and give it with --data-dir"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q in it", name, err, want)
			}
		}
	}
}
