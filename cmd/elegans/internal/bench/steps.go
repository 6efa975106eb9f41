package bench

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// steps measures whole training steps: forward, loss, backward and Adam.
func steps(r *runner) {
	for _, s := range []struct {
		name string
		spec zoo.Spec
	}{
		{"step/f32/mlp-784-512-256-10/128", zoo.Spec{Model: "mlp", Config: zoo.MLPConfig{Hidden: []int{512, 256}}}},
		{"step/f32/lenet5-28x28/128", zoo.Spec{Model: "lenet"}},
		{"step/f32/worm-28x28-d32-4/128", zoo.Spec{Model: "worm", Config: zoo.WormConfig{Network: tensornet.Config{Width: 32, Rounds: 4}}}},
	} {
		if !r.wanted(s.name) {
			continue
		}
		s.spec.Input, s.spec.Classes = [3]int{1, 28, 28}, 10
		model, err := zoo.Build[float32](s.spec)
		if err != nil {
			panic(fmt.Sprintf("bench: %s: %v", s.name, err)) // the description stands above
		}
		r.duration(s.name, trainingStep(model))
	}
}

func trainingStep(model nn.Module[float32]) func() {
	x := random[float32]("images", 128, 1, 28, 28)
	labels := make([]int, 128)
	for i := range labels {
		labels[i] = i % 10
	}
	opt := optim.Adam(nn.Trainable(model), optim.AdamDefaults())
	tp := autograd.NewTape[float32]()
	return func() {
		tp.Reset()
		opt.ZeroGrad()
		tp.Backward(tp.CrossEntropy(model.Forward(tp, tp.Input(x)), labels, autograd.CrossEntropyOptions[float32]{}))
		opt.Step()
	}
}

// networks measures the connectome network alone, forward and backward, in counted operations: the
// grouped products of the units and two operations for each synapse and component.
func networks(r *runner) {
	const d, batch, rounds = 64, 128, 4
	for _, c := range []struct {
		name   string
		config tensornet.Config
	}{
		{"sum", tensornet.Config{SynapticWeights: "counts"}},
		{"sum-learned", tensornet.Config{}},
		{"sum-layernorm", tensornet.Config{SynapticWeights: "counts", Norm: "layer"}},
		{"product", tensornet.Config{SynapticWeights: "counts", Combine: "product"}},
	} {
		name := fmt.Sprintf("tensornet/f32/worm-d%d-%d/%d/%s", d, rounds, batch, c.name)
		if !r.wanted(name) {
			continue
		}
		c.config.Width, c.config.Rounds = d, rounds
		net, err := tensornet.New[float32](connectome.Canonical(), c.config, tensor.NewKey(1, "bench"))
		if err != nil {
			panic(fmt.Sprintf("bench: %s: %v", name, err)) // the configuration stands above
		}
		params := nn.Params(net)
		x, tp := random[float32]("x", batch, net.Inputs), autograd.NewTape[float32]()
		var cotangent *tensor.Tensor[float32]
		share[float32](r, name, 3e-9*batch*float64(net.FLOPs()), func() {
			tp.Reset()
			y := net.Forward(tp, tp.Variable(x))
			if cotangent == nil {
				cotangent = random[float32]("cotangent", y.Shape()...)
			}
			tp.Backward(tp.Sum(tp.Mul(y, tp.Input(cotangent))))
			for _, p := range params {
				p.ZeroGrad()
			}
		})
	}
}
