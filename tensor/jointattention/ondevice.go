package jointattention

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
)

// sizes are those of an ordinary attention in which the heads of an item are its queries, and its
// keys all pairs of a source and a head: the keys of a source follow each other.
func (a *Attention[T]) sizes() device.AttentionSizes {
	sources, batch, width := a.Memory.Dim(0), a.Memory.Dim(1), a.Query.Dim(1)
	d := width / a.Heads
	queries := device.AttentionPlaces{Item: width, Row: d, Column: 1}
	keys := device.AttentionPlaces{Item: width, Row: batch * width, Inner: d, Column: 1}
	return device.AttentionSizes{
		Items: batch, Heads: 1, Queries: a.Heads, Keys: sources * a.Heads, Group: a.Heads, D: d, DV: d,
		Y: queries, Q: queries, K: keys, V: keys, GradQ: queries, GradK: keys, GradV: keys, GradY: queries,
	}
}

// keysOf returns what is filled of Key or Value, [sources, B, heads*D].
func (a *Attention[T]) keysOf(x *tensor.Tensor[T]) (filled tensor.Tensor[T]) {
	sources, batch, width := a.Memory.Dim(0), a.Memory.Dim(1), a.Query.Dim(1)
	filled.Rebind(tensor.Operand(x)[:sources*batch*width], sources, batch, width)
	return filled
}

// forwardOnDevice computes every block.
func (a *Attention[T]) forwardOnDevice(d *device.Device, context *tensor.Tensor[T]) {
	key, value := a.keysOf(a.Key), a.keysOf(a.Value)
	tensor.LinearAct(&key, a.Memory, a.WeightK, a.BiasK, tensor.OpNone)
	tensor.LinearAct(&value, a.Memory, a.WeightV, a.BiasV, tensor.OpNone)
	for i := range a.Blocks {
		a.Blocks[i] = blockAttended
	}
	s := a.sizes()
	none := device.In[T](nil)
	device.Launch[T](d, "attention", "attention", s.Size(s.Items*s.Queries, s.Keys),
		device.Out(tensor.Operand(context)), device.Out(tensor.Operand(a.Shift)), device.Out(tensor.Operand(a.Inverse)),
		device.In(tensor.Operand(a.Query)), device.In(tensor.Operand(&key)), device.In(tensor.Operand(&value)), none, none, none,
		device.In(s.Numbers()), device.Num(scaleOf[T](s.D)))
}

// backwardOnDevice leaves Key and Value as they are.
func (a *Attention[T]) backwardOnDevice(d *device.Device, grads Grads[T], context, dcontext *tensor.Tensor[T]) {
	key, value := a.keysOf(a.Key), a.keysOf(a.Value)
	s := a.sizes()
	none := device.In[T](nil)
	launch := func(name string, rows, others int, beta T, results ...device.Arg) {
		device.Launch[T](d, "attention", name, s.Size(rows, others), append(results,
			device.In(tensor.Operand(dcontext)), device.In(tensor.Operand(context)), device.In(tensor.Operand(a.Shift)), device.In(tensor.Operand(a.Inverse)),
			device.In(tensor.Operand(a.Query)), device.In(tensor.Operand(&key)), device.In(tensor.Operand(&value)), none, none, none,
			device.In(s.Numbers()), device.Num(scaleOf[T](s.D)), device.Num(beta))...)
	}
	if grads.Query != nil {
		launch("attention_grad_queries", s.Items*s.Queries, s.Keys, grads.BetaQuery, device.InOut(tensor.Operand(grads.Query)))
	}
	wantK := grads.Memory != nil || grads.WeightK != nil || grads.BiasK != nil
	wantV := grads.Memory != nil || grads.WeightV != nil || grads.BiasV != nil
	if !wantK && !wantV {
		return
	}
	rows, in := a.Memory.Dim(0)*a.Memory.Dim(1), a.Memory.Dim(2)
	var dkey, dvalue, memory tensor.Tensor[T]
	memory.Rebind(tensor.Operand(a.Memory), rows, in)
	scratch := func(x *tensor.Tensor[T], wanted bool) (of device.Scratch[T]) {
		if wanted {
			of = device.Borrow[T](d, key.Len())
			x.Rebind(of.Data, rows, a.Query.Dim(1))
		}
		return of
	}
	ofKey, ofValue := scratch(&dkey, wantK), scratch(&dvalue, wantV)
	defer ofKey.Release()
	defer ofValue.Release()
	launch("attention_grad_keys", s.Items*s.Keys, s.Queries, 0, device.Out(ofKey.Data), device.Out(ofValue.Data))
	if grads.BiasK != nil {
		tensor.SumRows(grads.BiasK, &dkey)
	}
	if grads.BiasV != nil {
		tensor.SumRows(grads.BiasV, &dvalue)
	}
	if grads.WeightK != nil {
		tensor.Gemm(grads.WeightK, dkey.T(), &memory, 1, grads.BetaK)
	}
	if grads.WeightV != nil {
		tensor.Gemm(grads.WeightV, dvalue.T(), &memory, 1, grads.BetaV)
	}
	if grads.Memory != nil {
		var dm tensor.Tensor[T]
		dm.Rebind(tensor.Operand(grads.Memory), rows, in)
		tensor.Gemm(&dm, &dvalue, a.WeightV, 1, grads.BetaMemory)
		tensor.Gemm(&dm, &dkey, a.WeightK, 1, 1)
	}
}
