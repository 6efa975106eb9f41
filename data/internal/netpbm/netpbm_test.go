package netpbm

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, file string
		w, h       int
		want       []color.RGBA // in rows
	}{
		{"P1", "P1 # bits\n2 2\n01\n1 0", 2, 2, []color.RGBA{grey(255), grey(0), grey(0), grey(255)}},
		{"P2", "P2\n# a comment\n2 1 15\n0 15\n", 2, 1, []color.RGBA{grey(0), grey(255)}},
		{"P3", "P3 1 1 255 1 2 3", 1, 1, []color.RGBA{{1, 2, 3, 255}}},
		{"P4", "P4 9 1\n\x80\x80", 9, 1, []color.RGBA{grey(0), grey(255), grey(255), grey(255), grey(255), grey(255), grey(255), grey(255), grey(0)}},
		{"P5", "P5 2 1 255\n\n\x07", 2, 1, []color.RGBA{grey(10), grey(7)}},
		{"P5 of 16 bits", "P5 2 1 65535\n\x80\x00\xff\xff", 2, 1, []color.RGBA{grey(128), grey(255)}},
		{"P6", "P6 1 2 255\n\x01\x02\x03\xff\x00\x09", 1, 2, []color.RGBA{{1, 2, 3, 255}, {255, 0, 9, 255}}},
	} {
		m, kind, err := image.Decode(strings.NewReader(c.file))
		if err != nil || kind != "netpbm" {
			t.Errorf("%s: %s, %v", c.name, kind, err)
			continue
		}
		cfg, err := DecodeConfig(strings.NewReader(c.file))
		if err != nil || cfg.Width != c.w || cfg.Height != c.h || m.Bounds() != image.Rect(0, 0, c.w, c.h) {
			t.Errorf("%s: %dx%d, %v, bounds %v", c.name, cfg.Width, cfg.Height, err, m.Bounds())
			continue
		}
		for i, want := range c.want {
			if got := color.RGBAModel.Convert(m.At(i%c.w, i/c.w)); got != want {
				t.Errorf("%s: pixel %d is %v, want %v", c.name, i, got, want)
			}
		}
	}
}

func grey(v uint8) color.RGBA { return color.RGBA{v, v, v, 255} }

func TestRefusals(t *testing.T) {
	for file, want := range map[string]string{
		"P7 1 1 255\n\x00":            "magic number",
		"P5 0 1 255\n\x00":            "width 0",
		"P5 99999999 1 255\n":         "a number above",
		"P5 x 1 255\n":                `found 'x', expected a whole number`,
		"P5 2 2 255\nabc":             "unexpected EOF",
		"P5 1 1 4\n\x05":              "5, expected at most 4",
		"P2 2 1 15\n3":                "unexpected EOF",
		"P1 1 1\n2":                   "expected bits",
		"P6 9999999 9999999 255\nabc": "unexpected EOF",
		"P5 1":                        "unexpected EOF",
	} {
		if _, err := Decode(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", file, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"P1 2 2 0110", "P2 1 1 15 7", "P3 1 1 9 1 2 3", "P4 3 1\n\xa0", "P5 1 1 255\n\x01", "P6 1 1 300\n\x00\x01\x00\x02\x00\x03"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg, err := DecodeConfig(bytes.NewReader(b))
		if err != nil || cfg.Width*cfg.Height > 1<<16 {
			return
		}
		m, err := Decode(bytes.NewReader(b))
		if err == nil && (m.Bounds().Dx() != cfg.Width || m.Bounds().Dy() != cfg.Height) {
			t.Fatalf("%v for %dx%d", m.Bounds(), cfg.Width, cfg.Height)
		}
	})
}
