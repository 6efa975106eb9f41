package optim

import (
	"math"

	"elegans/tensor"
)

// grain is the number of elements of one chunk of an update.
const grain = 1 << 14

// sign is the factor that Maximize puts on gradients.
func sign[T tensor.Float](maximize bool) T {
	if maximize {
		return -1
	}
	return 1
}

func sqrt[T tensor.Float](x T) T { return T(math.Sqrt(float64(x))) }

func abs[T tensor.Float](x T) T { return T(math.Abs(float64(x))) }

// decays splits the weight decay of an update into the part added to the gradient and the factor
// put on the parameter, of which one does nothing.
func decays(wd, lr float64, decoupled bool) (add, shrink float64) {
	if decoupled {
		return 0, 1 - lr*wd
	}
	return wd, 1
}

func validBetas(b [2]float64) (first, second check) {
	return fraction("betas[0]", b[0]), fraction("betas[1]", b[1])
}

func fill[T tensor.Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}
