package cuda

import (
	"testing"

	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/jointattention"
)

// waiting counts how often the host waits.
type waiting struct {
	*Device
	waits int
}

func (w *waiting) Wait() error {
	w.waits++
	return w.Device.Wait()
}

// rowsOf computes what a layer, its loss and their gradients need of rows, without reading any of
// it: tensors come from draw.
func rowsOf[T tensor.Float](draw func(name string, shape ...int) *tensor.Tensor[T]) (results []*tensor.Tensor[T]) {
	const b, h, l, d = 2, 3, 5, 4
	result := func(name string, shape ...int) *tensor.Tensor[T] {
		results = append(results, draw(name, shape...))
		return results[len(results)-1]
	}
	labels := []int{0, 3, -1, 2}
	x, w, bias := draw("x", 4, 6), draw("w", 6), draw("b", 6)
	y, mean, rstd := result("y", 4, 6), result("mean", 4), result("rstd", 4)
	tensor.LayerNorm(y, x, w, bias, mean, rstd, 0.1)
	tensor.LayerNormGrad(result("dx", 4, 6), result("dw", 6), result("db", 6), y, x, w, mean, rstd)
	tensor.RMSNorm(result("rms", 4, 6), x, w, rstd, 0.1)
	image, channel := draw("image", 2, 6, 3), result("channels", 2, 6, 3)
	tensor.GroupNorm(channel, image, w, bias, result("gm", 2, 3), result("gr", 2, 3), 3, 0.1)
	tensor.BatchNormStats(result("batchMean", 6), result("batchVariance", 6), channel)
	tensor.ClassesLast(result("last", 6, 6), channel)

	soft, lse := result("soft", 4, 6), result("lse", 4)
	tensor.LogSumExp(lse, soft, y, 1)
	tensor.SoftmaxGrad(result("dy", 4, 6), soft, y, 1)
	tensor.LogSumExpGrad(result("dl", 4, 6), lse, soft)
	terms, loss := result("terms", 4), result("loss", 1)
	tensor.CrossEntropy(terms, y, nil, labels, 0.1)
	tensor.ReduceTerms(loss, terms, 0.25)
	tensor.SpreadTerms(terms, loss, 0.25)
	tensor.CrossEntropyGrad(result("dlogits", 4, 6), y, terms, nil, labels, 0.1)
	tensor.PointLoss(tensor.LossFunc{Kind: tensor.LossHuber, A: 1, B: 1}, loss, x, y, nil, nil, 1)
	tensor.PointLossGrad(tensor.LossFunc{Kind: tensor.LossHuber, A: 1, B: 1}, result("dp", 4, 6), nil, loss, x, y, nil, nil, 1)
	tensor.NLLLoss(terms, y, lse, []int{0, 9, -1, 20})
	tensor.NLLLossGrad(result("dn", 4, 6), terms, lse, []int{9, 0, -1, 9})
	tensor.Normalize(result("unit", 4, 6), lse, x, 2, 1, 1e-6)
	tensor.CosineSimilarity(terms, lse, rstd, x, y, 1, 1e-6)

	q, k, v := draw("q", b, h, l, d), draw("k", b, h, l, d), draw("v", b, h, l, d)
	out, sums := result("out", b, h, l, d), result("sums", b, h, l)
	mask := tensor.AttentionMask[T]{Causal: true, Add: draw("mask", l, l)}
	tensor.Attention(out, sums, q, k, v, mask, 0.5)
	tensor.AttentionGrad(tensor.AttentionGrads[T]{Q: result("dq", b, h, l, d), K: result("dk", b, h, l, d), V: result("dv", b, h, l, d)},
		q, out, sums, q, k, v, mask, 0.5)

	a := jointattention.Attention[T]{
		Query: draw("query", b, h*d), Memory: draw("memory", l, b, 6), Heads: h,
		WeightK: draw("wk", h*d, 6), BiasK: draw("bk", h*d), WeightV: draw("wv", h*d, 6), BiasV: draw("bv", h*d),
		Shift: result("shift", b, h), Inverse: result("inverse", b, h), All: true,
	}
	a.Key, a.Value, a.Blocks = draw("key", a.KeyLen()), draw("value", a.KeyLen()), make([]int, a.BlockLen())
	context := result("context", b, h*d)
	a.Forward(context)
	a.Backward(jointattention.Grads[T]{
		Query: result("dquery", b, h*d), Memory: result("dmemory", l, b, 6), WeightK: result("dwk", h*d, 6), WeightV: result("dwv", h*d, 6),
	}, context, context)
	return results
}

// TestRowsWithoutWaiting: operations on rows leave what they read and write where it lies, and do
// not wait for each other.
func TestRowsWithoutWaiting(t *testing.T) {
	want := rowsOf(normal[float64])
	d := open(t, Options{})
	counted := &waiting{Device: d}
	device.Use(counted)
	defer device.Use(d)
	operands := map[string]*tensor.Tensor[float64]{} // made before anything is queued
	rowsOf(func(name string, shape ...int) *tensor.Tensor[float64] {
		x := tensor.NewResident[float64](shape...)
		tensor.Copy(x, normal[float64](name, shape...))
		operands[name] = x
		return x.Clone()
	})
	device.Wait()
	device.Active().TakeTally()
	counted.waits = 0
	got := rowsOf(func(name string, _ ...int) *tensor.Tensor[float64] { return operands[name] })
	if tally := device.Active().TakeTally(); counted.waits > 0 || len(tally.Stayed) > 0 {
		t.Errorf("%d waits, %s", counted.waits, tally)
	}
	for i := range got {
		if err := departs(got[i], want[i], 1e-13); err != nil {
			t.Errorf("result %d: %v", i, err)
		}
	}
}
