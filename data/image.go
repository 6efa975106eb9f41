package data

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // registers the format
	"image/png"
	"io"
	"os"

	"golang.org/x/image/draw"

	"elegans/data/internal/format"
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

const (
	maxImageFile   = 1 << 28 // bytes
	maxImagePixels = 1 << 25
	// resampling keeps an intermediate image of the old height and the new width
	maxImageSide  = 1 << 14
	maxWantedSide = 1 << 12
)

// ReadImage reads a PNG or JPEG file as a tensor [1, C, H, W] of values in [0, 1]. Transparent
// parts show white behind them.
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
}

func (p *picture) tensor(o ImageOptions) *tensor.Tensor[float32] {
	t := tensor.New[float32](1, o.Channels, p.h, p.w)
	for i, v := range p.pix {
		t.Data()[i] = float32(v) / 255
	}
	return t
}

func readImageFile(path string, o ImageOptions) (*picture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxImageFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxImageFile {
		return nil, format.New(path, "", "a larger file", fmt.Sprintf("at most %d bytes", maxImageFile))
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
		return nil, format.New(name, format.Offset(0), err.Error(), "a PNG or JPEG image")
	}
	if min(cfg.Width, cfg.Height) < 1 || max(cfg.Width, cfg.Height) > maxImageSide || cfg.Width*cfg.Height > maxImagePixels {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("an image of %dx%d", cfg.Width, cfg.Height),
			fmt.Sprintf("sides of 1 to %d and at most %d pixels", maxImageSide, maxImagePixels))
	}
	// Deflate shrinks at most 1,032 times and a pixel takes at least one bit, so a short PNG cannot
	// hold many; decoding would reserve the memory before noticing.
	if most := int64(len(b)) * 1032 * 8; kind == "png" && int64(cfg.Width*cfg.Height) > most {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("an image of %dx%d in %d bytes", cfg.Width, cfg.Height, len(b)), fmt.Sprintf("at most %d pixels", most))
	}
	if o.strict && (cfg.Width != o.Width || cfg.Height != o.Height) {
		return nil, format.New(name, "", fmt.Sprintf("%dx%d pixels", cfg.Width, cfg.Height), fmt.Sprintf("%dx%d as in the first image (or a size to bring all to)", o.Width, o.Height))
	}
	src, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		if e, ok := err.(png.FormatError); ok {
			return nil, format.New(name, "", e.Error(), "a sound PNG image")
		}
		return nil, format.Wrap(name, "", err)
	}
	h, w := o.Height, o.Width
	if h == 0 {
		h = cfg.Height
	}
	if w == 0 {
		w = cfg.Width
	}
	return planes(onWhite(src, h, w), o), nil
}

// onWhite returns the image of the given size over a white ground.
func onWhite(src image.Image, h, w int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if src.Bounds().Dx() == w && src.Bounds().Dy() == h {
		draw.Draw(dst, dst.Bounds(), src, src.Bounds().Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	}
	return dst
}

// planes separates the channels. Grey is the luma of ITU-R BT.601, as in package image/color.
func planes(m *image.RGBA, o ImageOptions) *picture {
	p := &picture{h: m.Rect.Dy(), w: m.Rect.Dx()}
	n := p.h * p.w
	p.pix = make([]uint8, o.Channels*n)
	for i := range n {
		px := m.Pix[4*i : 4*i+4 : 4*i+4]
		if o.Channels == 1 {
			p.pix[i] = color.GrayModel.Convert(color.RGBA{px[0], px[1], px[2], 255}).(color.Gray).Y
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
