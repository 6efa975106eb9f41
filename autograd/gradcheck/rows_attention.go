package gradcheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

func init() {
	type options = autograd.AttentionOptions[float64]
	two := func(y, w *variable) []*variable { return []*variable{y, w} }
	dot := func(o options) Func {
		return func(tp *tape, in []*variable) []*variable {
			return two(tp.ScaledDotProductAttention(in[0], in[1], in[2], o))
		}
	}
	unweighted := func(o options) Func {
		o.NoWeights = true
		return func(tp *tape, in []*variable) []*variable {
			y, w := tp.ScaledDotProductAttention(in[0], in[1], in[2], o)
			if w != nil {
				panic("weights that nobody asked for")
			}
			return []*variable{y}
		}
	}
	// the last query sees nothing
	blocked := tensor.FromSlice([]float64{0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, 3, 4)
	rows["ScaledDotProductAttention"] = []row{
		{name: "batch of heads", inputs: uniform(-1, 1, []int{2, 2, 3, 4}, []int{2, 2, 5, 4}, []int{2, 2, 5, 3}), f: dot(options{})},
		{name: "causal, scaled", inputs: uniform(-1, 1, []int{2, 3, 4}, []int{2, 3, 4}, []int{2, 3, 4}), f: dot(options{Causal: true, Scale: 0.7})},
		{name: "blocked", inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 4, 2}, []int{2, 4, 2}), f: dot(options{Blocked: blocked})},
		{name: "added mask", inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 4, 2}, []int{2, 4, 2}, []int{3, 4}), f: func(tp *tape, in []*variable) []*variable {
			return two(tp.ScaledDotProductAttention(in[0], in[1], in[2], options{Add: in[3]}))
		}},
		{name: "result only", inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 4, 2}, []int{2, 4, 2}), f: func(tp *tape, in []*variable) []*variable {
			y, _ := tp.ScaledDotProductAttention(in[0], in[1], in[2], options{})
			return []*variable{y}
		}},
		{name: "no weights", inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 4, 2}, []int{2, 4, 2}), f: unweighted(options{Causal: true})},
		{name: "no weights, added mask", inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 4, 2}, []int{2, 4, 2}, []int{3, 4}), f: func(tp *tape, in []*variable) []*variable {
			y, _ := tp.ScaledDotProductAttention(in[0], in[1], in[2], options{Add: in[3], NoWeights: true})
			return []*variable{y}
		}},
		// so long that the weights are not stored
		{name: "no weights, long", inputs: uniform(-1, 1, []int{1, 256, 1}, []int{1, 256, 1}, []int{1, 256, 1}), f: unweighted(options{Causal: true, Scale: 2})},
		{name: "weights only", opts: Options{Constant: []bool{false, false, true}}, inputs: uniform(-1, 1, []int{2, 3, 2}, []int{2, 4, 2}, []int{2, 4, 2}),
			f: func(tp *tape, in []*variable) []*variable {
				_, w := tp.ScaledDotProductAttention(in[0], in[1], in[2], options{})
				return []*variable{w}
			}},
	}
	padding := tensor.FromSlice([]float64{0, 0, 0, 1, 0, 1, 0, 0}, 2, 4)
	rows["MultiHeadAttention"] = []row{
		{name: "padded keys", inputs: uniform(-1, 1, []int{2, 3, 4}, []int{2, 4, 4}, []int{2, 4, 6}), f: func(tp *tape, in []*variable) []*variable {
			return two(tp.MultiHeadAttention(in[0], in[1], in[2], 2, options{KeyBlocked: padding}))
		}},
		{name: "one operand", inputs: uniform(-1, 1, []int{2, 3, 4}), f: func(tp *tape, in []*variable) []*variable {
			return two(tp.MultiHeadAttention(in[0], in[0], in[0], 2, options{}))
		}},
	}
	rows["SelfAttention"] = []row{
		{name: "two heads", inputs: uniform(-1, 1, []int{2, 3, 12}), f: func(tp *tape, in []*variable) []*variable {
			return two(tp.SelfAttention(in[0], 2, options{Causal: true}))
		}},
	}
	rows["Embedding"] = []row{
		{name: "repeated ids", inputs: uniform(-1, 1, []int{5, 3}), f: unary(func(tp *tape, w *variable) *variable {
			return tp.Embedding(w, []int{4, 0, 4, 2}, autograd.NoPadding, 2, 2)
		})},
		{name: "no shape", inputs: uniform(-1, 1, []int{5, 3}), f: unary(func(tp *tape, w *variable) *variable {
			return tp.Embedding(w, []int{4, 0, 2}, autograd.NoPadding)
		})},
	}
	rows["Normalize"] = []row{
		{name: "2-norm", inputs: uniform(0.2, 1, []int{3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.Normalize(x, 2, 1, 1e-12) })},
		{name: "3-norm, first axis", inputs: distinct([]int{3, 4, 2}), f: unary(func(tp *tape, x *variable) *variable { return tp.Normalize(x, 3, 0, 1e-12) })},
		{name: "below eps", inputs: uniform(-1, 1, []int{3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.Normalize(x, 2, 1, 100) })},
	}
	rows["CosineSimilarity"] = []row{
		{name: "last axis", inputs: uniform(-1, 1, []int{3, 4}, []int{3, 4}), f: binary(func(tp *tape, a, b *variable) *variable { return tp.CosineSimilarity(a, b, 1, 1e-8) })},
		{name: "first axis", inputs: uniform(-1, 1, []int{3, 4}, []int{3, 4}), f: binary(func(tp *tape, a, b *variable) *variable { return tp.CosineSimilarity(a, b, 0, 1e-8) })},
		{name: "below eps", inputs: uniform(-1, 1, []int{3, 4}, []int{3, 4}), f: binary(func(tp *tape, a, b *variable) *variable { return tp.CosineSimilarity(a, b, 0, 100) })},
	}
}
