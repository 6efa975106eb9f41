package experiment

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"elegans/data"
	"elegans/lab/recipe"
	"elegans/tensor"
)

// Baseline is a reconstruction that needs no training by gradients.
type Baseline struct {
	Name     string  `json:"name"`
	About    string  `json:"about"`
	Codes    int     `json:"codes"`    // numbers that describe an image
	Accuracy float64 `json:"accuracy"` // share of the test pixels that are right, at .5

	axes *components
}

// Baselines returns the Part that measures on the test set what can be had without training: no ink
// at all, the mean of the training images, and principal components of the training images with so
// many codes. It is for networks that reconstruct.
func Baselines(codes ...int) Part {
	return func(ctx context.Context, res *Result) (err error) {
		if err := reconstructs(res, "baselines"); err != nil {
			return err
		}
		res.Baselines, err = baselines(ctx, &res.Configs[0], res.Sets, codes)
		return err
	}
}

// reconstructs returns an error that names the part unless the networks reconstruct.
func reconstructs(res *Result, part string) error {
	if !res.Reconstructs() {
		return fmt.Errorf("%s: the networks classify images, expected networks that reconstruct them", part)
	}
	return nil
}

func baselines(ctx context.Context, c *recipe.Config, sets *recipe.Sets, codes []int) ([]Baseline, error) {
	p, err := principal(ctx, c, sets.Train)
	if err != nil {
		return nil, err
	}
	list := []Baseline{
		{Name: "background", About: "no ink anywhere"},
		{Name: "mean image", About: "ink where more than half of the training images have it"},
	}
	for _, k := range codes {
		list = append(list, Baseline{
			Name:  fmt.Sprintf("PCA, %d codes", k),
			About: "projection on the first principal components of the training images",
			Codes: k, axes: p,
		})
	}
	for i := range list {
		right := 0
		err := each(ctx, c, sets.Test, func(x *tensor.Tensor[float32]) {
			y := tensor.New[float32](x.Shape()...)
			if i > 0 {
				p.reconstruct(y, x, list[i].Codes)
			}
			for j, v := range y.Data() {
				if (v > .5) == (x.Data()[j] > .5) {
					right++
				}
			}
		})
		if err != nil {
			return nil, err
		}
		list[i].Accuracy = float64(right) / float64(sets.Test.Len()*len(p.mean))
	}
	return list, nil
}

// components are the mean and the principal axes of images.
type components struct {
	mean []float32
	// [pixels, pixels], a column an axis, those of the largest variance first
	axes *tensor.Tensor[float32]
}

// principal diagonalises the covariance of a set.
func principal(ctx context.Context, c *recipe.Config, d *data.Dataset) (*components, error) {
	ch, h, w := d.Shape()
	n := ch * h * w
	sum, square := make([]float64, n), make([]float64, n*n)
	product := tensor.New[float32](n, n)
	err := each(ctx, c, d, func(x *tensor.Tensor[float32]) {
		for i, v := range x.Data() {
			sum[i%n] += float64(v)
		}
		tensor.MatMul(product, x.T(), x) // of images of 0 and 1 it counts, exactly
		for i, v := range product.Data() {
			square[i] += float64(v)
		}
	})
	if err != nil {
		return nil, err
	}
	count := float64(d.Len())
	cov := mat.NewSymDense(n, nil)
	p := &components{mean: make([]float32, n), axes: tensor.New[float32](n, n)}
	for i := range n {
		p.mean[i] = float32(sum[i] / count)
		for j := i; j < n; j++ {
			cov.SetSym(i, j, square[i*n+j]/count-sum[i]/count*sum[j]/count)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(cov, true) {
		return nil, errors.New("the principal components of the training images did not converge")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for i := range n {
		for j := range n { // gonum sorts the variances upwards
			p.axes.Set(float32(vectors.At(i, n-1-j)), i, j)
		}
	}
	return p, nil
}

// reconstruct writes the projections of images x [batch, pixels] on the first k axes through the
// mean to y.
func (p *components) reconstruct(y, x *tensor.Tensor[float32], k int) {
	n := len(p.mean)
	k = min(k, n)
	rows := y.Data()
	for i := range rows {
		rows[i] = p.mean[i%n]
	}
	if k == 0 {
		return
	}
	centred := tensor.New[float32](x.Shape()...)
	for i, v := range x.Data() {
		centred.Data()[i] = v - p.mean[i%n]
	}
	axes := p.axes.Slice(1, 0, k, 1)
	codes := tensor.New[float32](x.Dim(0), k)
	tensor.MatMul(codes, centred, axes)
	tensor.MatMulAdd(y, codes, axes.T())
}

// each calls f for consecutive pieces [batch, pixels] of a set, as the model sees them, until ctx
// ends.
func each(ctx context.Context, c *recipe.Config, d *data.Dataset, f func(x *tensor.Tensor[float32])) error {
	const piece = 2048
	for at := 0; at < d.Len(); at += piece {
		if err := ctx.Err(); err != nil {
			return err
		}
		f(c.Inputs(d, at, min(piece, d.Len()-at)))
	}
	return nil
}
