package optim

import "elegans/tensor"

// sign is the factor that Maximize puts on gradients.
func sign[T tensor.Float](maximize bool) T {
	if maximize {
		return -1
	}
	return 1
}

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
