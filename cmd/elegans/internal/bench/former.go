package bench

import (
	"fmt"
	"runtime"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/tensor"
	"elegans/transformer"
)

// formers measures transformers, all forward and backward:
//
//	former/memory/attention/1x8x1024x64  memory that attention takes beside its operands:
//	                                     batch, heads, length, columns of a head
//	former/f32/attention/1x8x1024x64     its time
//	former/f32/moe/8x2/4096x192x768      a mixture: experts, chosen, rows, width, hidden units
//	former/f32/vit/64, .../mixer/64      a step with AdamW on 64 images of 32 x 32 pixels
func formers(r *runner) {
	attention(r)
	mixture(r)
	images(r)
}

func attention(r *runner) {
	const heads, l, d = 8, 1024, 64
	for _, batch := range []int{1, 4} {
		shape := fmt.Sprintf("attention/%dx%dx%dx%d", batch, heads, l, d)
		if !r.wanted("former/memory/"+shape) && !r.wanted("former/f32/"+shape) {
			continue
		}
		draw := func(name string) *tensor.Tensor[float32] { return random[float32](name, batch, heads, l, d) }
		q, k, v, dy := draw("q"), draw("k"), draw("v"), []*tensor.Tensor[float32]{draw("dy")}
		tp := autograd.NewTape[float32]()
		step := func() {
			tp.Reset()
			y, _ := tp.ScaledDotProductAttention(tp.Variable(q), tp.Variable(k), tp.Variable(v), autograd.AttentionOptions[float32]{NoWeights: true})
			tp.BackwardFrom([]*autograd.Var[float32]{y}, dy)
		}
		if name := "former/memory/" + shape; r.wanted(name) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			step()
			step()
			runtime.ReadMemStats(&after)
			r.report(Result{Name: name, Kernels: set(), Threads: tensor.Workers(), Value: float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20), Unit: "MiB"})
		}
		r.duration("former/f32/"+shape, step)
	}
}

func mixture(r *runner) {
	const n, k, rows, width, hidden = 8, 2, 4096, 192, 768
	name := fmt.Sprintf("former/f32/moe/%dx%d/%dx%dx%d", n, k, rows, width, hidden)
	if !r.wanted(name) {
		return
	}
	key := tensor.NewKey(1, "bench mixture")
	gelu := must(tensor.ActivationOf("gelu"))
	m := must(transformer.NewMoE[float32](width, k, transformer.NewGroupedFeedForward[float32](key, n, width, hidden, gelu, transformer.GatingNone)))
	tensor.FillNormal(m.WGate.Value, key.Sub("gate"), 0, .05)
	x, dy := random[float32]("x", rows, width), random[float32]("dy", rows, width)
	params := nn.Params[float32](m)
	tp := autograd.NewTape[float32]()
	r.duration(name, func() {
		tp.Reset()
		for _, p := range params {
			p.ZeroGrad()
		}
		y := m.Forward(tp, tp.Variable(x))
		tp.Backward(tp.WithAddedLosses(tp.Sum(tp.Mul(y, tp.Input(dy)))))
	})
}

func images(r *runner) {
	const batch = 64
	c := transformer.Config{Image: [3]int{3, 32, 32}, Classes: 10, Patch: [2]int{4, 4}, Dim: 192, Depth: 6}
	vit, mixer := c, c
	vit.Heads, vit.ClassToken = 3, true
	mixer.TokenMixer = transformer.TokenMixerMLP
	for _, s := range []struct {
		name   string
		config transformer.Config
	}{{"vit", vit}, {"mixer", mixer}} {
		name := fmt.Sprintf("former/f32/%s/%d", s.name, batch)
		if !r.wanted(name) {
			continue
		}
		model := must(transformer.New[float32](tensor.NewKey(1, "bench"), s.config))
		x, labels := random[float32]("images", batch, 3, 32, 32), make([]int, batch)
		for i := range labels {
			labels[i] = i % 10
		}
		opt := optim.Adam(nn.Trainable[float32](model), optim.AdamWDefaults())
		tp := autograd.NewTape[float32]()
		r.duration(name, func() {
			tp.Reset()
			opt.ZeroGrad()
			tp.Backward(tp.CrossEntropy(model.Forward(tp, tp.Input(x)), labels, autograd.CrossEntropyOptions[float32]{}))
			opt.Step()
		})
	}
}
