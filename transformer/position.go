package transformer

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// Positions says what tells the model where a token stands.
type Positions string

// What is added to the tokens.
const (
	PositionsLearned    Positions = "learned"
	PositionsSinusoidal Positions = "sinusoidal" // see Sinusoidal; not trained
	PositionsNone       Positions = "none"
)

// Sinusoidal returns the vectors of n positions [1, n, E] (Vaswani et al. 2017, section 3.5):
//
//	p[i, 2j] = sin(i / 10000^(2j/E)),   p[i, 2j+1] = cos(i / 10000^(2j/E))
func Sinusoidal[T tensor.Float](n, features int) *tensor.Tensor[T] {
	p := tensor.New[T](1, n, features)
	tensor.FillFunc(p, func(at int) float64 {
		i, c := at/features, at%features
		angle := float64(i) / math.Pow(10000, float64(c-c%2)/float64(features))
		if c%2 == 0 {
			return math.Sin(angle)
		}
		return math.Cos(angle)
	})
	return p
}

// newPositions returns the vectors [1, n, E] of a Config, nil for none.
func newPositions[T tensor.Float](k tensor.Key, p Positions, n, features int) *autograd.Var[T] {
	switch p {
	case PositionsNone:
		return nil
	case PositionsSinusoidal:
		return autograd.NewBuffer("pos_embed", Sinusoidal[T](n, features))
	}
	return autograd.NewParam("pos_embed", tensor.Normal[T](k.Sub("pos_embed"), 0, .02, 1, n, features))
}
