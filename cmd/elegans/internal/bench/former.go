package bench

import (
	"fmt"
	"runtime"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/connectome"
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
//	former/f32/elegans/64                the same of an ElegansFormer, whose blocks share one
//	                                     published network
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
	c := transformer.Config{Image: [3]int{3, 32, 32}, Classes: 10, Patch: [2]int{4, 4}, Dim: 192, Depth: 6}
	vit, mixer := c, c
	vit.Heads, vit.ClassToken = 3, true
	mixer.TokenMixer = transformer.TokenMixerMLP
	key := tensor.NewKey(1, "bench")
	imageStep(r, "vit", func() *transformer.Transformer[float32] { return must(transformer.New[float32](key, vit)) })
	imageStep(r, "mixer", func() *transformer.Transformer[float32] { return must(transformer.New[float32](key, mixer)) })
	imageStep(r, "elegans", func() *transformer.Transformer[float32] {
		c := transformer.ElegansConfig{
			Transformer: transformer.Config{Image: c.Image, Classes: c.Classes, Patch: [2]int{8, 8}, Dim: 64, Depth: 2, Heads: 4},
			Place:       transformer.PlaceShared, Family: transformer.FamilyPublished,
		}
		if err := c.Complete(); err != nil {
			panic(err)
		}
		heads, columns := 4, 16
		c.Published.NHeads, c.Published.HeadDim = &heads, &columns
		return must(transformer.NewElegansFormer[float32](key, connectome.Shipped(), c))
	})
}

// imageStep measures a training step of a model.
func imageStep(r *runner, what string, model func() *transformer.Transformer[float32]) {
	const batch = 64
	name := fmt.Sprintf("former/f32/%s/%d", what, batch)
	if !r.wanted(name) {
		return
	}
	m := model()
	x, labels := random[float32]("images", batch, 3, 32, 32), make([]int, batch)
	for i := range labels {
		labels[i] = i % 10
	}
	opt := optim.Adam(nn.Trainable[float32](m), optim.AdamWDefaults())
	tp := autograd.NewTape[float32]()
	r.duration(name, func() {
		tp.Reset()
		opt.ZeroGrad()
		tp.Backward(tp.CrossEntropy(m.Forward(tp, tp.Input(x)), labels, autograd.CrossEntropyOptions[float32]{}))
		opt.Step()
	})
}
