package published

import (
	"math"
	"strings"

	"elegans/autograd/nn"
	"elegans/connectome/internal/hashfill"
	"elegans/tensor"
)

// HashFill sets every element i of dst, in row-major order, to offset + scale*u(i), where u is
// uniform in [-1, 1) and depends on the seed, the name and i only: see package hashfill. Programs
// in other languages can make the same numbers, so that networks can be compared without a file of
// weights.
func HashFill[T tensor.Float](dst *tensor.Tensor[T], seed uint64, name string, scale, offset float64) {
	s := hashfill.New(seed, name)
	tensor.FillFunc(dst, func(i int) float64 { return offset + scale*s.At(i) })
}

// FillWeights sets the parameters by their names with HashFill: weights [out, in] and their biases
// with scale 1/sqrt(in), those of normalisations with scale 1/4 and offset 1 (weight) or 0 (bias),
// the query with scale 1, those of the LSTM with scale 1/sqrt(d). The slope of "prelu" keeps its
// value.
func (n *Network[T]) FillWeights(seed uint64) {
	fanIn := 0
	for _, p := range nn.Params(n) {
		scale, offset := 1.0, 0.0
		switch {
		case p.Var == n.Slope:
			continue
		case strings.Contains(p.Path, "norm"):
			scale = 0.25
			if strings.HasSuffix(p.Path, "weight") {
				offset = 1
			}
		case p.Var == n.Query:
		case strings.HasPrefix(p.Path, "lstm."):
			scale = 1 / math.Sqrt(float64(n.Config.EmbeddingDim))
		default:
			if p.Value.Dims() == 2 { // the bias follows its weight
				fanIn = p.Value.Dim(1)
			}
			scale = 1 / math.Sqrt(float64(fanIn))
		}
		HashFill(p.Value, seed, p.Path, scale, offset)
	}
}
