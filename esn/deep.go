package esn

import (
	"fmt"

	"elegans/tensor"
)

// Deep is a stack of reservoirs: layer l reads at every step the state of layer l-1 after the same
// step (C. Gallicchio, A. Micheli and L. Pedrelli, Deep reservoir computing, Neurocomputing 268,
// 2017). A reservoir alone is a stack of one.
type Deep[T tensor.Float] struct {
	Layers []*Reservoir[T]
	// Skip gives layer l > 0 the input of the network too, by the weights [N, K] at l-1; nil for a
	// layer that has none.
	Skip []*tensor.Tensor[T]
}

// Size returns the number of neurons of all layers.
func (d *Deep[T]) Size() int {
	n := 0
	for _, r := range d.Layers {
		n += r.Size()
	}
	return n
}

// Run returns the states [T, N] of all layers side by side, the first layer first. All begin with
// the zero state.
func (d *Deep[T]) Run(u *tensor.Tensor[T]) (*tensor.Tensor[T], error) {
	if len(d.Layers) == 0 {
		return nil, fmt.Errorf("esn: a deep reservoir without layers")
	}
	return d.run(u, make([]Options[T], len(d.Layers)))
}

// run is Run with options for each layer.
func (d *Deep[T]) run(u *tensor.Tensor[T], each []Options[T]) (*tensor.Tensor[T], error) {
	if len(d.Layers) == 1 {
		return d.Layers[0].Run(u, each[0])
	}
	all := tensor.New[T](u.Dim(0), d.Size())
	layer, at := u, 0
	for l, r := range d.Layers {
		if err := r.check(layer, each[l]); err != nil {
			return nil, fmt.Errorf("layer %d: %w", l, err)
		}
		states := tensor.New[T](u.Dim(0), r.Size())
		r.drive(states, layer, each[l])
		if l > 0 && l <= len(d.Skip) && d.Skip[l-1] != nil {
			addProduct(states, u, d.Skip[l-1])
		}
		r.step(states, each[l])
		tensor.Copy(all.Slice(1, at, at+r.Size(), 1), states)
		layer, at = states, at+r.Size()
	}
	return all, nil
}
