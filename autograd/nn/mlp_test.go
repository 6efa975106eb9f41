package nn_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// trainer is a classifier with everything that a training step of fixed shape needs.
type trainer struct {
	tape   *autograd.Tape[float32]
	model  nn.Module[float32]
	opt    *optim.Optimizer[float32]
	inputs *tensor.Tensor[float32]
	labels []int
}

func newTrainer(model nn.Module[float32], classes int, shape ...int) *trainer {
	t := &trainer{tape: autograd.NewTape[float32](), model: model, inputs: tensor.Normal[float32](tensor.NewKey(1, "inputs"), 0, 1, shape...), labels: make([]int, shape[0])}
	for i := range t.labels {
		t.labels[i] = i % classes
	}
	t.opt = optim.Adam(nn.Trainable(model), optim.AdamDefaults())
	return t
}

func (t *trainer) step() float32 {
	t.tape.Reset()
	loss := t.tape.CrossEntropy(t.model.Forward(t.tape, t.tape.Input(t.inputs)), t.labels, autograd.CrossEntropyOptions[float32]{})
	t.opt.ZeroGrad()
	t.tape.Backward(loss)
	t.opt.Step()
	return loss.Value.Item()
}

// newMLP is the network 784-512-256-10.
func newMLP() nn.Module[float32] {
	k := tensor.NewKey(1, "mlp")
	relu := nn.Func[float32]((*autograd.Tape[float32]).ReLU)
	return nn.Sequential[float32]{
		nn.NewLinear[float32](k.Sub("1"), 784, 512, true), relu,
		nn.NewLinear[float32](k.Sub("2"), 512, 256, true), relu,
		nn.NewLinear[float32](k.Sub("3"), 256, 10, true),
	}
}

// newViT is a small vision transformer on sequences that were cut from images before: L patches of
// p numbers.
func newViT(p, features, heads, depth, classes int) nn.Module[float32] {
	k := tensor.NewKey(1, "vit")
	s := nn.Sequential[float32]{nn.NewLinear[float32](k.Sub("patches"), p, features, true)}
	for i := range depth {
		s = append(s, nn.NewTransformerEncoderLayer[float32](k.Sub("layer", uint64(i)), features, heads, 4*features, true))
	}
	mean := nn.Func[float32](func(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
		return tp.Mean(x, 1)
	})
	return append(s, nn.NewLayerNorm[float32](features), mean, nn.NewLinear[float32](k.Sub("head"), features, classes, true))
}

// TestTraining: the loss falls, nothing is allocated after the first steps, and the losses are the
// same bits for every number of workers.
func TestTraining(t *testing.T) {
	for name, make := range map[string]func() *trainer{
		"mlp": func() *trainer { return newTrainer(newMLP(), 10, 128, 784) },
		"vit": func() *trainer { return newTrainer(newViT(12, 32, 4, 2, 10), 10, 32, 17, 12) },
	} {
		t.Run(name, func(t *testing.T) {
			defer tensor.SetWorkers(tensor.Workers())
			var want []float32
			for _, w := range []int{1, 2, 3, 8} {
				tensor.SetWorkers(w)
				m := make()
				var losses []float32
				for range 8 {
					losses = append(losses, m.step())
				}
				if w == 1 {
					want = losses
				}
				if !slices.Equal(losses, want) {
					t.Errorf("%d workers: losses %v, want %v", w, losses, want)
				}
				if w == 2 {
					if n := allocs.PerStep(5, func() { m.step() }); n != 0 {
						t.Errorf("%v allocations a step", n)
					}
				}
			}
			if !(want[7] < 0.9*want[0]) {
				t.Errorf("losses %v", want)
			}
		})
	}
}

func BenchmarkTraining(b *testing.B) {
	for _, c := range []struct {
		name string
		make func() *trainer
	}{
		{"mlp", func() *trainer { return newTrainer(newMLP(), 10, 128, 784) }},
		{"vit", func() *trainer { return newTrainer(newViT(48, 192, 3, 6, 10), 10, 64, 64, 48) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := c.make()
			m.step()
			m.step()
			b.ReportAllocs()
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				m.step()
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
		})
	}
}

// Training a network takes a model, an optimiser and a tape.
func Example() {
	// The exclusive or of two inputs.
	inputs := tensor.FromSlice([]float64{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	labels := []int{0, 1, 1, 0}

	key := tensor.NewKey(1, "model")
	tanh, _ := nn.Activation[float64]("tanh")
	model := nn.Sequential[float64]{nn.NewLinear[float64](key.Sub("hidden"), 2, 8, true), tanh, nn.NewLinear[float64](key.Sub("head"), 8, 2, true)}
	options := optim.AdamDefaults()
	options.LR = 0.05
	optimizer := optim.Adam(nn.Trainable[float64](model), options)

	tape := autograd.NewTape[float64]()
	for range 200 {
		tape.Reset()
		loss := tape.CrossEntropy(model.Forward(tape, tape.Input(inputs)), labels, autograd.CrossEntropyOptions[float64]{})
		optimizer.ZeroGrad()
		tape.Backward(loss)
		optimizer.Step()
	}
	tape.Reset()
	tape.SetNoGrad(true)
	fmt.Println(tape.Argmax(model.Forward(tape, tape.Input(inputs)), 1))
	// Output: [0 1 1 0]
}
