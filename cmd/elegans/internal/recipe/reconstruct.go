package recipe

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"elegans/connectome/m2"
	"elegans/data"
	"elegans/data/atomicfile"
	"elegans/tensor"
)

// Reconstruct brings one image [1, C, H, W] of values in [0, 1] to the form that the model was trained on, and returns it and the probability of ink of every pixel, both [H*W].
func (c *Config) Reconstruct(a *m2.Autoencoder[float32], picture *tensor.Tensor[float32]) (input, output []float32) {
	input = append([]float32{}, picture.Data()...)
	im := data.Image{C: c.Model.Input[0], H: c.Model.Input[1], W: c.Model.Input[2], Pix: input}
	for _, f := range c.normalize() {
		f.Apply(&im, tensor.NewKey(0, "no augmentation draws"))
	}
	tp := inferenceTape()
	y := tp.Sigmoid(a.Forward(tp, tp.Input(tensor.FromSlice(input, picture.Shape()...))))
	return input, append(output, y.Value.Data()...)
}

// Pictures returns a grid of the first images of a set and their reconstructions: pairs of rows, inputs above, reconstructions below, columns images a row; ink is black.
func (c *Config) Pictures(a *m2.Autoencoder[float32], d *data.Dataset, columns, rows int) *image.Gray {
	_, h, w := d.Shape()
	n := min(columns*rows, d.Len())
	const gap = 2
	grid := image.NewGray(image.Rect(0, 0, columns*(w+gap)+gap, (n+columns-1)/columns*(2*h+3*gap)+gap))
	for i := range grid.Pix {
		grid.Pix[i] = 200
	}
	picture := tensor.New[float32](1, 1, h, w)
	for i := range n {
		d.Pixels(picture.Data(), i)
		input, output := c.Reconstruct(a, picture)
		x, y := gap+i%columns*(w+gap), gap+i/columns*(2*h+3*gap)
		paint(grid, input, x, y, w)
		paint(grid, output, x, y+h+gap, w)
	}
	return grid
}

// paint draws values from 0 (white) to 1 (black) in rows of w pixels.
func paint(m *image.Gray, values []float32, x, y, w int) {
	for i, v := range values {
		m.SetGray(x+i%w, y+i/w, color.Gray{Y: uint8(math.Round(255 * float64(1-min(max(v, 0), 1))))})
	}
}

// WritePNG writes a picture, replacing the file atomically.
func WritePNG(path string, m image.Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, m) })
}
