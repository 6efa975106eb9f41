package task

import (
	"context"
	"fmt"

	"elegans/data"
	"elegans/esn"
	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	for _, c := range []struct {
		name, doc    string
		rows, inputs int
		recipe       recipe
	}{
		{
			"mnist_rows", "handwritten digits, read row by row from the top", 28, 28,
			recipe{neurons: 1000, degree: 10, scale: .85, input: .3, bias: .6, leak: .5, penalty: 1e-4, times: 4},
		},
		{
			"mnist_pixels", "handwritten digits, read pixel by pixel, row after row", 784, 1,
			recipe{neurons: 500, degree: 10, scale: .9, input: .5, bias: .5, leak: .2, penalty: 1e-6, times: 8},
		},
	} {
		Register(Task{
			Name: c.name, Doc: c.doc, Kind: Classification, Inputs: c.inputs, Outputs: 10, Metric: Accuracy,
			Alignment: "one answer a sequence; values from 0 to 1",
			Needs:     "the folder with the four files of MNIST, as for --data mnist",
			Recipe:    c.recipe.make,
			Make: func(o Options) (Problem, error) {
				sets, err := data.Load(context.Background(), "mnist", data.Options{Dir: o.Path})
				if err != nil {
					return Problem{}, err
				}
				// 50,000 train, as usual; 10,000 of the training set validate.
				train, validate := sets.Train.Split(1./6, o.Seed, true)
				p := Problem{Classes: train.Classes(), Refit: true}
				for _, part := range []struct {
					to   *[]esn.Sequence
					from *data.Dataset
				}{{&p.Train, train}, {&p.Validate, validate}, {&p.Test, sets.Test}} {
					if *part.to, err = pictures(part.from, c.rows, c.inputs); err != nil {
						return Problem{}, err
					}
				}
				return p, nil
			},
		})
	}
}

// pictures returns images as sequences of so many rows.
func pictures(d *data.Dataset, rows, inputs int) ([]esn.Sequence, error) {
	c, h, w := d.Shape()
	if c*h*w != rows*inputs {
		return nil, fmt.Errorf("images of %dx%dx%d, expected %d values", c, h, w, rows*inputs)
	}
	if err := memory.Need("the images as sequences", 8*float64(d.Len())*float64(rows*inputs)); err != nil {
		return nil, err
	}
	s := make([]esn.Sequence, d.Len())
	pixels := make([]float32, rows*inputs)
	targets := make([]*tensor.Tensor[float64], len(d.Classes()))
	for k := range targets {
		targets[k] = oneHot(k, len(targets))
	}
	for i := range s {
		d.Pixels(pixels, i)
		x := tensor.New[float64](rows, inputs)
		for j, v := range pixels {
			x.Data()[j] = float64(v)
		}
		s[i] = esn.Sequence{Input: x, Target: targets[d.Label(i)]}
	}
	return s, nil
}
