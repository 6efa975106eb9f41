package data

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/internal/memory"
)

// npyOf is an NPY file.
func npyOf(descr, shape string, values ...byte) []byte {
	dict := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n"
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dict)))
	return append(append(b, dict...), values...)
}

// npz is an archive of NPY files, given by pairs of name and content.
func npz(t testing.TB, members ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i].(string) + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := members[i+1].([]byte)
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestChannelsLast reads images of three channels in either layout. The first image counts its
// pixels in the order [H, W, C].
func TestChannelsLast(t *testing.T) {
	const side, n = 5, 2
	images := make([]byte, n*side*side*3)
	for i := range images {
		images[i] = byte(i)
	}
	last, first := "(2, 5, 5, 3)", "(2, 3, 5, 5)"
	for _, c := range []struct {
		name, shape, layout string
		c, h, w             int
		at                  float32 // channel 2 of the first pixel
		noted               bool
	}{
		{"recognised", last, "", 3, 5, 5, 2, true},
		{"said", last, ChannelsLast, 3, 5, 5, 2, false},
		{"denied", last, ChannelsFirst, 5, 5, 3, 30, false},
		{"first", first, "", 3, 5, 5, 50, false},
		{"first, said to be last", first, ChannelsLast, 5, 3, 5, 2, false},
		{"small images", "(2, 3, 25, 1)", "", 3, 25, 1, 50, false},
		{"one channel behind", "(6, 5, 5, 1)", "", 1, 5, 5, -1, true},
	} {
		count := 2
		if strings.HasPrefix(c.shape, "(6") {
			count = 6
		}
		path := write(t, filepath.Join(t.TempDir(), "a.npz"), npz(t,
			"x_train", npyOf("|u1", c.shape, images...), "y_train", npyOf("|u1", "("+string(rune('0'+count))+",)", make([]byte, count)...),
			"x_test", npyOf("|u1", c.shape, images...), "y_test", npyOf("|u1", "("+string(rune('0'+count))+", 1)", make([]byte, count)...)))
		s, err := Load(context.Background(), "npy", Options{Dir: path, Layout: c.layout})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		ch, h, w := s.Train.Shape()
		x, _ := s.Train.Images()
		if ch != c.c || h != c.h || w != c.w || c.at >= 0 && x.At(0, 2, 0, 0) != c.at/255 {
			t.Errorf("%s: %dx%dx%d, channel 2 begins with %v", c.name, ch, h, w, x.At(0, min(2, ch-1), 0, 0)*255)
		}
		if c.noted != (len(s.Notes) == 2 && strings.Contains(s.Notes[0], "x_train of a.npz: shape [") && strings.Contains(s.Notes[0], "is read as [N, H, W, C]")) {
			t.Errorf("%s: notes %q", c.name, s.Notes)
		}
	}
	if _, err := Load(context.Background(), "npy", Options{Dir: "x", Layout: "nhwc"}); err == nil || !strings.Contains(err.Error(), `layout "nhwc", expected channels_first or channels_last`) {
		t.Errorf("an unknown layout: %v", err)
	}
	// Rows, of a CSV file and of an array, have the layout that is said.
	path := write(t, filepath.Join(t.TempDir(), "a.csv"), []byte("a,1,2,3,4,5,6\na,1,2,3,4,5,6\nb,1,2,3,4,5,6\nb,1,2,3,4,5,6\n"))
	s, err := Load(context.Background(), "csv", Options{Dir: path, Shape: [3]int{3, 1, 2}, Layout: ChannelsLast, TestFraction: .5})
	if err != nil {
		t.Fatal(err)
	}
	pix := make([]float32, 6)
	if s.Train.Pixels(pix, 0); !slices.Equal(pix, []float32{1. / 255, 4. / 255, 2. / 255, 5. / 255, 3. / 255, 6. / 255}) {
		t.Errorf("rows: %v", pix)
	}
}

// TestArrayNames finds the parts under the names in use and says what is left over.
func TestArrayNames(t *testing.T) {
	image, label := npyOf("|u1", "(2, 1, 1)", 0, 255), npyOf("<i8", "(2,)", make([]byte, 16)...)
	for _, c := range []struct {
		name               string
		members            []any
		train, valid, test int
		notes              []string
		err                string
	}{
		{"Keras", []any{"x_train", image, "y_train", label, "x_test", image, "y_test", label}, 2, 0, 2, nil, ""},
		{"with validation", []any{"X_train", image, "y_train", label, "X_val", image, "y_val", label, "X_test", image, "y_test", label}, 2, 2, 2, nil, ""},
		{"MedMNIST", []any{"train_images", image, "train_labels", label, "val_images", image, "val_labels", label, "test_images", image, "test_labels", label}, 2, 2, 2, nil, ""},
		{"left over", []any{"x_train", image, "y_train", label, "x_test", image, "y_test", label, "x", image, "\x1b[31mred", image}, 2, 0, 2,
			[]string{`a.npz: 2 arrays are not used: "\x1b[31mred", x`}, ""},
		{"no test part", []any{"x_train", image, "y_train", label}, 1, 0, 1, []string{"a.npz: no test part: 1 of the 2 images of x_train are it"}, ""},
		{"whole", []any{"x", image, "Y", label, "names", label}, 1, 0, 1, []string{"a.npz: 1 array is not used: names"}, ""},
		{"no labels", []any{"x_train", image}, 0, 0, 0, nil, `no array "y_train", expected one of x_train`},
		{"nothing", []any{"images", image}, 0, 0, 0, nil, "arrays images, expected x_train and y_train, or x and y"},
		{"two of a name", []any{"x_train", image, "X_train", image, "y_train", label}, 0, 0, 0, nil, `the arrays "X_train" and "x_train", expected one of them`},
		{"two spellings", []any{"x_train", image, "y_train", label, "x_val", image, "x_valid", image}, 0, 0, 0, nil, `the arrays "x_val" and "x_valid", expected one of them`},
		{"twice", []any{"x", image, "y", label, "y", label}, 0, 0, 0, nil, `the arrays "y" and "y", expected one of them`},
	} {
		dir := t.TempDir()
		path := write(t, filepath.Join(dir, "a.npz"), npz(t, c.members...))
		s, err := Load(context.Background(), "npy", Options{Dir: path, TestFraction: .5})
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
			c.notes[i] = strings.Replace(c.notes[i], "a.npz", path, 1)
		}
		noted(t, c.name, s, c.notes...)
	}
}

// TestWholeNumbersAreBytes keeps arrays of whole numbers from 0 to 255 in a byte each.
func TestWholeNumbersAreBytes(t *testing.T) {
	for name, c := range map[string]struct {
		array []byte
		bytes bool
		want  float32 // of the second value
	}{
		"int64":            {npyOf("<i8", "(1, 1, 2)", 1, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0), true, 1},
		"big-endian int16": {npyOf(">i2", "(1, 1, 2)", 0, 0, 0, 51), true, .2},
		"booleans":         {npyOf("|b1", "(1, 1, 2)", 0, 1), true, 1},
		"halves":           {npyOf("<f2", "(1, 1, 2)", 0, 0, 0, 0x38), false, .5},
	} {
		path := write(t, filepath.Join(t.TempDir(), "a.npz"), npz(t, "x_train", c.array, "y_train", npyOf("|u1", "(1,)", 0), "x_test", c.array, "y_test", npyOf("|u1", "(1,)", 0)))
		s, err := Load(context.Background(), "npy", Options{Dir: path})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		pix := make([]float32, 2)
		if s.Train.Pixels(pix, 0); pix[1] != c.want || (s.Train.pixels != nil) != c.bytes {
			t.Errorf("%s: %v, in bytes %v", name, pix, s.Train.pixels != nil)
		}
	}
	path := write(t, filepath.Join(t.TempDir(), "a.npz"), npz(t, "x", npyOf("<i2", "(1, 1, 1)", 0, 1), "y", npyOf("|u1", "(1,)", 0)))
	_, err := Load(context.Background(), "npy", Options{Dir: path})
	refused(t, "256", err, "x of a.npz: value 0: 256, expected 0 to 255")
}

// TestHostileArchives are small files that would take much.
func TestHostileArchives(t *testing.T) {
	t.Setenv(memory.Variable, "1MiB")
	zeros := npyOf("|u1", "(2097152, 1, 1)", make([]byte, 2<<20)...)
	label := npyOf("|u1", "(1,)", 0)
	for _, c := range []struct {
		name    string
		members []any
		want    string
	}{
		{"zeros", []any{"x", zeros, "y", label}, "x.npy: an array of shape [2097152 1 1]: about 2 MiB of memory, expected at most 1 MiB"},
		{"a lying header", []any{"x", npyOf("|u1", "(2097152, 1, 1)", 1, 2, 3), "y", label}, "3 bytes of data, expected 2097152 bytes for shape [2097152 1 1]"},
		{"widened", []any{"x", npyOf("<f2", "(1, 400000, 1)", make([]byte, 800000)...), "y", label}, "a tensor of shape [1 400000 1]: about 1.53 MiB"},
		{"labels", []any{"x", npyOf("|u1", "(1, 1, 1)", 1), "y", npyOf("|u1", "(200000,)", make([]byte, 200000)...)}, "200000 whole numbers: about 1.53 MiB"},
		{"objects", []any{"x", npyOf("|O", "(1, 1, 1)", 1), "y", label}, "pickled objects are not read"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "a.npz"), npz(t, c.members...))
		_, err := Load(context.Background(), "npy", Options{Dir: path})
		refused(t, c.name, err, c.want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	path := write(t, filepath.Join(t.TempDir(), "a.npz"), npz(t, "x", npyOf("|u1", "(1, 1, 1)", 1), "y", label))
	if _, err := Load(ctx, "npy", Options{Dir: path}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
