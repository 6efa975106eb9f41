package m2

import (
	"fmt"
	"math"
	"strings"

	"elegans/connectome/internal/hashfill"
	"elegans/tensor"
)

// Fill makes weights by a formula, the same in every language and bit for bit, so that models of
// full width can be compared without a file of their weights. Each value depends on the seed, the
// Keras name of the tensor and the row-major position in Keras' layout only; a float64 model gets
// the float32 values.
type Fill struct {
	Seed  uint64  `json:"seed"`
	SInit float64 `json:"gamma_base_of_s_init"` // what s_init.gamma scatters around
	// Gamma is what the other gammas and the moving variances scatter around.
	Gamma  float64 `json:"gamma_base_elsewhere"`
	Spread float64 `json:"spread"` // how far biases, gammas and statistics scatter
}

// FillWeights overwrites the parameters and buffers that Keras lists.
func (a *Autoencoder[T]) FillWeights(f Fill) error {
	for _, k := range a.Keras() {
		dst := k.Value()
		value, err := f.formula(k.Name, k.FanIn, k.FanOut)
		if err != nil {
			return err
		}
		src := tensor.New[T](dst.Shape()...)
		tensor.FillFunc(src, value)
		tensor.Copy(dst, src)
	}
	return nil
}

// formula returns value number i of a tensor as a function of i. Kernels are uniform within
// Glorot's bound; biases, betas and moving means within the spread; gammas and moving variances
// within the spread of their base. Products are rounded to float32 before a sum, never fused with
// it.
func (f Fill) formula(name string, fanIn, fanOut int) (func(i int) float64, error) {
	var scale, base float32
	switch kind := name[strings.LastIndexByte(name, '.')+1:]; kind {
	case "kernel":
		scale = float32(math.Sqrt(6 / float64(fanIn+fanOut)))
	case "bias", "beta", "moving_mean":
		scale = float32(f.Spread)
	case "gamma", "moving_variance":
		scale, base = float32(f.Spread), float32(f.Gamma)
		if name == "s_init.gamma" {
			base = float32(f.SInit)
		}
	default:
		return nil, fmt.Errorf("m2: tensor %q: unknown kind %q, expected kernel, bias, beta, gamma, moving_mean or moving_variance",
			name, kind)
	}
	stream := hashfill.New(f.Seed, name)
	return func(i int) float64 {
		u := float32(stream.At(i)) // exact
		return float64(float32(scale*u) + base)
	}, nil
}
