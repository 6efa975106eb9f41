package data

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"strings"
	"testing"

	"elegans/data/npy"
	"elegans/internal/quote"
)

// fed is an input over bytes in memory.
func fed(b []byte, name string) *input {
	return &input{Reader: bytes.NewReader(b), name: name, size: int64(len(b))}
}

// whole checks what every accepted Dataset must satisfy.
func whole(t *testing.T, d *Dataset) {
	x, y := d.Images()
	for _, v := range x.Data() {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("value %v outside [0, 1]", v)
		}
	}
	for _, l := range y {
		if l < 0 || l >= len(d.Classes()) {
			t.Fatalf("label %d of %d classes", l, len(d.Classes()))
		}
	}
}

func oneLine(t *testing.T, err error) {
	if s := err.Error(); !strings.HasPrefix(s, "x:") || s != quote.Line(s) {
		t.Fatalf("error %q is not one line that begins with the file", s)
	}
}

func FuzzIDX(f *testing.F) {
	f.Add(idx(0x803, []uint32{2, 1, 2}, 0, 255, 51, 102))
	f.Add(idx(0x803, []uint32{1 << 10, 1 << 10, 1 << 10}, 1))
	f.Add(idx(0x801, []uint32{3}, 1, 2, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		for axes := range 4 {
			shape, values, err := readIDX(fed(b, "x"), axes)
			if err != nil {
				oneLine(t, err)
				continue
			}
			n := 1
			for _, d := range shape {
				n *= d
			}
			if n != len(values) || n > len(b) {
				t.Fatalf("shape %v, %d values of %d bytes", shape, len(values), len(b))
			}
		}
	})
}

// tiny is CIFAR with images of one pixel, so that inputs are short and minimising them takes no
// time.
var tiny = cifar{
	name: "tiny", labelBytes: 2, side: 1, classes: []string{"a", "b", "c"}, train: []string{"1.bin", "2.bin"}, test: []string{"t.bin"}, others: []string{"readme"},
}

// tinyRecord is a record of tiny.
func tinyRecord(label, pixel byte) []byte { return []byte{9, label, pixel, pixel + 1, pixel + 2} }

func FuzzCIFAR(f *testing.F) {
	f.Add(tinyRecord(0, 1), int64(5))
	f.Add(bytes.Repeat(tinyRecord(2, 255), 3), int64(15))
	f.Add(tinyRecord(3, 0), int64(5))
	f.Add([]byte{}, int64(1)<<40)
	f.Add(tinyRecord(1, 0)[:3], int64(-7))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		p, err := tiny.read(fed(b, "x"), size)
		if err != nil {
			oneLine(t, err)
			return
		}
		if len(p.labels)*tiny.record() != len(b) {
			t.Fatalf("%d records in %d bytes", len(p.labels), len(b))
		}
		var o Options
		s, err := tiny.assemble(&o, "x", map[string]*cifarPart{"1.bin": p, "t.bin": p})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.notes) != 1 {
			t.Fatalf("notes %q, want one about 2.bin", o.notes)
		}
		whole(t, s.Train)
	})
}

// tarMember is a member of an archive as it lies there, whatever its header says.
func tarMember(name string, kind byte, size int64, body []byte) []byte {
	const block = 512
	h := make([]byte, block)
	copy(h[:100], name)
	copy(h[100:], "0000644\x00")
	copy(h[124:136], fmt.Sprintf("%011o\x00", max(size, 0)))
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	copy(h[148:], "        ") // of the checksum itself
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	h = append(h, body...)
	return append(h, make([]byte, (block-len(h)%block)%block)...)
}

// FuzzCIFARArchive reads an archive of a sound test part and a member that is made of the input,
// which is short: minimising whole archives would take all the time. The compression is left out,
// since a mutation would only break it.
func FuzzCIFARArchive(f *testing.F) {
	f.Add("x/1.bin", byte('0'), int64(5), tinyRecord(1, 2))
	f.Add("2.bin", byte('0'), int64(1)<<32, []byte{})
	f.Add("1.bin", byte('2'), int64(0), []byte{})
	f.Add("t.bin", byte('S'), int64(5), tinyRecord(1, 2))
	f.Add("\x1b[31m", byte('x'), int64(9), []byte("9 a=b"))
	f.Fuzz(func(t *testing.T, name string, kind byte, size int64, body []byte) {
		var o Options
		archive := append(tarMember("t.bin", '0', 5, tinyRecord(0, 1)), tarMember(name, kind, size, body)...)
		s, err := tiny.readArchive(&o, fed(archive, "x"))
		var missing *fs.PathError
		switch {
		case errors.As(err, &missing):
		case err != nil:
			oneLine(t, err)
		default:
			whole(t, s.Train)
			whole(t, s.Test)
		}
		for _, n := range o.notes {
			if n != quote.Line(n) {
				t.Fatalf("note %q is not one plain line", n)
			}
		}
	})
}

func FuzzPNG(f *testing.F) {
	f.Add(picturePNG(f, 3, 5, solid(color.NRGBA{1, 2, 3, 100})))
	f.Add(picturePNG(f, 1, 1, solid(color.White)))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range []ImageOptions{{Channels: 1, Height: 8, Width: 8}, {Channels: 3, Width: 5, Invert: true}} {
			x, err := DecodeImage(b, "x", o)
			if err != nil {
				oneLine(t, err)
				continue
			}
			if x.Dim(1) != o.Channels || x.Dim(3) != o.Width {
				t.Fatalf("shape %v for %+v", x.Shape(), o)
			}
			for _, v := range x.Data() {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("value %v outside [0, 1]", v)
				}
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("label,p0,p1\n1,0,255\n0,\"3\",51\n", 0)
	f.Add("0.5,1,cat\n\n\xef\xbb\xbf1,1,dog\r\n", -1)
	f.Add(",,,\n", 3)
	f.Add("0;1;2;target\n0,5;1;2;a\n", -1)
	f.Add("a\tb\n\"x\"\"y\"\t1e-3\n", 0)
	f.Add(",p1,label\n0,1,2\n", -1)
	f.Fuzz(func(t *testing.T, text string, column int) {
		o := Options{LabelColumn: column}
		tab, err := readTable(fed([]byte(text), "x"), &o)
		for _, n := range o.notes {
			if n != quote.Line(n) {
				t.Fatalf("note %q is not one plain line", n)
			}
		}
		if err != nil {
			oneLine(t, err)
			return
		}
		if n := len(tab.values.bytes) + len(tab.values.floats); n != tab.width*tab.rows || len(tab.labels) != tab.rows {
			t.Fatalf("%d values, %d labels, width %d, %d rows", n, len(tab.labels), tab.width, tab.rows)
		}
		if tab.extent != tab.values.extent() {
			t.Fatalf("extent %+v, of the values %+v", tab.extent, tab.values.extent())
		}
		if err := o.settle("x", tab.extent); err != nil {
			oneLine(t, err)
			return
		}
		d, err := tab.dataset(&o, classNames(tab.names))
		if err != nil {
			oneLine(t, err)
			return
		}
		whole(t, d)
	})
}

// FuzzFolderImage reads pictures of every format that a folder may hold.
func FuzzFolderImage(f *testing.F) {
	for _, b := range pictures(f, 2, 3) {
		f.Add(b)
	}
	f.Add([]byte("P5 2 1 255\n\x00\xff"))
	f.Add([]byte("P3 1 1 9 1 2 3"))
	f.Fuzz(func(t *testing.T, b []byte) {
		im, err := decodeImage(b, "x", ImageOptions{Channels: 3, Height: 4, Width: 4})
		if err != nil {
			oneLine(t, err)
			return
		}
		if len(im.pix) != 48 {
			t.Fatalf("%d values", len(im.pix))
		}
	})
}

// FuzzNPZ reads data sets in archives.
func FuzzNPZ(f *testing.F) {
	f.Add(npz(f, "x", npyOf("|u1", "(2, 1, 2)", 0, 255, 3, 4), "y", npyOf("|i1", "(2,)", 0, 1)))
	f.Add(npz(f, "x_train", npyOf("<f4", "(1, 1)", 0, 0, 128, 63), "y_train", npyOf("|b1", "(1, 1)", 1), "other", nil))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := npy.ReadArchive(b, "x")
		if err != nil {
			oneLine(t, err)
			return
		}
		o := Options{Dir: "x", TestFraction: .5}
		s, err := o.loadArrays(t.Context(), a.Names(), a.Others(), a.Read)
		for _, n := range o.notes {
			if n != quote.Line(n) {
				t.Fatalf("note %q is not one plain line", n)
			}
		}
		if err != nil {
			oneLine(t, err)
			return
		}
		whole(t, s.Train)
		whole(t, s.Test)
	})
}
