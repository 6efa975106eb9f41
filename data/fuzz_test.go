package data

import (
	"bytes"
	"image/color"
	"strings"
	"testing"
)

// fed is an input over bytes in memory.
func fed(b []byte, name string) *input { return &input{Reader: bytes.NewReader(b), name: name} }

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
	if s := err.Error(); !strings.HasPrefix(s, "x: ") || strings.Contains(s, "\n") {
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

func FuzzCIFAR(f *testing.F) {
	f.Add(cifarRecord(cifar10, 3, 1))
	f.Add(bytes.Repeat(cifarRecord(cifar100, 99, 1), 2))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range []cifar{cifar10, cifar100} {
			p, err := c.read(fed(b, "x"), int64(len(b)))
			if err != nil {
				oneLine(t, err)
				continue
			}
			if len(p.labels)*(c.labelBytes+cifarPixels) != len(b) {
				t.Fatalf("%d records in %d bytes", len(p.labels), len(b))
			}
			s, err := c.assemble("x", map[string]*cifarPart{c.train[0]: p, c.test[0]: p})
			if err != nil {
				t.Fatal(err)
			}
			whole(t, s.Train)
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
	f.Fuzz(func(t *testing.T, text string, column int) {
		o := Options{LabelColumn: column}
		tab, err := readTable(fed([]byte(text), "x"), column)
		if err != nil {
			oneLine(t, err)
			return
		}
		if len(tab.values) != tab.width*len(tab.labels) {
			t.Fatalf("%d values, %d labels, width %d", len(tab.values), len(tab.labels), tab.width)
		}
		d, err := tab.dataset(&o, classNames(tab.labels))
		if err != nil {
			oneLine(t, err)
			return
		}
		whole(t, d)
	})
}
