package recipe

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"elegans/autograd/nn"
	"elegans/data"
	"elegans/data/atomicfile"
	"elegans/tensor"
)

// Reconstruct brings one image [1, C, H, W] of values in [0, 1] to the form that the model was
// trained on, and returns it and the probability of ink of every pixel, both [H*W].
func (c *Config) Reconstruct(model nn.Module[float32], picture *tensor.Tensor[float32]) (input, output []float32) {
	input = append([]float32{}, picture.Data()...)
	im := data.Image{C: c.Model.Input[0], H: c.Model.Input[1], W: c.Model.Input[2], Pix: input}
	for _, f := range c.prepare() {
		f.Apply(&im, tensor.NewKey(0, "no augmentation draws"))
	}
	tp := inferenceTape()
	y := tp.Sigmoid(model.Forward(tp, tp.Input(tensor.FromSlice(input, picture.Shape()...))))
	return input, append(output, y.Value.Data()...)
}

// Grid is a picture of images and their reconstructions: pairs of rows, inputs above,
// reconstructions below; ink is black.
type Grid struct {
	Image   *image.Gray
	h, w, n int
	perRow  int
}

const gridGap = 2 // pixels between images

// NewGrid returns a grid for count images of height h and width w, so many a row.
func NewGrid(h, w, perRow, count int) *Grid {
	rows := (count + perRow - 1) / perRow
	g := &Grid{Image: image.NewGray(image.Rect(0, 0, perRow*(w+gridGap)+gridGap, rows*(2*h+3*gridGap)+gridGap)), h: h, w: w, perRow: perRow}
	for i := range g.Image.Pix {
		g.Image.Pix[i] = 200
	}
	return g
}

// Add paints the next image and its reconstruction, values from 0 (white) to 1 (black).
func (g *Grid) Add(input, output []float32) {
	x, y := gridGap+g.n%g.perRow*(g.w+gridGap), gridGap+g.n/g.perRow*(2*g.h+3*gridGap)
	for k, values := range [][]float32{input, output} {
		for i, v := range values {
			g.Image.SetGray(x+i%g.w, y+k*(g.h+gridGap)+i/g.w, color.Gray{Y: uint8(math.Round(255 * float64(1-min(max(v, 0), 1))))})
		}
	}
	g.n++
}

// Pictures returns the first images of a set and their reconstructions, columns images a row.
func (c *Config) Pictures(model nn.Module[float32], d *data.Dataset, columns, rows int) image.Image {
	_, h, w := d.Shape()
	n := min(columns*rows, d.Len())
	g := NewGrid(h, w, columns, n)
	picture := tensor.New[float32](1, 1, h, w)
	for i := range n {
		d.Pixels(picture.Data(), i)
		g.Add(c.Reconstruct(model, picture))
	}
	return g.Image
}

// WritePNG writes a picture, replacing the file atomically.
func WritePNG(path string, m image.Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, m) })
}

// Inputs returns n images of a set from a position on, in the form in which the model sees them in
// evaluation: [n, C*H*W].
func (c *Config) Inputs(d *data.Dataset, at, n int) *tensor.Tensor[float32] {
	ch, h, w := d.Shape()
	x := tensor.New[float32](n, ch*h*w)
	for i := range n {
		im := data.Image{C: ch, H: h, W: w, Pix: x.Data()[i*ch*h*w:][:ch*h*w]}
		d.Pixels(im.Pix, at+i)
		for _, f := range c.prepare() {
			f.Apply(&im, tensor.NewKey(0, "no augmentation draws"))
		}
	}
	return x
}
