package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
	"elegans/tensor/jointattention"
)

func jointAttentionChecks[T tensor.Float]() (checks []check[T]) {
	for _, s := range []struct{ sources, batch, heads, d, in int }{{1, 1, 1, 1, 1}, {3, 2, 4, 5, 6}, {40, 3, 8, 4, 3}, {2, 1, 1, 140, 2}} {
		for _, beta := range []T{0, 1} {
			checks = append(checks, check[T]{
				name:    fmt.Sprintf("%d sources, %d items, %d heads of %d, beta %v", s.sources, s.batch, s.heads, s.d, beta),
				kernels: []string{"attention", "attention_grad_queries", "attention_grad_keys"},
				tol:     tolerance[T](3e-5, 1e-13), // sums of the gradients of all keys
				run: func() []*tensor.Tensor[T] {
					width := s.heads * s.d
					a := jointattention.Attention[T]{
						Query: normal[T]("query", s.batch, width), Memory: normal[T]("memory", s.sources, s.batch, s.in), Heads: s.heads,
						WeightK: normal[T]("wk", width, s.in), BiasK: normal[T]("bk", width),
						WeightV: normal[T]("wv", width, s.in), BiasV: normal[T]("bv", width),
						Shift: tensor.New[T](s.batch, s.heads), Inverse: tensor.New[T](s.batch, s.heads), All: true,
					}
					a.Key, a.Value, a.Blocks = tensor.New[T](a.KeyLen()), tensor.New[T](a.KeyLen()), make([]int, a.BlockLen())
					context := tensor.New[T](s.batch, width)
					a.Forward(context)
					pairs := s.sources * s.heads
					scores, weights, received := tensor.New[T](s.batch, s.heads, pairs), tensor.New[T](s.batch, s.heads, pairs), tensor.New[T](s.batch, s.sources)
					a.Weights(scores, weights, received)
					results := []*tensor.Tensor[T]{context, a.Shift, a.Inverse, scores, weights, received}
					like := func(name string, x *tensor.Tensor[T]) *tensor.Tensor[T] {
						results = append(results, normal[T](name, x.Shape()...))
						return results[len(results)-1]
					}
					dcontext := normal[T]("dcontext", s.batch, width)
					a.Backward(jointattention.Grads[T]{
						Query: like("dquery", a.Query), Memory: like("dmemory", a.Memory),
						WeightK: like("dwk", a.WeightK), WeightV: like("dwv", a.WeightV), BiasK: like("dbk", a.BiasK), BiasV: like("dbv", a.BiasV),
						BetaQuery: beta, BetaMemory: beta, BetaK: beta, BetaV: beta,
					}, context, dcontext)
					a.Forward(context)
					a.Backward(jointattention.Grads[T]{WeightV: like("dwv", a.WeightV)}, context, dcontext)
					a.Forward(context)
					a.Backward(jointattention.Grads[T]{BiasK: like("dbk", a.BiasK)}, context, dcontext)
					return results
				}})
		}
	}
	return checks
}

func TestJointAttention(t *testing.T) {
	compare(t, jointAttentionChecks[float32]())
	compare(t, jointAttentionChecks[float64]())
}
