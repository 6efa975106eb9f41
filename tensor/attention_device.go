package tensor

import "elegans/tensor/internal/device"

// attentionPlaces are those of the rows of t [B, H, L, D].
func attentionPlaces[T Float](t *Tensor[T]) device.AttentionPlaces {
	return device.AttentionPlaces{Item: t.strides[0], Head: t.strides[1], Row: t.strides[2], Column: t.strides[3]}
}

// maskOperands returns the operands of a mask: what is added, what is blocked, and the blocked
// keys.
func maskOperands[T Float](m *scoreMask[T], s *device.AttentionSizes) (add, blocked, keys device.Arg) {
	s.Causal = m.causal
	span := func(t *Tensor[T], strides *[4]int) device.Arg {
		if t.ndim == 0 {
			return device.In[T](nil)
		}
		copy(strides[:], t.Strides())
		return device.In(t.span())
	}
	return span(&m.add, &s.Add), span(&m.blocked, &s.Blocked), device.In(m.keys)
}

func (a *tiledAttention[T]) sizes(y *Tensor[T]) device.AttentionSizes {
	return device.AttentionSizes{
		Items: a.items, Heads: a.heads, Queries: a.lq, Keys: a.lk, Group: 1, D: a.d, DV: a.dv,
		Y: attentionPlaces(y), Q: attentionPlaces(&a.q), K: attentionPlaces(&a.k), V: attentionPlaces(&a.v),
	}
}

func deviceAttention[T Float](d *device.Device, a *attentionForward[T]) {
	s := a.sizes(&a.y)
	add, blocked, keys := maskOperands(&a.mask, &s)
	device.Launch[T](d, "attention", "attention", s.Size(a.items*a.heads*a.lq, a.lk),
		device.InOut(a.y.span()), device.Out(a.lse), device.Out[T](nil), device.In(a.q.span()), device.In(a.k.span()), device.In(a.v.span()),
		add, blocked, keys, device.In(s.Numbers()), device.Num(a.scale))
}

func deviceAttentionGrad[T Float](d *device.Device, a *attentionBackward[T]) {
	s := a.sizes(&a.y)
	add, blocked, keys := maskOperands(&a.mask, &s)
	places := func(t *Tensor[T]) (device.AttentionPlaces, []T) {
		if t.ndim == 0 {
			return device.AttentionPlaces{}, nil
		}
		return attentionPlaces(t), t.span()
	}
	var dq, dk, dv []T
	s.GradQ, dq = places(&a.dq)
	s.GradK, dk = places(&a.dk)
	s.GradV, dv = places(&a.dvalue)
	s.GradY = attentionPlaces(&a.dy)
	numbers := s.Numbers()
	operands := []device.Arg{
		device.In(a.dy.span()), device.In(a.y.span()), device.In(a.lse), device.In[T](nil),
		device.In(a.q.span()), device.In(a.k.span()), device.In(a.v.span()), add, blocked, keys,
		device.In(numbers), device.Num(a.scale), device.Num(T(1)),
	}
	if dq != nil {
		device.Launch[T](d, "attention", "attention_grad_queries", s.Size(a.items*a.heads*a.lq, a.lk),
			append([]device.Arg{device.InOut(dq)}, operands...)...)
	}
	if dk != nil || dv != nil {
		device.Launch[T](d, "attention", "attention_grad_keys", s.Size(a.items*a.heads*a.lk, a.lq),
			append([]device.Arg{device.InOut(dk), device.InOut(dv)}, operands...)...)
	}
}

// deviceAttentionWeights turns the scores w [B, H, Lq, Lk] into weights.
func deviceAttentionWeights[T Float](d *device.Device, w *Tensor[T], mask *scoreMask[T]) {
	s := device.AttentionSizes{Items: w.shape[0], Heads: w.shape[1], Queries: w.shape[2], Keys: w.shape[3], Group: 1}
	add, blocked, keys := maskOperands(mask, &s)
	device.Launch[T](d, "attention", "attention_weights", device.Lines(s.Items*s.Heads*s.Queries, s.Keys, 1),
		device.InOut(w.elements()), add, blocked, keys, device.In(s.Numbers()))
}
