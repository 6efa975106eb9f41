package report

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"

	"elegans/data"
)

// dataURL returns a picture as a PNG in a data URL.
func dataURL(m image.Image) (template.URL, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

// picture returns an image of a set: one of three channels in its colours, others as dark ink on a
// light ground, of which the first channel is shown.
func picture(d *data.Dataset, i int) (template.URL, error) {
	c, h, w := d.Shape()
	pix := make([]float32, c*h*w)
	d.Pixels(pix, i)
	if c == 3 {
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for k := range h * w {
			m.SetRGBA(k%w, k/w, color.RGBA{level(pix[k]), level(pix[h*w+k]), level(pix[2*h*w+k]), 255})
		}
		return dataURL(m)
	}
	m := image.NewGray(image.Rect(0, 0, w, h))
	for k := range h * w {
		m.SetGray(k%w, k/w, color.Gray{Y: uint8(250 - 225*min(max(pix[k], 0), 1))})
	}
	return dataURL(m)
}

// strip draws images [h*w] side by side, ink dark.
func strip(images [][]float32, h, w int) (template.URL, error) {
	const gap = 2
	m := image.NewGray(image.Rect(0, 0, len(images)*(w+gap)-gap, h))
	for i := range m.Pix {
		m.Pix[i] = 225
	}
	for k, pix := range images {
		for i, p := range pix[:h*w] {
			m.SetGray(k*(w+gap)+i%w, i/w, color.Gray{Y: level(1 - p)})
		}
	}
	return dataURL(m)
}

// level brings a value from 0 to 1 to a byte; values beyond are cut.
func level(v float32) uint8 { return uint8(math.Round(255 * float64(min(max(v, 0), 1)))) }
