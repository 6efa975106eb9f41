package bench

import (
	"fmt"
	"math"
	"time"

	"elegans/connectome"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// reservoirs measures echo-state networks:
//
//	esn/f64/step/300x.03     microseconds a step of one sequence, neurons and density
//	esn/f64/batch16/300x.03  the same a step and sequence where sixteen run at once
//	esn/f64/ridge/1000       ridge regression on 10,000 rows of so many states, one target
//	esn/f64/narma10/200x10   the task from its series to the error, 200 neurons, ten seeds
//	esn/f64/search/100x100   a hundred settings of a reservoir of 100 neurons on the same task,
//	                         predicted as their states come, of which none are kept
//	esn/f64/radius/300x.03   the spectral radius
//
// A share of the peak is that of the rate at which a sum reads as many bytes as the weights have,
// again and again.
func reservoirs(r *runner) {
	stepping[float64](r, "f64")
	stepping[float32](r, "f32")
	batches[float64](r, "f64")
	batches[float32](r, "f32")
	ridge(r)
	narma(r)
	search(r)
	radii(r)
}

// reservoirCase is a size and density; degree 0 is dense, no neurons are the worm.
type reservoirCase struct {
	name       string
	n, degree  int
	batch, one bool // whether it is measured with many sequences and with one
}

var reservoirCases = []reservoirCase{
	{"50x.1", 50, 5, false, true},
	{"100x.1", 100, 10, true, true},
	{"300x.03", 300, 9, true, true},
	{"worm", 0, 0, true, true},
	{"1000x.1", 1000, 100, true, true},
	{"1000xdense", 1000, 0, true, true},
	{"2000xdense", 2000, 0, false, true},
	{"10000x.01", 10000, 100, false, true},
	{"140000x107", 140000, 107, false, true},
}

// must is for what cannot fail, as the cases stand above.
func must[V any](v V, err error) V {
	if err != nil {
		panic(fmt.Sprintf("bench: %v", err))
	}
	return v
}

// reservoirOf builds a reservoir with one input and a radius below 1, and counts the bytes of its
// weights as a step reads them.
func reservoirOf[T tensor.Float](c reservoirCase) (r *esn.Reservoir[T], bytes int) {
	key := tensor.NewKey(1, "bench.reservoir")
	size := 4
	if _, ok := any(T(0)).(float64); ok {
		size = 8
	}
	r = &esn.Reservoir[T]{Activation: esn.Tanh, Leak: tensor.Full(T(0.3), 1)}
	n, scale := c.n, 0.9/math.Sqrt(float64(max(c.degree, 1)))
	switch {
	case n == 0:
		r.W.Sparse = must(esn.FromGraph[T](connectome.Canonical(), esn.Wiring{}))
		n, scale = r.W.Sparse.Rows, 1./200
	case c.degree == 0:
		r.W.Dense = tensor.Normal[T](key, 0, 0.9/math.Sqrt(float64(n)), n, n)
		bytes = n * n * size
	default:
		r.W.Sparse = must(esn.Random[T](n, c.degree, key))
	}
	if m := r.W.Sparse; m != nil {
		for i := range m.Val {
			m.Val[i] *= T(scale)
		}
		bytes = m.NNZ() * (size + 4)
	}
	r.Input = tensor.Uniform[T](key.Sub("input"), -0.5, 0.5, n, 1)
	r.Bias = tensor.Uniform[T](key.Sub("bias"), -0.1, 0.1, n)
	return r, bytes
}

// each reports the time of one of so many units of f, in microseconds or milliseconds.
func (r *runner) each(name, unit string, per time.Duration, count int, bytes int, f func()) {
	best := r.best(f).Seconds() / float64(count)
	result := Result{Name: name, Kernels: set(), Threads: tensor.Workers(), Value: best / per.Seconds(), Unit: unit}
	if bytes > 1<<20 { // what fits the near cache is not bound by memory
		result.PeakShare = float64(bytes) / best / readRate(r, bytes)
	}
	r.report(result)
}

// readRate returns the bytes a second at which a sum reads so many bytes again and again.
func readRate(r *runner, bytes int) float64 {
	x, sum := tensor.Full[float64](1, bytes/8), tensor.New[float64]()
	repeat := max(1, (1<<24)/bytes)
	return float64(repeat*bytes) / r.best(func() {
		for range repeat {
			tensor.ReduceSum(sum, x)
		}
	}).Seconds()
}

func stepping[T tensor.Float](r *runner, label string) {
	for _, c := range reservoirCases {
		name := "esn/" + label + "/step/" + c.name
		if !r.wanted(name) {
			continue
		}
		net, bytes := reservoirOf[T](c)
		if net.Size() > 100_000 {
			longRun(r, name, net, bytes)
			continue
		}
		rows := max(60, min(2000, 30_000_000/(net.Size()*100))) // preparing costs tens of steps
		u := tensor.Uniform[T](tensor.NewKey(1, "u"), 0, 0.5, rows, 1)
		r.each(name, "us", time.Microsecond, rows, bytes, func() { must(net.Run(u, esn.Options[T]{})) })
	}
}

// longRun reports the time of one of 1,000 steps of one run, preparation and all.
func longRun[T tensor.Float](r *runner, name string, net *esn.Reservoir[T], bytes int) {
	const steps = 1000
	u := tensor.Uniform[T](tensor.NewKey(1, "u"), 0, 0.5, steps, 1)
	begin := time.Now()
	must(0, net.RunPieces(u, esn.Options[T]{}, func(int, *tensor.Tensor[T]) error { return nil }))
	step := time.Since(begin).Seconds() / steps
	r.report(Result{
		Name: name, Kernels: set(), Threads: tensor.Workers(), Value: step * 1e6, Unit: "us",
		PeakShare: float64(bytes) / step / readRate(r, bytes),
	})
}

func batches[T tensor.Float](r *runner, label string) {
	const count, rows = 16, 200
	for _, c := range reservoirCases {
		name := "esn/" + label + "/batch16/" + c.name
		if !c.batch || !r.wanted(name) {
			continue
		}
		net, _ := reservoirOf[T](c)
		list := make([]*tensor.Tensor[T], count)
		for i := range list {
			list[i] = tensor.Uniform[T](tensor.NewKey(uint64(i), "u"), 0, 0.5, rows, 1)
		}
		none := func(int, int, *tensor.Tensor[T]) error { return nil }
		r.each(name, "us", time.Microsecond, rows*count, 0, func() { must(0, net.RunBatch(list, none)) })
	}
}

func ridge(r *runner) {
	const rows = 10_000
	for _, n := range []int{300, 1000} {
		name := fmt.Sprintf("esn/f64/ridge/%d", n)
		if !r.wanted(name) {
			continue
		}
		x, y := random[float64]("x", rows, n), random[float64]("y", rows, 1)
		r.duration(name, func() { must(esn.Ridge(x, y, 0, 1e-6, esn.Centred)) })
	}
}

// narmaSeries returns input and target [rows, 1].
func narmaSeries(seed uint64, rows int) (u, y *tensor.Tensor[float64]) {
	u = tensor.Uniform[float64](tensor.NewKey(seed, "u"), 0, 0.5, rows, 1)
	return u, tensor.FromSlice(task.NARMA10.Series(u.Data()), rows, 1)
}

// fitted returns the readout of moments.
func fitted(m *esn.Moments) *esn.Linear {
	return must(m.Ridge(1e-10*m.Scale(esn.Centred), esn.Centred))
}

func narma(r *runner) {
	const name = "esn/f64/narma10/200x10"
	if !r.wanted(name) {
		return
	}
	r.duration(name, func() {
		must(0, esn.ForEach(10, func(seed int) error {
			u, y := narmaSeries(uint64(seed), 5200)
			key := tensor.NewKey(uint64(seed), "bench.narma")
			net := &esn.Reservoir[float64]{Activation: esn.Tanh}
			net.W.Sparse = must(esn.Random[float64](200, 10, key))
			radius := must(esn.SpectralRadius(net.W))
			for i := range net.W.Sparse.Val {
				net.W.Sparse.Val[i] *= 0.9 / radius
			}
			net.Input = tensor.Uniform[float64](key.Sub("input"), -0.015, 0.015, 200, 1)
			net.Bias = tensor.Uniform[float64](key.Sub("bias"), -0.3, 0.3, 200)
			m, predicted := esn.NewMoments(200, 1), tensor.New[float64](2000, 1)
			var readout *esn.Linear
			must(0, net.RunPieces(u, esn.Options[float64]{}, func(first int, x *tensor.Tensor[float64]) error {
				end := first + x.Dim(0)
				if lo, hi := max(first, 200), min(end, 2200); lo < hi {
					must(0, m.Add(x.Slice(0, lo-first, hi-first, 1), y.Slice(0, lo, hi, 1), 0))
					if hi == 2200 {
						readout = fitted(m)
					}
				}
				if lo := max(first, 3200); lo < end {
					tensor.Copy(predicted.Slice(0, lo-3200, end-3200, 1), readout.Predict(x.Slice(0, lo-first, end-first, 1)))
				}
				return nil
			}))
			must(task.Compare(y.Slice(0, 3200, 5200, 1).Contiguous(), predicted))
			return nil
		}))
	})
}

func search(r *runner) {
	const name, n, count, rows = "esn/f64/search/100x100", 100, 100, 3200
	if !r.wanted(name) {
		return
	}
	u, y := narmaSeries(0, rows)
	key := tensor.NewKey(1, "bench.search")
	variants := make([]esn.Variant, count)
	for i := range variants {
		k := uint64(4 * i)
		variants[i] = esn.Variant{Weights: 0.4 + 0.8*key.Float64(k), Input: 0.01 + 0.5*key.Float64(k+1), Bias: 0.1 + 0.4*key.Float64(k+2), Leak: 0.5 + 0.5*key.Float64(k+3)}
	}
	r.duration(name, func() {
		net := &esn.Reservoir[float64]{Activation: esn.Tanh}
		net.W.Sparse = must(esn.Random[float64](n, 10, key))
		radius := must(esn.SpectralRadius(net.W))
		for i := range net.W.Sparse.Val {
			net.W.Sparse.Val[i] /= radius
		}
		net.Input = tensor.Uniform[float64](key.Sub("input"), -1, 1, n, 1)
		net.Bias = tensor.Uniform[float64](key.Sub("bias"), -1, 1, n)
		moments, readouts := make([]*esn.Moments, count), make([]*esn.Linear, count)
		predicted, truth := make([]*tensor.Tensor[float64], count), y.Slice(0, 2200, rows, 1).Contiguous()
		errors := make([]float64, count)
		must(0, net.RunVariants(u, variants, func(i, first int, states *tensor.Tensor[float64]) error {
			if first == 0 {
				moments[i], predicted[i] = esn.NewMoments(n, 1), tensor.New[float64](rows-2200, 1)
			}
			end := first + states.Dim(0)
			if lo, hi := max(first, 200), min(end, 2200); lo < hi {
				must(0, moments[i].Add(states.Slice(0, lo-first, hi-first, 1), y.Slice(0, lo, hi, 1), 0))
				if hi == 2200 {
					readouts[i] = fitted(moments[i])
				}
			}
			if lo := max(first, 2200); lo < end {
				tensor.Copy(predicted[i].Slice(0, lo-2200, end-2200, 1), readouts[i].Predict(states.Slice(0, lo-first, end-first, 1)))
			}
			if end == rows {
				errors[i] = must(task.Compare(truth, predicted[i])).NMSE
				moments[i], readouts[i], predicted[i] = nil, nil, nil
			}
			return nil
		}))
	})
}

func radii(r *runner) {
	for _, c := range reservoirCases {
		name := "esn/f64/radius/" + c.name
		if c.n > 1000 || c.name == "1000xdense" || !r.wanted(name) {
			continue
		}
		net, _ := reservoirOf[float64](c)
		r.duration(name, func() { must(esn.SpectralRadius(net.W)) })
	}
}
