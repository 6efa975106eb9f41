package nn_test

import (
	"math"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// lenet is a training step of LeNet-5 (LeCun et al. 1998, with ReLU and max pooling) on images of
// 28 by 28.
type lenet struct {
	tape   *autograd.Tape[float32]
	model  nn.Module[float32]
	params []*autograd.Var[float32]
	opt    *optim.Optimizer[float32]
	images *tensor.Tensor[float32]
	labels []int
}

func newLeNet(batch int) *lenet {
	k := tensor.NewKey(1, "lenet")
	relu := nn.Func[float32]((*autograd.Tape[float32]).ReLU)
	halve := nn.MaxPool2d[float32](tensor.PoolOptions{Kernel: [2]int{2, 2}})
	l := &lenet{
		tape: autograd.NewTape[float32](),
		model: nn.Sequential[float32]{
			nn.NewConv2d[float32](k.Sub("1"), 1, 6, [2]int{5, 5}, true, tensor.ConvOptions{Padding: [2]int{2, 2}}), relu, halve,
			nn.NewConv2d[float32](k.Sub("2"), 6, 16, [2]int{5, 5}, true, tensor.ConvOptions{}), relu, halve,
			nn.Flatten[float32](),
			nn.NewLinear[float32](k.Sub("3"), 400, 120, true), relu,
			nn.NewLinear[float32](k.Sub("4"), 120, 84, true), relu,
			nn.NewLinear[float32](k.Sub("5"), 84, 10, true),
		},
		images: tensor.Normal[float32](k.Sub("images"), 0, 1, batch, 1, 28, 28),
		labels: make([]int, batch),
	}
	for i := range l.labels {
		l.labels[i] = i % 10
	}
	l.params = nn.Trainable(l.model)
	l.opt = optim.Adam(l.params, optim.AdamDefaults())
	return l
}

func (l *lenet) step() float32 {
	l.tape.Reset()
	loss := l.tape.CrossEntropy(l.model.Forward(l.tape, l.tape.Input(l.images)), l.labels, autograd.CrossEntropyOptions[float32]{})
	l.opt.ZeroGrad()
	l.tape.Backward(loss)
	l.opt.Step()
	return loss.Value.Item()
}

// TestLeNet: training reduces the loss, allocates nothing after the first steps, and gives the same
// bits for every number of workers and every repetition.
func TestLeNet(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	var want []float32
	for _, workers := range []int{1, 2, 3, 8} {
		tensor.SetWorkers(workers)
		l := newLeNet(64)
		first := l.step()
		var last float32
		for range 8 {
			last = l.step()
		}
		if !(last < first-0.05) {
			t.Errorf("%d workers: loss %v after 9 steps, %v at first", workers, last, first)
		}
		var got []float32
		for _, p := range l.params {
			got = append(got, p.Value.Data()...)
		}
		if want == nil {
			want = got
		}
		for i, v := range got {
			if math.Float32bits(v) != math.Float32bits(want[i]) {
				t.Fatalf("%d workers: weight %d is %v, with one worker %v", workers, i, v, want[i])
			}
		}
		if workers == 2 {
			if n := allocs.PerStep(10, func() { l.step() }); n != 0 {
				t.Errorf("%v allocations a step", n)
			}
		}
	}
}

func BenchmarkLeNet(b *testing.B) {
	l := newLeNet(128)
	l.step()
	b.ReportAllocs()
	for b.Loop() {
		l.step()
	}
}
