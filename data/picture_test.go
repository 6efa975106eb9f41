package data

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"elegans/internal/memory"
)

// pictures returns one red picture in each format that has an encoder here, by the ending of its
// name, and a WebP of one transparent pixel.
func pictures(t testing.TB, h, w int) map[string][]byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.RGBA{255, 0, 0, 255}, color.Black})
	files := map[string][]byte{}
	for ending, encode := range map[string]func(*bytes.Buffer) error{
		"png":  func(b *bytes.Buffer) error { return png.Encode(b, m) },
		"jpg":  func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 100}) },
		"gif":  func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) },
		"bmp":  func(b *bytes.Buffer) error { return bmp.Encode(b, m) },
		"tiff": func(b *bytes.Buffer) error { return tiff.Encode(b, m, &tiff.Options{Compression: tiff.Deflate}) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		files[ending] = b.Bytes()
	}
	files["ppm"] = append([]byte("P6 "+string(rune('0'+w))+" "+string(rune('0'+h))+" 255\n"), bytes.Repeat([]byte{255, 0, 0}, h*w)...)
	webp, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	files["webp"] = webp
	return files
}

func TestPictureFormats(t *testing.T) {
	for ending, b := range pictures(t, 2, 3) {
		im, err := decodeImage(b, "x", ImageOptions{Channels: 3})
		if err != nil {
			t.Errorf("%s: %v", ending, err)
			continue
		}
		h, w, want := 2, 3, [3]uint8{255, 0, 0}
		if ending == "webp" {
			h, w, want = 1, 1, [3]uint8{255, 255, 255}
		}
		if im.h != h || im.w != w || im.more {
			t.Errorf("%s: %dx%d, more %v", ending, im.h, im.w, im.more)
			continue
		}
		for c, v := range want {
			if d := int(im.pix[c*h*w]) - int(v); d < -2 || d > 2 {
				t.Errorf("%s: channel %d is %d, want %d", ending, c, im.pix[c*h*w], v)
			}
		}
		if !isPicture("a." + strings.ToUpper(ending)) {
			t.Errorf("the ending %s is not known", ending)
		}
	}
}

// TestPictureKinds decodes what PIL decodes and is less common: values worked out by hand from what
// PIL documents.
func TestPictureKinds(t *testing.T) {
	encoded := func(m image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	deepGrey, deepColour := image.NewGray16(image.Rect(0, 0, 1, 1)), image.NewNRGBA64(image.Rect(0, 0, 1, 1))
	deepGrey.SetGray16(0, 0, color.Gray16{0x12ff})
	deepColour.SetNRGBA64(0, 0, color.NRGBA64{0x12ff, 0xfe00, 0x8080, 0xffff})
	two := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.RGBA{9, 8, 7, 255}, color.RGBA{250, 1, 2, 255}})
	two.SetColorIndex(1, 0, 1)
	for _, c := range []struct {
		name     string
		file     []byte
		channels int
		want     []uint8
	}{
		{"16 bits of grey", encoded(deepGrey), 1, []uint8{0x12}},
		{"16 bits of grey as colours", encoded(deepGrey), 3, []uint8{0x12, 0x12, 0x12}},
		{"16 bits a colour", encoded(deepColour), 3, []uint8{0x12, 0xfe, 0x80}},
		{"palette", encoded(two), 3, []uint8{9, 250, 8, 1, 7, 2}},
		{"palette as grey", encoded(two), 1, []uint8{(9*299 + 8*587 + 7*114 + 500) / 1000, (250*299 + 1*587 + 2*114 + 500) / 1000}},
	} {
		im, err := decodeImage(c.file, "x", ImageOptions{Channels: c.channels})
		if err != nil || !bytes.Equal(im.pix, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, im, err, c.want)
		}
	}
	// (1-C)(1-K), without the profile of a printer.
	cmyk := image.NewCMYK(image.Rect(0, 0, 1, 1))
	cmyk.SetCMYK(0, 0, color.CMYK{51, 0, 255, 51})
	rgb := planes(onWhite(cmyk, image.Config{Width: 1, Height: 1}, 1, 1), ImageOptions{Channels: 3})
	for i, want := range []float64{255 * .8 * .8, 255 * .8, 0} {
		if math.Abs(float64(rgb.pix[i])-want) > 1 {
			t.Errorf("CMYK: channel %d is %d, want %.1f", i, rgb.pix[i], want)
		}
	}
}

// animated is a GIF of two frames, of which the first covers a part of the picture.
func animated(t testing.TB) []byte {
	palette := color.Palette{color.White, color.Black}
	first, second := image.NewPaletted(image.Rect(1, 0, 2, 1), palette), image.NewPaletted(image.Rect(0, 0, 3, 1), palette)
	first.SetColorIndex(1, 0, 1)
	draw.Draw(second, second.Rect, image.Black, image.Point{}, draw.Src)
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}, Config: image.Config{Width: 3, Height: 1, ColorModel: palette}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFirstOfSeveralFrames(t *testing.T) {
	im, err := decodeImage(animated(t), "x", ImageOptions{Channels: 1})
	if err != nil || !im.more || !bytes.Equal(im.pix, []uint8{255, 0, 255}) {
		t.Errorf("GIF: %+v, %v", im, err)
	}
	// A TIFF whose directory names another, which is itself.
	pages := pictures(t, 1, 1)["tiff"]
	at := binary.LittleEndian.Uint32(pages[4:])
	next := at + 2 + 12*uint32(binary.LittleEndian.Uint16(pages[at:]))
	if tiffPages(pages) != 1 {
		t.Error("a TIFF of one page has more")
	}
	binary.LittleEndian.PutUint32(pages[next:], at)
	if im, err := decodeImage(pages, "x", ImageOptions{Channels: 1}); err != nil || !im.more {
		t.Errorf("TIFF: %v, %v", im, err)
	}
	still := pictures(t, 1, 1)["png"]
	apng := bytes.Replace(still, []byte("IDAT"), []byte("acTLIDAT"), 1)
	if hasMore(still, "png") || !hasMore(apng, "png") {
		t.Error("APNG")
	}
}

// TestPictureMemory are pictures that would take much, and that would not decode anyway.
func TestPictureMemory(t *testing.T) {
	t.Setenv(memory.Variable, "1MiB")
	header := func(kind string, side uint32) []byte {
		b := pictures(t, 2, 2)[kind]
		le := binary.LittleEndian
		switch kind {
		case "gif":
			le.PutUint16(b[6:], uint16(side))
			le.PutUint16(b[8:], uint16(side))
		case "bmp":
			le.PutUint32(b[18:], side)
			le.PutUint32(b[22:], side)
		case "tiff":
			at := le.Uint32(b[4:]) + 2
			for range le.Uint16(b[at-2:]) {
				if tag := le.Uint16(b[at:]); tag == 256 || tag == 257 {
					le.PutUint16(b[at+2:], 4)
					le.PutUint32(b[at+8:], side)
				}
				at += 12
			}
		case "ppm":
			b = []byte("P3 60000 60000 255\n1 2 3")
		}
		return b
	}
	for kind, want := range map[string]string{
		"gif":  "x: offset 0: an image of 60000x60000 in ",
		"bmp":  "x: offset 0: an image of 60000x60000 in ",
		"ppm":  "x: offset 0: an image of 60000x60000 in ",
		"tiff": "x: an image of 60000x60000: about ",
	} {
		_, err := decodeImage(header(kind, 60000), "x", ImageOptions{Channels: 1})
		refused(t, kind, err, want)
	}
	large := picturePNG(t, 800, 800, solid(color.White))
	_, err := decodeImage(large, "x", ImageOptions{Channels: 1})
	if !errors.Is(err, memory.ErrLimit) || !strings.Contains(err.Error(), "x: an image of 800x800: about 6.71 MiB of memory") {
		t.Errorf("a large picture: %v", err)
	}
	t.Setenv(memory.Variable, "1KiB")
	path := write(t, filepath.Join(t.TempDir(), "a.png"), make([]byte, 2000))
	if _, err := ReadImage(path, ImageOptions{Channels: 1}); !errors.Is(err, memory.ErrLimit) {
		t.Errorf("a large file: %v", err)
	}
	t.Setenv(memory.Variable, "64MiB")
	if _, err := decodeImage(large, "x", ImageOptions{Channels: 1}); err != nil {
		t.Errorf("with more memory: %v", err)
	}
}
