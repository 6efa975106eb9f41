package jointattention_test

import (
	"fmt"

	"elegans/tensor"
	"elegans/tensor/jointattention"
)

// Two items look at three sources through four heads. A source of great length takes all the
// attention, to the last bit; the others then receive no gradient.
func Example() {
	const sources, batch, d, heads, width = 3, 2, 8, 4, 8
	draw := func(name string, shape ...int) *tensor.Tensor[float32] {
		return tensor.Uniform[float32](tensor.NewKey(1, name), -1, 1, shape...)
	}
	memory := draw("memory", sources, batch, d)
	long := memory.Slice(0, 0, 1, 1)
	tensor.Map(tensor.OpMulScalar, long, long, 1e6, 0)

	a := jointattention.Attention[float32]{
		Query: draw("query", batch, width), Memory: memory, Heads: heads,
		WeightK: draw("wk", width, d), BiasK: draw("bk", width), WeightV: draw("wv", width, d), BiasV: draw("bv", width),
		Shift: tensor.New[float32](batch, heads), Inverse: tensor.New[float32](batch, heads),
	}
	a.Key, a.Value, a.Blocks = tensor.New[float32](a.KeyLen()), tensor.New[float32](a.KeyLen()), make([]int, a.BlockLen())
	context := tensor.New[float32](batch, width)
	a.Forward(context)

	dcontext, dmemory := tensor.Full[float32](1, batch, width), tensor.New[float32](sources, batch, d)
	a.Backward(jointattention.Grads[float32]{Memory: dmemory}, context, dcontext)
	reached := make([]int, sources)
	tensor.NonzeroGroups(reached, dmemory)
	fmt.Println(context.Shape(), reached)
	// Output: [2 8] [1 0 0]
}
