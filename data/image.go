package data

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // registers the format
	_ "image/jpeg" // likewise, and so on
	"image/png"
	"io"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"elegans/data/internal/bound"
	"elegans/data/internal/format"
	_ "elegans/data/internal/netpbm"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/internal/regular"
	"elegans/tensor"
)

// ImageOptions is the form that an image is brought to.
type ImageOptions struct {
	Channels int // 1 (grey) or 3
	// Height and Width are the wanted size: the whole image is resampled to it (Catmull-Rom, which
	// averages when it shrinks), without keeping the ratio of the sides. 0 keeps the file's.
	Height, Width int
	// Invert exchanges black and white, for dark ink where the training images have light ink.
	Invert bool

	strict bool // refuse other sizes instead of resampling
}

// maxWantedSide is the largest side that can be asked for.
const maxWantedSide = 1 << 12

// pictureEndings are the endings of the names of pictures: those that torchvision reads, and GIF.
var pictureEndings = []string{".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}

// isPicture reports whether a file of this name is taken for a picture.
func isPicture(name string) bool {
	return slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(name)))
}

// mostPixels is how many pixels a byte of a file can stand for, by format; 0 is no bound. A short
// file that claims more lies, and decoding it would reserve the memory before noticing. Deflate
// shrinks at most 1,032 times and a pixel takes at least one bit; JPEG has a bit for a block of 64
// of the least sampled channel, which can be a sixteenth of the image; LZW has 12 bits for at most
// 4,096.
var mostPixels = map[string]float64{"png": 1032 * 8, "jpeg": 64 * 8 * 16, "bmp": 8, "gif": 1 << 12, "netpbm": 8}

// ReadImage reads a picture as a tensor [1, C, H, W] of values in [0, 1]. The formats are PNG,
// JPEG, GIF, BMP, TIFF, WebP and those of Netpbm, known by their content.
//
// The picture is what PIL's convert("RGB") or convert("L") makes of it, with two exceptions:
// transparent parts show white behind them, where PIL drops the transparency; and of 16 bits a
// sample the upper eight count in grey pictures too, where PIL cuts at 255. As in PIL, an EXIF
// orientation does not turn the picture, CMYK becomes RGB by (1-C)(1-K) and so on, grey is the luma
// of ITU-R BT.601, colour profiles are not applied, and of an animation or a file of several pages
// the first picture is read.
//
// What the picture takes in memory is compared with what there is (see internal/memory) before it
// is decoded.
func ReadImage(path string, o ImageOptions) (*tensor.Tensor[float32], error) {
	im, err := readImageFile(path, o)
	if err != nil {
		return nil, err
	}
	return im.tensor(o), nil
}

// DecodeImage is ReadImage of the bytes of a file; name stands for it in error messages.
func DecodeImage(b []byte, name string, o ImageOptions) (*tensor.Tensor[float32], error) {
	im, err := decodeImage(b, name, o)
	if err != nil {
		return nil, err
	}
	return im.tensor(o), nil
}

// picture is a decoded image in planes.
type picture struct {
	pix  []uint8 // [C, H, W]
	h, w int
	more bool // the file has further frames or pages
}

func (p *picture) tensor(o ImageOptions) *tensor.Tensor[float32] {
	t := tensor.New[float32](1, o.Channels, p.h, p.w)
	for i, v := range p.pix {
		t.Data()[i] = float32(v) / 255
	}
	return t
}

func readImageFile(path string, o ImageOptions) (*picture, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := memory.Need(quote.Name(path), float64(st.Size())); err != nil {
		return nil, err
	}
	b, err := bound.ReadFull(f, st.Size(), st.Size())
	// A file that shrinks meanwhile is cut, as the decoder will say.
	if err != nil && err != io.EOF {
		return nil, err
	}
	return decodeImage(b, path, o)
}

func decodeImage(b []byte, name string, o ImageOptions) (*picture, error) {
	if o.Channels != 1 && o.Channels != 3 {
		return nil, fmt.Errorf("image of %d channels asked for, expected 1 or 3", o.Channels)
	}
	if o.Height < 0 || o.Width < 0 || o.Height > maxWantedSide || o.Width > maxWantedSide {
		return nil, fmt.Errorf("image of %dx%d asked for, expected sides of 1 to %d", o.Height, o.Width, maxWantedSide)
	}
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, format.New(name, format.Offset(0), err.Error(), "a picture in PNG, JPEG, GIF, BMP, TIFF, WebP or Netpbm")
	}
	size := fmt.Sprintf("%dx%d", cfg.Width, cfg.Height)
	if min(cfg.Width, cfg.Height) < 1 {
		return nil, format.New(name, format.Offset(0), "an image of "+size, "sides of at least 1")
	}
	if o.strict && (cfg.Width != o.Width || cfg.Height != o.Height) {
		return nil, format.New(name, "", size+" pixels", fmt.Sprintf("%dx%d as in the first image (or a size to bring all to)", o.Width, o.Height))
	}
	if most := mostPixels[kind] * float64(len(b)); most > 0 && float64(cfg.Width)*float64(cfg.Height) > most {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("an image of %s in %d bytes", size, len(b)), fmt.Sprintf("at most %.0f pixels", most))
	}
	h, w := o.Height, o.Width
	if h == 0 {
		h = cfg.Height
	}
	if w == 0 {
		w = cfg.Width
	}
	if err := memory.Need(quote.Name(name)+": an image of "+size, decodedSize(cfg, progressive(b, kind), h, w)); err != nil {
		return nil, err
	}
	src, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		if e, ok := err.(png.FormatError); ok {
			return nil, format.New(name, "", e.Error(), "a sound PNG image")
		}
		return nil, format.Wrap(name, "", err)
	}
	p := planes(onWhite(src, cfg, h, w), o)
	p.more = hasMore(b, kind)
	return p, nil
}

// decodedSize returns the bytes that decoding an image and bringing it to a size takes.
func decodedSize(cfg image.Config, progressive bool, h, w int) float64 {
	pixels, wanted := float64(cfg.Width)*float64(cfg.Height), float64(h)*float64(w)
	each := 8.0
	switch cfg.ColorModel {
	case color.GrayModel:
		each = 1
	case color.Gray16Model:
		each = 2
	case color.RGBAModel, color.NRGBAModel, color.CMYKModel:
		each = 4
	case color.YCbCrModel:
		each = 3
	default:
		if _, ok := cfg.ColorModel.(color.Palette); ok {
			each = 1
		}
	}
	if progressive { // the coefficients of a JPEG are kept until its last scan, in four bytes each
		each *= 5
	}
	bytes := each*pixels + (4+3)*wanted
	if h != cfg.Height || w != cfg.Width { // resampled along one axis first, in float64
		bytes += 32 * float64(cfg.Height) * float64(w)
	}
	return bytes
}

// progressive reports whether a file is a JPEG whose frame header is that of the progressive mode
// (ITU-T T.81, table B.1). Before it come other segments, each with its length.
func progressive(b []byte, kind string) bool {
	const sof0, sof2, segment = 0xc0, 0xc2, 2
	if kind != "jpeg" {
		return false
	}
	for at := segment; at+4 <= len(b) && b[at] == 0xff; {
		switch b[at+1] {
		case 0xff: // fill
			at++
			continue
		case sof0, sof0 + 1:
			return false
		case sof2:
			return true
		}
		at += segment + int(b[at+2])<<8 + int(b[at+3])
	}
	return true // not found: the larger estimate
}

// onWhite returns the image of the given size over a white ground.
func onWhite(src image.Image, cfg image.Config, h, w int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if b := src.Bounds(); b.Dx() < cfg.Width || b.Dy() < cfg.Height { // the frame of a GIF
		whole := image.NewRGBA(image.Rect(0, 0, cfg.Width, cfg.Height))
		draw.Draw(whole, b, src, b.Min, draw.Src)
		src = whole
	}
	if cfg.Width == w && cfg.Height == h {
		draw.Draw(dst, dst.Bounds(), src, src.Bounds().Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	}
	return dst
}

// planes separates the channels. Grey is the luma of ITU-R BT.601, rounded to nearest as in PIL.
func planes(m *image.RGBA, o ImageOptions) *picture {
	p := &picture{h: m.Rect.Dy(), w: m.Rect.Dx()}
	n := p.h * p.w
	p.pix = make([]uint8, o.Channels*n)
	for i := range n {
		px := m.Pix[4*i : 4*i+4 : 4*i+4]
		if o.Channels == 1 {
			p.pix[i] = uint8((19595*uint32(px[0]) + 38470*uint32(px[1]) + 7471*uint32(px[2]) + 1<<15) >> 16)
			continue
		}
		p.pix[i], p.pix[n+i], p.pix[2*n+i] = px[0], px[1], px[2]
	}
	if o.Invert {
		for i, v := range p.pix {
			p.pix[i] = 255 - v
		}
	}
	return p
}
