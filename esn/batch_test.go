package esn

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"elegans/tensor"
)

// collect returns a Visit that keeps all states, and what it has kept; pieces must follow.
func collect(t *testing.T, n, steps int, length func(i int) int) (Visit[float64], []*tensor.Tensor[float64]) {
	list, next := make([]*tensor.Tensor[float64], n), make([]int, n)
	for i := range list {
		list[i] = tensor.New[float64](length(i), steps)
	}
	var mu sync.Mutex
	return func(i, first int, states *tensor.Tensor[float64]) error {
		mu.Lock()
		defer mu.Unlock()
		if first != next[i] {
			t.Errorf("sequence %d: a piece from step %d, expected from %d", i, first, next[i])
		}
		next[i] += states.Dim(0)
		tensor.Copy(list[i].Slice(0, first, next[i], 1), states)
		return nil
	}, list
}

func sameStates(t *testing.T, what string, got, want *tensor.Tensor[float64]) {
	t.Helper()
	if !tensor.SameShape(got, want) {
		t.Fatalf("%s: states %v, want %v", what, got.Shape(), want.Shape())
	}
	for i, v := range want.Data() {
		if d := math.Abs(got.Data()[i] - v); !(d <= 1e-13) {
			t.Fatalf("%s: state %d is %v, want %v", what, i, got.Data()[i], v)
		}
	}
}

// batchReservoirs returns reservoirs of every form.
func batchReservoirs(t *testing.T, n int) map[string]*Reservoir[float64] {
	key := tensor.NewKey(1, "batch")
	m, err := Random[float64](n, min(n, 7), key)
	if err != nil {
		t.Fatal(err)
	}
	tensor.Scale(tensor.FromSlice(m.Val, len(m.Val)), tensor.FromSlice(m.Val, len(m.Val)), 0.3)
	in, bias := tensor.Uniform[float64](key.Sub("in"), -1, 1, n, 2), tensor.Uniform[float64](key.Sub("bias"), -1, 1, n)
	return map[string]*Reservoir[float64]{
		"sparse": {W: Weights[float64]{Sparse: m}, Input: in, Bias: bias, Activation: Tanh, Leak: tensor.Full[float64](0.4, 1)},
		"dense":  {W: Weights[float64]{Dense: m.Dense()}, Input: in, Activation: Tanh},
		"leaks":  {W: Weights[float64]{Sparse: m}, Input: in, Bias: bias, Activation: tensor.OpSigmoid, Leak: tensor.Uniform[float64](key, 0.1, 1, n)},
	}
}

func TestRunBatch(t *testing.T) {
	for _, n := range []int{1, 5, 33, 200} {
		for name, r := range batchReservoirs(t, n) {
			for _, count := range []int{0, 1, 16, 37} {
				what := fmt.Sprintf("%d neurons, %s, %d sequences", n, name, count)
				list := make([]*tensor.Tensor[float64], count)
				for i := range list {
					list[i] = tensor.Normal[float64](tensor.NewKey(uint64(i), "u"), 0, 1, i*29%600, 2)
				}
				length := func(i int) int { return list[i].Dim(0) }
				var first []*tensor.Tensor[float64]
				for _, workers := range []int{1, 2, 3, 8} {
					old := tensor.Workers()
					tensor.SetWorkers(workers)
					visit, got := collect(t, count, n, length)
					err := r.RunBatch(list, visit)
					tensor.SetWorkers(old)
					if err != nil {
						t.Fatal(err)
					}
					for i, u := range list {
						if first != nil {
							for j, v := range first[i].Data() {
								if got[i].Data()[j] != v {
									t.Fatalf("%s: %d goroutines change a state", what, workers)
								}
							}
							continue
						}
						want, err := r.Run(u, Options[float64]{})
						if err != nil {
							t.Fatal(err)
						}
						sameStates(t, fmt.Sprintf("%s, %d", what, i), got[i], want)
					}
					first = got
				}
			}
		}
	}
}

func TestRunVariants(t *testing.T) {
	for name, r := range batchReservoirs(t, 33) {
		u := tensor.Normal[float64](tensor.NewKey(1, "u"), 0, 1, 100, 2)
		key := tensor.NewKey(1, "variants")
		variants := make([]Variant, 20)
		for i := range variants {
			k := uint64(4 * i)
			variants[i] = Variant{Weights: 2 * key.Float64(k), Input: key.Float64(k + 1), Bias: key.Float64(k + 2), Leak: key.Float64(k + 3)}
		}
		// One in each of the panels that share the reservoir.
		variants[3].Leak, variants[17].Leak = 0, 0
		visit, got := collect(t, len(variants), 33, func(int) int { return 100 })
		if err := r.RunVariants(u, variants, visit); err != nil {
			t.Fatal(err)
		}
		scaled := func(x *tensor.Tensor[float64], by float64) *tensor.Tensor[float64] {
			if x == nil {
				return nil
			}
			y := x.Clone()
			tensor.Scale(y, x, by)
			return y
		}
		for i, v := range variants {
			dense := r.W.Dense
			if dense == nil {
				dense = r.W.Sparse.Dense()
			}
			one := *r
			one.W = Weights[float64]{Dense: scaled(dense, v.Weights)}
			one.Input, one.Bias = scaled(r.Input, v.Input), scaled(r.Bias, v.Bias)
			if v.Leak != 0 {
				one.Leak = tensor.Full(v.Leak, 1)
			}
			want, err := one.Run(u, Options[float64]{})
			if err != nil {
				t.Fatal(err)
			}
			sameStates(t, fmt.Sprint(name, ", variant ", i), got[i], want)
		}
	}
}

func TestRunBatchErrors(t *testing.T) {
	r := batchReservoirs(t, 5)["sparse"]
	nan := tensor.Full(math.NaN(), 3, 2)
	never := func(int, int, *tensor.Tensor[float64]) error { t.Error("states of what is refused"); return nil }
	if err := r.RunBatch([]*tensor.Tensor[float64]{tensor.New[float64](2, 2), nan}, never); err == nil {
		t.Error("an input that is not a number passes")
	}
	if err := r.RunVariants(tensor.New[float64](3, 2), []Variant{{Leak: 1.5}}, never); err == nil {
		t.Error("a leak of 1.5 passes")
	}
	stop := errors.New("stop")
	err := r.RunBatch([]*tensor.Tensor[float64]{tensor.New[float64](3, 2)}, func(int, int, *tensor.Tensor[float64]) error { return stop })
	if err != stop {
		t.Errorf("the error of a visit becomes %v", err)
	}
	if err := ForEach(100, func(i int) error {
		if i == 7 {
			return stop
		}
		return nil
	}); err != stop {
		t.Errorf("the error of a call becomes %v", err)
	}
}

// TestRunPieces compares the pieces with Run, for sequences that end with few rows, with noise,
// feedback and a start.
func TestRunPieces(t *testing.T) {
	const n, inputs, outputs = 2048, 40, 3 // pieces of 32 rows
	key := tensor.NewKey(1, "pieces")
	m, err := Random[float64](n, 5, key)
	if err != nil {
		t.Fatal(err)
	}
	bias, feedback := tensor.Normal[float64](key.Sub("bias"), 0, 1, n), tensor.Normal[float64](key.Sub("feedback"), 0, .1, n, outputs)
	for name, r := range map[string]*Reservoir[float64]{
		"no input": {W: Weights[float64]{Sparse: m}, Bias: bias, Activation: Tanh},
		"plain":    {W: Weights[float64]{Sparse: m}, Input: tensor.Normal[float64](key.Sub("in"), 0, .1, n, inputs), Activation: Tanh},
		"feedback": {W: Weights[float64]{Sparse: m}, Input: tensor.Normal[float64](key.Sub("in"), 0, .1, inputs, n).T(), Bias: bias, Feedback: feedback, Activation: Tanh},
	} {
		for _, steps := range []int{0, 1, 31, 32, 63, 64, 65, 100} {
			u := tensor.Normal[float64](key.Sub("u"), 0, 1, steps, inputs)
			all := []Options[float64]{{}, {Start: bias, Noise: tensor.Normal[float64](key.Sub("noise"), 0, .1, steps, n)}}
			if r.Feedback != nil {
				fed := tensor.Normal[float64](key.Sub("fed"), 0, 1, steps, outputs)
				all = append(all, Options[float64]{Feedback: fed}, Options[float64]{Feedback: fed, FirstFeedback: tensor.Full[float64](1, outputs)})
			}
			for i, o := range all {
				want, err := r.Run(u, o)
				if err != nil {
					t.Fatal(err)
				}
				next := 0
				err = r.RunPieces(u, o, func(first int, states *tensor.Tensor[float64]) error {
					if first != next {
						t.Fatalf("a piece from step %d, expected from %d", first, next)
					}
					next += states.Dim(0)
					for k, v := range states.Data() {
						if w := want.Data()[first*n+k]; v != w {
							t.Fatalf("%s, options %d, %d steps: step %d, neuron %d is %v, want %v", name, i, steps, first+k/n, k%n, v, w)
						}
					}
					return nil
				})
				if err != nil || next != steps {
					t.Fatalf("%s, options %d: %d of %d steps, %v", name, i, next, steps, err)
				}
			}
			stop := errors.New("stop")
			if err := r.RunPieces(u, Options[float64]{}, func(int, *tensor.Tensor[float64]) error { return stop }); steps > 0 && err != stop {
				t.Fatalf("error %v, want that of the visit", err)
			}
		}
	}
}
