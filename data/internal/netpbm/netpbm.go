// Package netpbm decodes the picture formats PBM, PGM and PPM of Netpbm, text (P1 to P3) and binary
// (P4 to P6), and registers them with package image. Samples of a maximum other than 255 are
// brought to 255, rounded to nearest. Of a file with several pictures the first is read.
//
// The formats: https://netpbm.sourceforge.net/doc/ppm.html and its neighbours.
package netpbm

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"elegans/data/internal/bound"
)

func init() {
	for kind := '1'; kind <= '6'; kind++ {
		image.RegisterFormat("netpbm", "P"+string(kind), Decode, DecodeConfig)
	}
}

// header is what stands before the samples.
type header struct {
	kind       byte // '1' to '6'
	w, h       int
	most       int // the largest sample
	channels   int // 1 or 3
	text, bits bool
}

// maxSide keeps products of sides within an int64; memory is bounded by the caller, who asks
// DecodeConfig first.
const maxSide = 1 << 24

func readHeader(r *bufio.Reader) (h header, err error) {
	var magic [2]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return h, err
	}
	if magic[0] != 'P' || magic[1] < '1' || magic[1] > '6' {
		return h, fmt.Errorf("netpbm: magic number %q, expected P1 to P6", magic)
	}
	h = header{kind: magic[1], most: 1, channels: 1, text: magic[1] <= '3', bits: magic[1] == '1' || magic[1] == '4'}
	if magic[1] == '3' || magic[1] == '6' {
		h.channels = 3
	}
	fields := []struct {
		name string
		v    *int
		most int
	}{{"width", &h.w, maxSide}, {"height", &h.h, maxSide}, {"maximum", &h.most, 65535}}
	if h.bits {
		fields = fields[:2]
	}
	for _, f := range fields {
		if *f.v, err = number(r, f.most); err != nil {
			return h, fmt.Errorf("netpbm: %s: %w", f.name, err)
		}
		if *f.v < 1 {
			return h, fmt.Errorf("netpbm: %s 0, expected 1 to %d", f.name, f.most)
		}
	}
	return h, nil
}

// number reads white space, comments, a whole number and the one byte that follows it.
func number(r *bufio.Reader, most int) (int, error) {
	c, err := skip(r)
	if err != nil {
		return 0, err
	}
	v := 0
	for ; c >= '0' && c <= '9'; c, err = r.ReadByte() {
		if v = 10*v + int(c-'0'); v > most {
			return 0, fmt.Errorf("a number above %d", most)
		}
	}
	if err == io.EOF {
		return v, nil
	}
	if err == nil && !space(c) {
		err = fmt.Errorf("found %q, expected a whole number", c)
	}
	return v, err
}

// skip returns the first byte after white space and comments.
func skip(r *bufio.Reader) (byte, error) {
	for {
		c, err := r.ReadByte()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		switch {
		case err != nil:
			return 0, err
		case c == '#':
			for c != '\n' {
				if c, err = r.ReadByte(); err != nil {
					return 0, io.ErrUnexpectedEOF
				}
			}
		case !space(c):
			return c, nil
		}
	}
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// DecodeConfig returns the size and the colour model.
func DecodeConfig(r io.Reader) (image.Config, error) {
	h, err := readHeader(bufio.NewReader(r))
	if err != nil {
		return image.Config{}, err
	}
	cfg := image.Config{Width: h.w, Height: h.h, ColorModel: color.GrayModel}
	if h.channels == 3 {
		cfg.ColorModel = color.RGBAModel
	}
	return cfg, nil
}

// Decode returns an *image.Gray or an *image.RGBA.
func Decode(r io.Reader) (image.Image, error) {
	b := bufio.NewReader(r)
	h, err := readHeader(b)
	if err != nil {
		return nil, err
	}
	samples, err := h.samples(b)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("netpbm: samples: %w", err)
	}
	bounds := image.Rect(0, 0, h.w, h.h)
	if h.channels == 1 {
		return &image.Gray{Pix: samples, Stride: h.w, Rect: bounds}, nil
	}
	m := image.NewRGBA(bounds)
	for i := range h.w * h.h {
		copy(m.Pix[4*i:], samples[3*i:3*i+3])
		m.Pix[4*i+3] = 255
	}
	return m, nil
}

// samples returns the samples of a picture, brought to 0 to 255.
func (h *header) samples(r *bufio.Reader) ([]byte, error) {
	n := h.w * h.h * h.channels
	if h.text {
		return h.textSamples(r, n)
	}
	row := h.w * h.channels // bytes
	switch {
	case h.bits:
		row = (h.w + 7) / 8
	case h.most > 255:
		row *= 2
	}
	b, err := bound.ReadFull(r, int64(row)*int64(h.h), 0)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, n)
	for ; len(b) > 0; b = b[row:] {
		for i := range h.w * h.channels {
			var v int
			switch {
			case h.bits: // 1 is black
				v = 1 - int(b[i/8]>>(7-i%8)&1)
			case h.most > 255:
				v = int(b[2*i])<<8 | int(b[2*i+1])
			default:
				v = int(b[i])
			}
			if v > h.most {
				return nil, fmt.Errorf("%d, expected at most %d", v, h.most)
			}
			out = append(out, h.scale(v))
		}
	}
	return out, nil
}

var errBit = errors.New("expected bits 0 and 1")

func (h *header) textSamples(r *bufio.Reader, n int) ([]byte, error) {
	out := make([]byte, 0, min(n, 1<<16))
	for len(out) < n {
		var v int
		var err error
		if h.bits { // the digits may stand without white space between them
			var c byte
			if c, err = skip(r); err == nil && c != '0' && c != '1' {
				err = errBit
			}
			v = 1 - int(c-'0')
		} else {
			v, err = number(r, h.most)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, h.scale(v))
	}
	return out, nil
}

func (h *header) scale(v int) byte { return byte((v*255 + h.most/2) / h.most) }
