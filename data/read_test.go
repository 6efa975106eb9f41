package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/data/npy"
	"elegans/internal/memory"
	"elegans/internal/reference"
	"elegans/tensor"
)

func write(t testing.TB, path string, b []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func gz(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(b)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func idx(magic uint32, dims []uint32, values ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, values...)
}

// refused checks that err is one line of the form of FormatError that names file and place, or of
// memory.Need.
func refused(t *testing.T, name string, err error, want string) {
	t.Helper()
	var fe *FormatError
	if !errors.As(err, &fe) && !errors.Is(err, memory.ErrLimit) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %q, want one line with %q", name, err, want)
	}
}

// noted checks the notes of a data set.
func noted(t *testing.T, name string, s Sets, want ...string) {
	t.Helper()
	if !slices.Equal(s.Notes, want) {
		t.Errorf("%s: notes %q, want %q", name, s.Notes, want)
	}
}

func TestIDX(t *testing.T) {
	t.Setenv(memory.Variable, "1GiB")
	images, labels := idx(0x803, []uint32{2, 1, 2}, 0, 255, 51, 102), idx(0x801, []uint32{2}, 7, 0)
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           string // empty: accepted
	}{
		{"good", images, labels, ""},
		{"magic", labels, labels, "train-images-idx3-ubyte: offset 0: magic number 0x00000801, expected 0x00000803 (unsigned bytes, 3 axes)"},
		{"short header", images[:9], labels, "offset 9: the file ends, expected 7 more bytes of the 12 from offset 4"},
		{"short data", images[:18], labels, "offset 18: the file ends, expected 2 more bytes of the 4 from offset 16"},
		{"long data", append(slices.Clone(images), 1), labels, "offset 20: more data, expected the end of the file"},
		{"lying", idx(0x803, []uint32{1 << 20, 1 << 9, 1 << 20}), labels, "x3-ubyte: values of shape [1048576 512 1048576]: about 512 TiB of memory, expected at most 1 GiB (ELEGANS_MEMORY=SIZE permits more)"},
		{"huge axis", idx(0x803, []uint32{1, 1 << 31, 1}), labels, "values of shape [1 2147483648 1]: about 2 GiB of memory, expected at most 1 GiB"},
		{"lying within bounds", idx(0x803, []uint32{1 << 10, 1 << 10, 1 << 10}, 1), labels, "offset 17: the file ends"},
		{"empty", idx(0x803, []uint32{2, 0, 2}), labels, "images of shape [2 0 2], expected no axis of length 0"},
		{"count", images, idx(0x801, []uint32{3}, 1, 2, 3), "offset 4: 3 labels, expected 2, one for each image"},
		{"label", images, idx(0x801, []uint32{2}, 1, 10), "train-labels-idx1-ubyte: offset 9: label 10, expected 0 to 9"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "train-images-idx3-ubyte"), c.images)
		write(t, filepath.Join(dir, "train-labels-idx1-ubyte"), c.labels)
		// the other spelling, compressed
		write(t, filepath.Join(dir, "t10k-images.idx3-ubyte.gz"), gz(t, images))
		write(t, filepath.Join(dir, "t10k-labels-idx1-ubyte.gz"), gz(t, labels))
		s, err := Load(context.Background(), "fashion-mnist", Options{Dir: dir})
		if c.want != "" {
			refused(t, c.name, err, c.want)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*Dataset{s.Train, s.Test} {
			x, y := d.Images()
			if !slices.Equal(x.Shape(), []int{2, 1, 1, 2}) || !slices.Equal(x.Data(), []float32{0, 1, 0.2, 0.4}) || !slices.Equal(y, []int{7, 0}) {
				t.Errorf("%v %v %v", x.Shape(), x.Data(), y)
			}
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "train-images-idx3-ubyte.gz"), gz(t, images)[:20])
	_, err := Load(context.Background(), "mnist", Options{Dir: dir})
	refused(t, "cut gzip", err, "unexpected EOF")
	write(t, filepath.Join(dir, "train-images-idx3-ubyte.gz"), gz(t, append(slices.Clone(images), make([]byte, 1<<24)...)))
	_, err = Load(context.Background(), "mnist", Options{Dir: dir})
	refused(t, "gzip bomb", err, "offset 20: more data, expected the end of the file")
}

func cifarRecord(c cifar, label byte, first byte) []byte {
	b := make([]byte, c.record())
	b[c.labelBytes-1], b[c.labelBytes] = label, first
	return b
}

func TestCIFAR(t *testing.T) {
	one := slices.Concat(cifarRecord(cifar10, 3, 255), cifarRecord(cifar10, 9, 51))
	dir := t.TempDir()
	write(t, filepath.Join(dir, "data_batch_2.bin"), one)
	write(t, filepath.Join(dir, "test_batch.bin"), one[:3073])
	s, err := Load(context.Background(), "cifar10", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	x, y := s.Train.Images()
	if s.Test.Len() != 1 || !slices.Equal(x.Shape(), []int{2, 3, 32, 32}) || !slices.Equal(y, []int{3, 9}) || x.At(1, 0, 0, 0) != 0.2 {
		t.Errorf("%v %v, labels %v", s.Train, s.Test, y)
	}
	if !strings.Contains(s.Train.Provenance(), "2 images of data_batch_2.bin") {
		t.Errorf("provenance %q", s.Train.Provenance())
	}
	noted(t, "CIFAR", s, dir+": 4 of the 5 training files are not there: data_batch_1.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin; 2 images are in the others")
	for _, c := range []struct{ name, file, want string }{
		{"part", string(one[:4000]), "test_batch.bin: record 1 (offset 3073): 927 bytes, expected a whole record of 3073"},
		{"label", string(cifarRecord(cifar10, 10, 0)), "record 0 (offset 0): label 10, expected 0 to 9"},
		{"empty", "", "record 0 (offset 0): no data, expected records of 3073 bytes"},
	} {
		write(t, filepath.Join(dir, "test_batch.bin"), []byte(c.file))
		_, err := Load(context.Background(), "cifar10", Options{Dir: dir})
		refused(t, c.name, err, c.want)
	}
	// CIFAR-100 as the archive that is downloaded.
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	for name, body := range map[string][]byte{"train.bin": cifarRecord(cifar100, 99, 1), "test.bin": cifarRecord(cifar100, 0, 1), "fine_label_names.txt": nil} {
		err := tw.WriteHeader(&tar.Header{Name: "cifar-100-binary/" + name, Size: int64(len(body)), Mode: 0o644})
		_, werr := tw.Write(body)
		if err := errors.Join(err, werr); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cifar-100-binary.tar.gz"), gz(t, b.Bytes()))
	s, err = Load(context.Background(), "cifar100", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Train.Classes(); len(c) != 100 || c[s.Train.Label(0)] != "worm" || !slices.IsSorted(c) {
		t.Errorf("%d classes, label of the image %q", len(c), c[s.Train.Label(0)])
	}
}

// TestOfficialCIFAR unpacks the first 1,000 official test images with the program xz.
func TestOfficialCIFAR(t *testing.T) {
	packed := reference.Optional(t, "cifar10/test_batch.bin.xz")
	xz, err := exec.LookPath("xz")
	if err != nil {
		t.Skip("the program xz is not present")
	}
	raw, err := exec.Command(xz, "-dc", packed).Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "data_batch_1.bin"), raw[:100*3073])
	write(t, filepath.Join(dir, "test_batch.bin"), raw)
	s, err := Load(context.Background(), "cifar10", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for i := range 5 {
		got = append(got, s.Test.Classes()[s.Test.Label(i)])
	}
	if want := []string{"cat", "ship", "ship", "airplane", "frog"}; !slices.Equal(got, want) || s.Test.Len() != 1000 || s.Train.Len() != 100 {
		t.Errorf("%v, first classes %v, want %v", s.Test, got, want)
	}
}

func picturePNG(t testing.TB, h, w int, at func(y, x int) color.Color) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, at(y, x))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func solid(c color.Color) func(y, x int) color.Color { return func(int, int) color.Color { return c } }

func TestDecodeImage(t *testing.T) {
	half := picturePNG(t, 4, 8, func(_, x int) color.Color { // left red, right transparent
		if x < 4 {
			return color.NRGBA{255, 0, 0, 255}
		}
		return color.NRGBA{}
	})
	for _, c := range []struct {
		name string
		o    ImageOptions
		h, w int
		want map[[3]int]float32
	}{
		{"as it is", ImageOptions{Channels: 3}, 4, 8, map[[3]int]float32{{0, 0, 0}: 1, {1, 0, 0}: 0, {1, 3, 7}: 1}},
		{"grey", ImageOptions{Channels: 1}, 4, 8, map[[3]int]float32{{0, 2, 2}: 76. / 255, {0, 2, 6}: 1}},
		{"inverted", ImageOptions{Channels: 3, Invert: true}, 4, 8, map[[3]int]float32{{0, 0, 0}: 0, {2, 0, 0}: 1, {0, 0, 7}: 0}},
		{"resized", ImageOptions{Channels: 1, Height: 16, Width: 32}, 16, 32, map[[3]int]float32{{0, 8, 2}: 76. / 255, {0, 8, 30}: 1}},
	} {
		x, err := DecodeImage(half, "half.png", c.o)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Shape(), []int{1, c.o.Channels, c.h, c.w}) {
			t.Errorf("%s: shape %v", c.name, x.Shape())
		}
		for i, v := range c.want {
			if got := x.At(0, i[0], i[1], i[2]); got != v {
				t.Errorf("%s: %v at %v, want %v", c.name, got, i, v)
			}
		}
	}
	_, err := DecodeImage([]byte("GIF9"), "x.png", ImageOptions{Channels: 1})
	refused(t, "no image", err, "x.png: offset 0: image: unknown format, expected a picture in PNG, JPEG, GIF, BMP, TIFF, WebP or Netpbm")
	_, err = DecodeImage(half[:60], "x.png", ImageOptions{Channels: 1})
	refused(t, "cut", err, "x.png: ")
	lie := slices.Clone(half)
	binary.BigEndian.PutUint32(lie[16:], 5000)
	binary.BigEndian.PutUint32(lie[20:], 5000)
	_, err = DecodeImage(lie, "x.png", ImageOptions{Channels: 1})
	refused(t, "wrong checksum of the header", err, "x.png: offset 0: png: invalid format: invalid checksum")
	binary.BigEndian.PutUint32(lie[29:], crc32.ChecksumIEEE(lie[12:29]))
	_, err = DecodeImage(lie, "x.png", ImageOptions{Channels: 1})
	refused(t, "many pixels in few bytes", err, "x.png: offset 0: an image of 5000x5000 in ")
	binary.BigEndian.PutUint32(lie[16:], 1<<20)
	binary.BigEndian.PutUint32(lie[29:], crc32.ChecksumIEEE(lie[12:29]))
	_, err = DecodeImage(lie, "x.png", ImageOptions{Channels: 1})
	refused(t, "long side", err, "x.png: offset 0: an image of 1048576x5000 in 87 bytes, expected at most 718272 pixels")
	if _, err = DecodeImage(half, "x.png", ImageOptions{Channels: 2}); err == nil {
		t.Error("two channels accepted")
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for class, grey := range map[string]uint8{"dark": 0, "light": 255} {
		for _, name := range []string{"b.png", "a.PNG", "c.png", "d.png", "e.png"} {
			write(t, filepath.Join(dir, class, name), picturePNG(t, 3, 2, solid(color.Gray{grey})))
		}
		write(t, filepath.Join(dir, class, "notes.txt"), []byte("no image"))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 3)), nil); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "dark", "z.jpg"), b.Bytes())
	s, err := Load(context.Background(), "folder", Options{Dir: dir, Gray: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.Train.Len() != 9 || s.Test.Len() != 2 || !slices.Equal(s.Test.ClassCounts(), []int{1, 1}) || !slices.Equal(s.Train.Classes(), []string{"dark", "light"}) {
		t.Errorf("%v, %v", s.Train, s.Test)
	}
	x, y := s.Train.Images()
	for i := range y {
		if x.At(i, 0, 0, 0) != float32(y[i]) {
			t.Errorf("image %d of class %d has value %v", i, y[i], x.At(i, 0, 0, 0))
		}
	}
	write(t, filepath.Join(dir, "light", "f.png"), picturePNG(t, 2, 2, solid(color.Black)))
	_, err = Load(context.Background(), "folder", Options{Dir: dir})
	refused(t, "sizes", err, "f.png: 2x2 pixels, expected 2x3 as in the first image")
	if s, err = Load(context.Background(), "folder", Options{Dir: dir, Height: 5, Width: 4}); err != nil {
		t.Fatal(err)
	}
	if c, h, w := s.Train.Shape(); c != 3 || h != 5 || w != 4 {
		t.Errorf("shape %d %d %d", c, h, w)
	}
	// train and test apart
	two := t.TempDir()
	write(t, filepath.Join(two, "train", "a", "1.png"), picturePNG(t, 2, 2, solid(color.Black)))
	write(t, filepath.Join(two, "test", "a", "1.png"), picturePNG(t, 2, 2, solid(color.White)))
	if s, err = Load(context.Background(), "folder", Options{Dir: two}); err != nil || s.Train.Len() != 1 || s.Test.Len() != 1 {
		t.Errorf("train and test folders: %v", err)
	}
	write(t, filepath.Join(two, "test", "b", "1.png"), nil)
	_, err = Load(context.Background(), "folder", Options{Dir: two})
	refused(t, "classes", err, "test: b, which train has no pictures of, expected classes among a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Load(ctx, "folder", Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNPYSource(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, x *tensor.Tensor[float32], y []int64) {
		if err := errors.Join(npy.WriteFile(filepath.Join(dir, "x"+name+".npy"), x), npy.WriteIntsFile(filepath.Join(dir, "y"+name+".npy"), y, len(y))); err != nil {
			t.Fatal(err)
		}
	}
	put("", tensor.Arange(float32(0), 12).Reshape(2, 1, 2, 3), []int64{1, 0})
	if _, err := Load(context.Background(), "npy", Options{Dir: dir, TestFraction: 0.5}); err != nil {
		t.Error(err)
	}
	put("_train", tensor.Arange(float32(0), 12).Reshape(2, 1, 2, 3), []int64{1, 0})
	put("_test", tensor.Full(float32(1), 1, 1, 2, 3), []int64{4})
	s, err := Load(context.Background(), "npy", Options{Dir: dir, Layout: ChannelsLast, Range: [2]float64{0, 11}})
	if err != nil {
		t.Fatal(err)
	}
	x, _ := s.Train.Images()
	if !slices.Equal(x.Shape(), []int{2, 3, 1, 2}) || x.At(0, 2, 0, 1) != float32(5)/11 || len(s.Train.Classes()) != 5 {
		t.Errorf("%v, (2, 0, 1) of image 0 is %v", s.Train, x.At(0, 2, 0, 1))
	}
	put("_test", tensor.Full(float32(1), 1, 6), []int64{-1})
	_, err = Load(context.Background(), "npy", Options{Dir: dir})
	refused(t, "label", err, "label 0: -1, expected 0 to 65535")
	put("_test", tensor.Full(float32(1), 1, 6), []int64{1, 2})
	_, err = Load(context.Background(), "npy", Options{Dir: dir})
	refused(t, "count", err, "2 labels, expected 1, one for each image")
}
