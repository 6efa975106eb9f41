package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// recurrent returns weights of n neurons, sparse ones of up to most entries a row or dense ones.
func recurrent[T tensor.Float](n, most int) (w leaky.Weights[T]) {
	if most > 0 {
		w.Sparse = sparse[T](n, n, most)
		return w
	}
	w.Dense = tensor.Normal[T](tensor.NewKey(1, "dense"), 0, 1/math.Sqrt(float64(n)), n, n)
	return w
}

// someLeaks are the leaks in use: none, one of all neurons, and one of each.
func someLeaks[T tensor.Float](n int) []*tensor.Tensor[T] {
	return []*tensor.Tensor[T]{nil, tensor.Full(T(0.3), 1), tensor.Uniform[T](tensor.NewKey(1, "leak"), 0.2, 1, n)}
}

func runnerChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	for _, c := range []struct {
		name           string
		n, most, steps int
	}{
		{"sparse", 40, 7, 5}, {"dense", 9, 0, 4}, {"long rows", 300, 90, 2}, {"one neuron", 1, 0, 3}, {"no entries", 1, 1, 2},
		{"a launch a row", 260, 0, 3},
	} {
		for l, leak := range someLeaks[T](c.n) {
			w := recurrent[T](c.n, c.most)
			checks = append(checks, check[T]{name: fmt.Sprintf("%s, leak %d", c.name, l), kernels: []string{"leaky_run"}, run: func() tensors {
				r := leaky.NewRunner(w, leak, tensor.OpTanh, 0)
				states, quiet := normal[T]("drive", c.steps, c.n), normal[T]("drive", c.steps, c.n)
				r.Run(states, normal[T]("start", c.n), normal[T]("noise", c.steps, c.n))
				leaky.Run(quiet, nil, w, leak, tensor.OpLeakyReLU, 0.1, nil)
				step := normal[T]("step", c.n)
				r.Step(step.Data(), normal[T]("before", c.n).Data())
				return tensors{states, quiet, step}
			}})
		}
	}
	return checks
}

func layerChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	for _, c := range []struct {
		name                          string
		batch, steps, n, inputs, most int
		lengths                       []int
		act                           string
	}{
		{"few sequences", 2, 4, 10, 3, 5, nil, "tanh"},
		{"sparse", 20, 3, 33, 2, 6, nil, "tanh"},
		{"dense", 5, 4, 17, 3, 0, nil, "sigmoid"},
		{"lengths", 5, 4, 12, 3, 4, []int{4, 0, 2, 1, 3}, "tanh"},
		{"dense, lengths", 3, 3, 6, 2, 0, []int{1, 3, 0}, "elu"},
		{"identity", 4, 3, 8, 2, 3, nil, "identity"},
		{"derivative of the argument", 4, 3, 8, 2, 3, []int{3, 2, 3, 1}, "gelu"},
		{"dense, of the argument", 4, 3, 8, 2, 0, nil, "mish"},
		{"many neurons", 1, 2, 700, 1, 4, nil, "tanh"},
		{"a launch a row", 2, 3, 260, 2, 0, []int{3, 2}, "gelu"},
		{"one number", 1, 1, 1, 1, 0, nil, "tanh"},
		{"no rows", 2, 0, 5, 2, 3, nil, "tanh"},
		{"no sequences", 0, 3, 5, 2, 3, nil, "tanh"},
	} {
		act, err := tensor.ActivationOf(c.act)
		if err != nil {
			panic(err)
		}
		w := recurrent[T](c.n, c.most)
		for l, leak := range someLeaks[T](c.n) {
			kernels := []string{"leaky_run", "leaky_back"}
			if c.batch*c.steps == 0 {
				kernels = nil
			}
			checks = append(checks, check[T]{name: fmt.Sprintf("%s, leak %d", c.name, l), kernels: kernels, tol: layerTolerance[T](), run: func() tensors {
				layer := leaky.Layer[T]{
					W: w, Input: normal[T]("input", c.n, c.inputs), Bias: normal[T]("bias", c.n), Leak: leak, Activation: act, Lengths: c.lengths,
				}
				if l == 2 && w.Sparse != nil {
					layer.Values = normal[T]("other values", w.Sparse.NNZ()).Data()
				}
				x, start := normal[T]("x", c.batch, c.steps, c.inputs), normal[T]("start", c.batch, c.n)
				if l == 1 { // the inputs are the drive
					x, layer.Input, start = normal[T]("x", c.batch, c.steps, c.n), nil, nil
				}
				for s, length := range c.lengths { // what is behind the end may be anything
					tensor.Fill(x.Slice(0, s, s+1, 1).Slice(1, length, tensor.End, 1), T(math.NaN()))
				}
				states := tensor.Full(T(math.NaN()), c.batch, c.steps, c.n)
				leaky.Forward(states, start, x, layer)
				dy := normal[T]("dy", c.batch, c.steps, c.n)
				g := leaky.Gradients[T]{X: normal[T]("dx", x.Shape()...), Bias: normal[T]("db", c.n)}
				results := tensors{states, g.X, g.Bias}
				want := func(shape ...int) *tensor.Tensor[T] {
					t := normal[T]("gradient", shape...)
					results = append(results, t)
					return t
				}
				if layer.Input != nil {
					g.Input, g.Start = want(c.n, c.inputs), want(c.batch, c.n)
				}
				if leak != nil {
					g.Leak = want(leak.Len())
				}
				if w.Sparse != nil {
					g.Values = want(w.Sparse.NNZ())
				} else {
					g.Dense = want(c.n, c.n)
				}
				leaky.Backward(g, dy, states, start, x, layer)
				some := leaky.Gradients[T]{X: want(x.Shape()...)}
				leaky.Backward(some, dy, states, start, x, layer)
				return results
			}})
		}
	}
	return checks
}

// layerTolerance allows for sums over rows, which the processor takes in another order.
func layerTolerance[T tensor.Float]() float64 {
	if _, ok := any(*new(T)).(float32); ok {
		return 2e-5
	}
	return 1e-13
}

func panelChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	for _, c := range []struct {
		name            string
		n, inputs, most int
		scaled          bool
	}{{"sparse", 20, 2, 5, false}, {"dense", 7, 3, 0, false}, {"no inputs", 7, 0, 0, false}, {"lanes differ", 20, 2, 5, true}, {"dense, lanes differ", 7, 1, 0, true}} {
		w := recurrent[T](c.n, c.most)
		for l, leak := range someLeaks[T](c.n) {
			checks = append(checks, check[T]{name: fmt.Sprintf("panel, %s, leak %d", c.name, l), kernels: []string{"leaky_panel"}, run: func() tensors {
				var input, bias *tensor.Tensor[T]
				if c.inputs > 0 {
					input, bias = normal[T]("input", c.n, c.inputs), normal[T]("bias", c.n)
				}
				p := leaky.NewBatch(w, input, bias, leak, tensor.OpTanh, 0).NewPanel()
				if c.scaled {
					p.Scale(3, 0.5)
					p.Leak(4, 0.9)
					p.Bias(5, -2)
				}
				u := normal[T]("u", c.inputs, leaky.Lanes).Data()
				rows := tensor.New[T](3, leaky.Lanes, c.n)
				for t := range 3 {
					copy(p.Inputs(), u)
					p.Step()
					p.Scatter(rows.Data()[t*leaky.Lanes*c.n:], c.n, leaky.Lanes)
				}
				return tensors{rows, tensor.FromSlice(append([]T{}, p.State()...), c.n, leaky.Lanes)}
			}})
		}
	}
	return checks
}

func TestLeaky(t *testing.T) {
	compare(t, append(append(runnerChecks[float32](), layerChecks[float32]()...), panelChecks[float32]()...))
	compare(t, append(append(runnerChecks[float64](), layerChecks[float64]()...), panelChecks[float64]()...))
}
