package tensor

import "elegans/tensor/internal/device"

// deviceCell runs a kernel over all columns of all items: out are its results, of which every
// element is written, or gradients, to which it adds if add is set.
func deviceCell[T Float](d *device.Device, kernel string, c *cell, add bool, out, in []*Tensor[T]) {
	args := make([]device.Arg, 0, 12)
	for _, t := range out {
		if add {
			args = append(args, device.InOut(elementsOf(t)))
		} else {
			args = append(args, device.Out(elementsOf(t)))
		}
	}
	for _, t := range in {
		args = append(args, device.In(elementsOf(t)))
	}
	args = append(args, device.Int(c.batch), device.Int(c.n), device.Int(c.steps), device.Int(c.t))
	device.Launch[T](d, "recurrent", kernel, device.Each(c.batch*c.n), args...)
}

func deviceLSTM[T Float](d *device.Device, s cell, h, next, act, tanh, gi, gh, c *Tensor[T]) {
	deviceCell(d, "lstm", &s, false, []*Tensor[T]{h, next, act, tanh}, []*Tensor[T]{gi, gh, c})
}

func deviceLSTMGrad[T Float](d *device.Device, s cell, dgi, dgh, dc, dh, dnext, act, tanh, c *Tensor[T]) {
	deviceCell(d, "lstm_grad", &s, true, []*Tensor[T]{dgi, dgh, dc}, []*Tensor[T]{dh, dnext, act, tanh, c})
}

func deviceGRU[T Float](d *device.Device, s cell, dst, act, gi, gh, h *Tensor[T]) {
	deviceCell(d, "gru", &s, false, []*Tensor[T]{dst, act}, []*Tensor[T]{gi, gh, h})
}

func deviceGRUGrad[T Float](d *device.Device, s cell, dgi, dgh, dh, dy, act, gh, h *Tensor[T]) {
	deviceCell(d, "gru_grad", &s, true, []*Tensor[T]{dgi, dgh, dh}, []*Tensor[T]{dy, act, gh, h})
}

func deviceRNN[T Float](d *device.Device, s cell, dst, gi, gh *Tensor[T]) {
	deviceCell(d, "rnn", &s, false, []*Tensor[T]{dst}, []*Tensor[T]{gi, gh})
}

func deviceRNNGrad[T Float](d *device.Device, s cell, dgi, dgh, dy, y *Tensor[T]) {
	deviceCell(d, "rnn_grad", &s, true, []*Tensor[T]{dgi, dgh}, []*Tensor[T]{dy, y})
}
