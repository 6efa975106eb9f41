package tensor

import "elegans/tensor/internal/device"

// deviceStep queues a kernel of optim.cu, which changes p and the state of a method, given the
// gradient g. A method does without a part of the state that is nil.
func deviceStep[T Float](d *device.Device, name string, p, g *Tensor[T], state []*Tensor[T], coeffs ...T) {
	args := append(make([]device.Arg, 0, 24), device.InOut(p.elements()), device.In(g.elements()))
	for _, s := range state {
		args = append(args, device.InOut(elementsOf(s)))
	}
	n := p.Len()
	args = append(args, device.Int(n))
	for _, c := range coeffs {
		args = append(args, device.Num(c))
	}
	device.Launch[T](d, "optim", name, device.Each(n), args...)
}

// deviceAdam is AdamStep or, with the largest second moments w, AMSGradStep.
func deviceAdam[T Float](d *device.Device, p, g, m, v, w *Tensor[T], c AdamCoeffs[T]) {
	deviceStep(d, "adam", p, g, []*Tensor[T]{m, v, w},
		c.GradScale, c.L2, c.Decay, c.Beta1, c.Rest1, c.Beta2, c.Rest2, c.Eps, c.RootScale, c.Step)
}

func deviceSGD[T Float](d *device.Device, p, g, m *Tensor[T], c SGDCoeffs[T]) {
	deviceStep(d, "sgd", p, g, []*Tensor[T]{m}, c.GradScale, c.L2, c.LR, c.Momentum, c.Rest, c.Nesterov, c.Direct)
}

func deviceAdamax[T Float](d *device.Device, p, g, m, n *Tensor[T], c AdamaxCoeffs[T]) {
	deviceStep(d, "adamax", p, g, []*Tensor[T]{m, n}, c.GradScale, c.L2, c.Beta1, c.Rest1, c.Beta2, c.Eps, c.Step)
}

func deviceNAdam[T Float](d *device.Device, p, g, m, v *Tensor[T], c NAdamCoeffs[T]) {
	deviceStep(d, "nadam", p, g, []*Tensor[T]{m, v},
		c.GradScale, c.L2, c.Decay, c.Beta1, c.Rest1, c.Beta2, c.Rest2, c.Eps, c.RootScale, c.StepGrad, c.StepMean)
}

func deviceRAdam[T Float](d *device.Device, p, g, m, v *Tensor[T], c RAdamCoeffs[T]) {
	name := "radam"
	if c.Adaptive {
		name = "radam_adaptive"
	}
	deviceStep(d, name, p, g, []*Tensor[T]{m, v}, c.GradScale, c.L2, c.Decay, c.Beta1, c.Rest1, c.Beta2, c.Rest2, c.Eps, c.Step)
}

func deviceAdagrad[T Float](d *device.Device, p, g, s *Tensor[T], c AdagradCoeffs[T]) {
	deviceStep(d, "adagrad", p, g, []*Tensor[T]{s}, c.GradScale, c.L2, c.LR, c.Eps)
}

func deviceAdadelta[T Float](d *device.Device, p, g, s, e *Tensor[T], c AdadeltaCoeffs[T]) {
	deviceStep(d, "adadelta", p, g, []*Tensor[T]{s, e}, c.GradScale, c.L2, c.LR, c.Rho, c.Rest, c.Eps)
}

func deviceRMSprop[T Float](d *device.Device, p, g, s, m, mean *Tensor[T], c RMSpropCoeffs[T]) {
	deviceStep(d, "rmsprop", p, g, []*Tensor[T]{s, m, mean}, c.GradScale, c.L2, c.LR, c.Alpha, c.Rest, c.Eps, c.Momentum)
}

func deviceASGD[T Float](d *device.Device, p, g, a *Tensor[T], c ASGDCoeffs[T]) {
	deviceStep(d, "asgd", p, g, []*Tensor[T]{a}, c.GradScale, c.L2, c.LR, c.Decay, c.Rate)
}

func deviceRprop[T Float](d *device.Device, p, g, before, size *Tensor[T], c RpropCoeffs[T]) {
	deviceStep(d, "rprop", p, g, []*Tensor[T]{before, size}, c.GradScale, c.Down, c.Up, c.Least, c.Most)
}
