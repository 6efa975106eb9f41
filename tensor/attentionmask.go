package tensor

import "math"

// scoreMask applies an AttentionMask to pieces of the scores [B, H, Lq, Lk].
type scoreMask[T Float] struct {
	add, blocked Tensor[T] // expanded to the scores; no axes: absent
	keys         []T       // [B, Lk] or nil
	lk           int
	causal       bool
}

// newScoreMask checks, in the name of op, that a mask fits scores of the given shape.
func newScoreMask[T Float](op string, mask *AttentionMask[T], shape []int) scoreMask[T] {
	m := scoreMask[T]{lk: shape[3], causal: mask.Causal}
	if mask.Add != nil {
		mask.Add.expandInto(op, &m.add, shape)
	}
	if mask.Blocked != nil {
		mask.Blocked.expandInto(op, &m.blocked, shape)
	}
	if k := mask.KeyBlocked; k != nil {
		if k.ndim != 2 || k.shape[0] != shape[0] || k.shape[1] != m.lk {
			PanicShape(op, "want a mask [B, Lk] of keys", k.Shape(), shape)
		}
		m.keys = k.elements()
	}
	return m
}

// toQuery masks s, the scores of one query of a head of an item with the keys from k0 on.
func (m *scoreMask[T]) toQuery(s []T, item, head, query, k0 int) {
	if a := &m.add; a.ndim > 0 {
		addEvery(s, a.data[a.strides[0]*item+a.strides[1]*head+a.strides[2]*query+a.strides[3]*k0:], a.strides[3])
	}
	if b := &m.blocked; b.ndim > 0 {
		blockEvery(s, b.data[b.strides[0]*item+b.strides[1]*head+b.strides[2]*query+b.strides[3]*k0:], b.strides[3])
	}
	if m.keys != nil {
		blockEvery(s, m.keys[item*m.lk+k0:], 1)
	}
	if m.causal && query+1-k0 < len(s) {
		blockAll(s[max(query+1-k0, 0):])
	}
}

// toKey masks s, the scores of the queries from q0 on with one key.
func (m *scoreMask[T]) toKey(s []T, item, head, q0, key int) {
	if a := &m.add; a.ndim > 0 {
		addEvery(s, a.data[a.strides[0]*item+a.strides[1]*head+a.strides[2]*q0+a.strides[3]*key:], a.strides[2])
	}
	if b := &m.blocked; b.ndim > 0 {
		blockEvery(s, b.data[b.strides[0]*item+b.strides[1]*head+b.strides[2]*q0+b.strides[3]*key:], b.strides[2])
	}
	if m.keys != nil && m.keys[item*m.lk+key] != 0 {
		blockAll(s)
	}
	if m.causal && key > q0 {
		blockAll(s[:min(key-q0, len(s))])
	}
}

// addEvery: s[j] += x[j*stride].
func addEvery[T Float](s, x []T, stride int) {
	for j := range s {
		s[j] += x[j*stride]
	}
}

// blockEvery: s[j] = -Inf where x[j*stride] is not 0.
func blockEvery[T Float](s, x []T, stride int) {
	inf := T(math.Inf(-1))
	for j := range s {
		if x[j*stride] != 0 {
			s[j] = inf
		}
	}
}

func blockAll[T Float](s []T) {
	inf := T(math.Inf(-1))
	for j := range s {
		s[j] = inf
	}
}
