package cuda

import (
	"math"
	"testing"

	"elegans/tensor"
)

func attentionChecks[T tensor.Float]() (checks []check[T]) {
	inf, nan := T(math.Inf(-1)), T(math.NaN())
	for _, s := range []struct {
		name                    string
		b, h, lq, lk, d, dv     int
		mask                    func(b, h, lq, lk int) tensor.AttentionMask[T]
		forwardOnly, noGradient bool
	}{
		{name: "one query and key", b: 1, h: 1, lq: 1, lk: 1, d: 1, dv: 1},
		{name: "more queries than blocks", b: 1, h: 1, lq: 33000, lk: 2, d: 1, dv: 1},
		{name: "more keys than blocks", b: 1, h: 1, lq: 2, lk: 33000, d: 1, dv: 1},
		{name: "plain", b: 2, h: 3, lq: 5, lk: 7, d: 4, dv: 6},
		{name: "several rounds of keys and queries", b: 1, h: 2, lq: 150, lk: 270, d: 3, dv: 2},
		{name: "more columns than threads", b: 1, h: 1, lq: 3, lk: 4, d: 300, dv: 290},
		{name: "causal", b: 1, h: 2, lq: 140, lk: 135, d: 3, dv: 2, mask: func(b, h, lq, lk int) tensor.AttentionMask[T] {
			return tensor.AttentionMask[T]{Causal: true}
		}},
		{name: "masks", b: 2, h: 2, lq: 6, lk: 5, d: 4, dv: 3, mask: func(b, h, lq, lk int) tensor.AttentionMask[T] {
			m := tensor.AttentionMask[T]{Add: normal[T]("add", h, 1, lk), Blocked: tensor.New[T](lq, lk), KeyBlocked: tensor.New[T](b, lk)}
			for j := range lk {
				m.Blocked.Set(1, 2, j) // query 2 attends to nothing
			}
			m.Blocked.Set(1, 0, 1)
			m.KeyBlocked.Set(1, 1, 3)
			m.Add.Set(inf, 1, 0, 2)
			return m
		}},
		{name: "NaN", b: 1, h: 1, lq: 3, lk: 3, d: 2, dv: 2, forwardOnly: true, mask: func(b, h, lq, lk int) tensor.AttentionMask[T] {
			return tensor.AttentionMask[T]{Add: tensor.FromSlice([]T{0, nan, 0, nan, nan, inf, inf, inf, inf}, 3, 3)}
		}},
		{name: "no keys", b: 1, h: 2, lq: 3, lk: 0, d: 2, dv: 2, noGradient: true},
		{name: "no queries", b: 1, h: 2, lq: 0, lk: 3, d: 2, dv: 2, noGradient: true},
	} {
		kernels := []string{"attention", "attention_weights"}
		if !s.forwardOnly {
			kernels = append(kernels, "attention_grad_queries", "attention_grad_keys")
		}
		if s.noGradient {
			kernels = nil
		}
		checks = append(checks, check[T]{name: s.name, kernels: kernels, run: func() []*tensor.Tensor[T] {
			var mask tensor.AttentionMask[T]
			if s.mask != nil {
				mask = s.mask(s.b, s.h, s.lq, s.lk)
			}
			// Columns of one tensor [B, L, columns], as a layer has them, and keys whose columns
			// lie apart.
			qs := normal[T]("q", s.b, s.lq, s.h*s.d+3)
			q := tensor.HeadsView(qs, 2, s.h, s.d)
			k := normal[T]("k", s.b, s.h, s.d, s.lk).Transpose(2, 3)
			v := normal[T]("v", s.b, s.h, s.lk, s.dv)
			ys := normal[T]("y", s.b, s.lq, s.h*s.dv+1)
			y := tensor.HeadsView(ys, 1, s.h, s.dv)
			lse, w := tensor.New[T](s.b, s.h, s.lq), tensor.New[T](s.b, s.h, s.lq, s.lk)
			tensor.Attention(&y, lse, &q, k, v, mask, 0.7)
			tensor.AttentionWeights(w, &q, k, mask, 0.7)
			if s.forwardOnly {
				return []*tensor.Tensor[T]{ys, lse, w}
			}
			dqs := normal[T]("dq", s.b, s.lq, s.h*s.d+3)
			dq := tensor.HeadsView(dqs, 2, s.h, s.d)
			dk, dv, dy := normal[T]("dk", s.b, s.h, s.lk, s.d), normal[T]("dv", s.b, s.h, s.lk, s.dv), normal[T]("dy", s.b, s.h, s.lq, s.dv)
			tensor.AttentionGrad(tensor.AttentionGrads[T]{Q: &dq, K: dk, V: dv}, dy, &y, lse, &q, k, v, mask, 0.7)
			tensor.AttentionGrad(tensor.AttentionGrads[T]{K: dk}, dy, &y, lse, &q, k, v, mask, 0.7)
			tensor.AttentionGrad(tensor.AttentionGrads[T]{V: dv}, dy, &y, lse, &q, k, v, mask, 0.7)
			return []*tensor.Tensor[T]{ys, lse, w, dqs, dk, dv}
		}})
	}
	return checks
}

func TestAttention(t *testing.T) {
	compare(t, attentionChecks[float32]())
	compare(t, attentionChecks[float64]())
}
