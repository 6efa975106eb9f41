package autograd_test

import (
	"fmt"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// programs are training steps of fixed shape that exercise the operations on rows, sparse matrices
// and attention: each returns a scalar loss.
func programs() map[string]func(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	type tape = autograd.Tape[float32]
	type variable = autograd.Var[float32]
	k := tensor.NewKey(1, "programs")
	labels := make([]int, 64)
	for i := range labels {
		labels[i] = i % 7
	}
	loss := func(tp *tape, y *variable) *variable {
		return tp.CrossEntropy(y, labels, autograd.CrossEntropyOptions[float32]{LabelSmoothing: 0.1})
	}
	l1, l2 := nn.NewLinear[float32](k, 96, 128, true), nn.NewLinear[float32](k, 128, 7, true)
	ln, bn := nn.NewLayerNorm[float32](128), nn.NewBatchNorm[float32](128)
	rms, gn := nn.NewRMSNorm[float32](128), nn.NewGroupNorm[float32](4, 16)
	encoder := nn.NewTransformerEncoderLayer[float32](k, 24, 4, 48, true)
	head := nn.NewLinear[float32](k, 96, 7, true)
	ptr, col, val := make([]int32, 65), make([]int32, 256), make([]float32, 256)
	for i := range col {
		col[i], val[i] = int32(i*37%64), 0.5
	}
	for i := range ptr {
		ptr[i] = int32(4 * i)
	}
	s := tensor.NewCSR(64, 64, ptr, col, val)
	synapses := autograd.NewParam("synapses", tensor.Full[float32](0.3, 256))
	units := nn.NewGroupedLinear[float32](k, 64, 12, 12, true)
	states := reservoir(40, "tanh")
	states.TrainLeak(true)
	states.Weight.SetRequiresGrad(true)
	read := nn.NewLinear[float32](k, 40, 7, true)
	return map[string]func(tp *tape, x *variable) *variable{
		"mlp": func(tp *tape, x *variable) *variable {
			return loss(tp, l2.Forward(tp, tp.Dropout(tp.ReLU(l1.Forward(tp, x)), 0.1)))
		},
		"norms": func(tp *tape, x *variable) *variable {
			h := rms.Forward(tp, bn.Forward(tp, ln.Forward(tp, l1.Forward(tp, x))))
			h = tp.Reshape(gn.Forward(tp, tp.Reshape(h, 64, 16, 8)), 64, 128)
			return loss(tp, l2.Forward(tp, h))
		},
		"attention": func(tp *tape, x *variable) *variable {
			h := encoder.Forward(tp, tp.Reshape(x, 64, 4, 24))
			return loss(tp, tp.LogSoftmax(head.Forward(tp, tp.Reshape(tp.Softmax(h, -1), 64, 96)), 1))
		},
		"connectome": func(tp *tape, x *variable) *variable {
			h := tp.Reshape(x, 64, 8, 12)
			h = tp.Add(units.Forward(tp, tp.SpMM(s, h, synapses)), tp.SpMMT(s, h, nil))
			return loss(tp, head.Forward(tp, tp.Reshape(h, 64, 96)))
		},
		"echo state": func(tp *tape, x *variable) *variable {
			h := states.Forward(tp, tp.Reshape(x, 64, 32, 3))
			return loss(tp, read.Forward(tp, nn.LastStates(tp, h, nil)))
		},
	}
}

func step(tp *autograd.Tape[float32], input *tensor.Tensor[float32], f func(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32]) (loss float32, grad []float32) {
	tp.Reset()
	tp.SetKey(tensor.NewKey(1, "step"))
	x := tp.Variable(input)
	y := f(tp, x)
	tp.Backward(y)
	return y.Value.Item(), x.Grad().Data()
}

// TestStepsAllocateNothing forces two workers: the measurement sets GOMAXPROCS to 1.
func TestStepsAllocateNothing(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	tensor.SetWorkers(2)
	input := tensor.Uniform[float32](tensor.NewKey(1, "input"), -1, 1, 64, 96)
	for name, f := range programs() {
		tp := autograd.NewTape[float32]()
		for range 3 {
			step(tp, input, f)
		}
		if n := allocs.PerStep(20, func() { step(tp, input, f) }); n != 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

// TestStepsDoNotDependOnWorkers wants the same loss and gradient, bit by bit.
func TestStepsDoNotDependOnWorkers(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	input := tensor.Uniform[float32](tensor.NewKey(1, "input"), -1, 1, 64, 96)
	for name, f := range programs() {
		var loss float32
		var grad []float32
		for _, w := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(w)
			l, g := step(autograd.NewTape[float32](), input, f)
			if w == 1 {
				loss, grad = l, slices.Clone(g)
			}
			if l != loss || !slices.Equal(g, grad) {
				t.Errorf("%s: %d workers give another result", name, w)
			}
		}
	}
}

func ExampleTape_CrossEntropy() {
	tp := autograd.NewTape[float64]()
	logits := tp.Variable(tensor.FromSlice([]float64{2, 0, 0, 0, 3, 0}, 2, 3))
	loss := tp.CrossEntropy(logits, []int{0, 1}, autograd.CrossEntropyOptions[float64]{})
	tp.Backward(loss)
	fmt.Printf("%.4f\n", loss.Value.Item())
	// Output: 0.1672
}

func ExampleTape_ScaledDotProductAttention() {
	tp := autograd.NewTape[float64]()
	q := tp.Input(tensor.FromSlice([]float64{10, 0}, 1, 1, 2))            // one head, one query
	k := tp.Input(tensor.FromSlice([]float64{1, 0, 0, 1}, 1, 2, 2))       // two keys
	v := tp.Input(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 1, 2, 3)) // two values
	y, weights := tp.ScaledDotProductAttention(q, k, v, autograd.AttentionOptions[float64]{})
	fmt.Printf("%.3f %.3f\n", weights.Value.Data(), y.Value.Data())
	// Output: [0.999 0.001] [1.003 2.003 3.003]
}
