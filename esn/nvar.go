package esn

import (
	"fmt"
	"math"

	"elegans/internal/memory"
	"elegans/tensor"
)

// NVAR turns a sequence into features without a recurrent network: the last inputs and their
// products (D. Gauthier, E. Bollt, A. Griffith and W. Barbosa, Next generation reservoir computing,
// Nature Communications 12, 2021).
type NVAR struct {
	Delay    int  `json:"delay"`              // inputs taken: this one and Delay-1 before it
	Stride   int  `json:"stride"`             // steps between them
	Order    int  `json:"order"`              // factors of a product
	Constant bool `json:"constant,omitempty"` // a feature 1 in front
}

// check refuses what is less than 1.
func (v NVAR) check() error {
	if v.Delay < 1 || v.Stride < 1 || v.Order < 1 || v.Delay > math.MaxInt32 || v.Stride > math.MaxInt32 || v.Order > math.MaxInt32 {
		return fmt.Errorf("NVAR of delay %d, stride %d and order %d, expected at least 1 each", v.Delay, v.Stride, v.Order)
	}
	return nil
}

// Size returns the number of features for k inputs a step: a float64, since it may be larger than
// an int can say.
func (v NVAR) Size(k int) float64 {
	n := float64(v.Delay) * float64(k)
	products := 1.0 // binomial coefficient of n+Order-1 over Order
	for i := range min(v.Order, 1<<16) {
		products *= (n + float64(i)) / float64(i+1)
	}
	if v.Constant {
		n++
	}
	return math.Round(n + products)
}

// Monomials returns the factors of every product, for k inputs a step: indices into the Delay*k
// values, the newest step first, in lexicographic order.
func (v NVAR) Monomials(k int) [][]int {
	var list [][]int
	var extend func(prefix []int, from int)
	extend = func(prefix []int, from int) {
		if len(prefix) == v.Order {
			list = append(list, append([]int{}, prefix...))
			return
		}
		for i := from; i < v.Delay*k; i++ {
			extend(append(prefix, i), i)
		}
	}
	extend(nil, 0)
	return list
}

// Features returns the features [T, F] of a sequence u [T, K]. What lies before its beginning
// counts as 0.
func (v NVAR) Features(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if err := v.check(); err != nil {
		return nil, fmt.Errorf("esn: %w", err)
	}
	if u.Dims() != 2 {
		return nil, fmt.Errorf("esn: NVAR of an input of shape %v, expected [T, K]", u.Shape())
	}
	if err := memory.Need(fmt.Sprintf("an NVAR of delay %d and order %d of %d inputs", v.Delay, v.Order, u.Dim(1)), v.bytes(u.Dim(0), u.Dim(1))); err != nil {
		return nil, err
	}
	w := v.window(u.Dim(1))
	f := tensor.New[float64](u.Dim(0), w.size())
	in := u.Contiguous().Data()
	for t := range u.Dim(0) {
		w.read(in[t*w.inputs : (t+1)*w.inputs])
		w.features(f.Data()[t*w.size() : (t+1)*w.size()])
	}
	return f, nil
}

// bytes returns the memory for the features of so many rows, their list of factors and the inputs
// are kept take.
func (v NVAR) bytes(rows, k int) float64 {
	return v.Size(k)*8*(float64(rows)+float64(v.Order)+3) + 8*float64(v.Delay)*float64(v.Stride)*float64(k)
}

// window is an NVAR at work: the inputs that it still needs.
type window struct {
	nvar      NVAR
	inputs    int
	monomials [][]int
	past      []float64 // [(Delay-1)*Stride+1, K], the newest first
	linear    []float64 // [Delay*K]
}

func (v NVAR) window(k int) *window {
	return &window{nvar: v, inputs: k, monomials: v.Monomials(k), past: make([]float64, ((v.Delay-1)*v.Stride+1)*k), linear: make([]float64, v.Delay*k)}
}

// clone returns a window of the same features before the first step.
func (w *window) clone() *window {
	return &window{nvar: w.nvar, inputs: w.inputs, monomials: w.monomials, past: make([]float64, len(w.past)), linear: make([]float64, len(w.linear))}
}

// size returns the number of features.
func (w *window) size() int { return int(w.nvar.Size(w.inputs)) }

// read takes the input [K] of the next step.
func (w *window) read(u []float64) {
	copy(w.past[w.inputs:], w.past)
	copy(w.past, u)
}

// features writes the features [F] of the step that was read last.
func (w *window) features(row []float64) {
	for i := range w.nvar.Delay {
		at := i * w.nvar.Stride * w.inputs
		copy(w.linear[i*w.inputs:(i+1)*w.inputs], w.past[at:at+w.inputs])
	}
	if w.nvar.Constant {
		row[0], row = 1, row[1:]
	}
	row = row[copy(row, w.linear):]
	for i, m := range w.monomials {
		p := 1.0
		for _, at := range m {
			p *= w.linear[at]
		}
		row[i] = p
	}
}
