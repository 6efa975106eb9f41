package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Add computes dst = a + b. In this and the other functions of two tensors a and b are broadcast to
// the shape of dst under NumPy's rules; all three may be strided, and dst may be the same tensor as
// an operand of its shape.
func Add[T Float](dst, a, b *Tensor[T]) { binary("Add", kernel.Add, dst, a, b) }

// Sub computes dst = a - b, as Add.
func Sub[T Float](dst, a, b *Tensor[T]) { binary("Sub", kernel.Sub, dst, a, b) }

// Mul computes dst = a * b, as Add.
func Mul[T Float](dst, a, b *Tensor[T]) { binary("Mul", kernel.Mul, dst, a, b) }

// Div computes dst = a / b, as Add.
func Div[T Float](dst, a, b *Tensor[T]) { binary("Div", kernel.Div, dst, a, b) }

// Pow computes dst = a^b, as Add.
func Pow[T Float](dst, a, b *Tensor[T]) { binary("Pow", kernel.Pow, dst, a, b) }

// Maximum computes the larger of a and b, and NaN where one of them is NaN, as Add.
func Maximum[T Float](dst, a, b *Tensor[T]) { binary("Maximum", kernel.Max, dst, a, b) }

// Minimum computes the smaller of a and b, and NaN where one of them is NaN, as Add.
func Minimum[T Float](dst, a, b *Tensor[T]) { binary("Minimum", kernel.Min, dst, a, b) }

// PowGradBase computes dst = b * a^(b-1), the derivative of Pow with respect to a, and 0 where b is
// 0, as Add.
func PowGradBase[T Float](dst, a, b *Tensor[T]) { binary("PowGradBase", kernel.PowBase, dst, a, b) }

// PowGradExponent computes dst = a^b * ln(a), the derivative of Pow with respect to b, and 0 where
// a is 0 and b is not negative, as Add.
func PowGradExponent[T Float](dst, a, b *Tensor[T]) {
	binary("PowGradExponent", kernel.PowExp, dst, a, b)
}

// MaximumGrad computes dst = 1 where a > b, 1/2 where they are equal and else 0, the derivative of
// Maximum with respect to a, as Add. That of Minimum is MaximumGrad of b and a.
func MaximumGrad[T Float](dst, a, b *Tensor[T]) { binary("MaximumGrad", kernel.Share, dst, a, b) }

func binary[T Float](name string, op kernel.Binary, dst, a, b *Tensor[T]) {
	if d := device.Active(); d != nil {
		deviceBinary(d, name, op, dst, a, b)
		return
	}
	grain := grainArithmetic
	if op >= kernel.Pow && op <= kernel.PowExp {
		grain = grainFunction / 8
	}
	n := dst.Len()
	if dst.IsContiguous() && SameShape(dst, a) && SameShape(dst, b) && a.IsContiguous() && b.IsContiguous() {
		if n <= grain {
			kernel.Of[T]().Binary[op](dst.data[:n], a.data[:n], b.data[:n])
		} else {
			parallel.For(n, grain, flatBinary[T]{op, dst.data, a.data, b.data})
		}
		return
	}
	var ea, eb Tensor[T]
	a.expandInto(name, &ea, dst.Shape())
	b.expandInto(name, &eb, dst.Shape())
	if n > 0 {
		body := stridedBinary[T]{op: op, dst: dst.data, a: a.data, b: b.data}
		body.n.init(dst.Shape(), dst.Strides(), ea.Strides(), eb.Strides(), nil)
		parallel.For(body.n.units, body.n.grain(grain), body)
	}
}

type flatBinary[T Float] struct {
	op        kernel.Binary
	dst, a, b []T
}

func (m *flatBinary[T]) Do(lo, hi int) {
	k := kernel.Of[T]().Binary[m.op]
	for ; lo < hi; lo += block {
		end := min(lo+block, hi)
		k(m.dst[lo:end], m.a[lo:end], m.b[lo:end])
	}
}

type stridedBinary[T Float] struct {
	op        kernel.Binary
	dst, a, b []T
	n         nest
}

func (m *stridedBinary[T]) Do(lo, hi int) {
	k := kernel.Of[T]()
	s := takeStage[T]()
	ds, as, bs := m.n.innerStride(0), m.n.innerStride(1), m.n.innerStride(2)
	for u := lo; u < hi; u++ {
		at, n := m.n.unit(u)
		dst, a, b := m.dst[at[0]:], m.a[at[1]:], m.b[at[2]:]
		out := s.buf[0][:n]
		if ds == 1 {
			out = dst[:n]
		}
		switch {
		case bs == 0:
			k.BinaryVS[m.op](out, contiguous(s.buf[1][:], a, as, n), b[0])
		case as == 0:
			k.BinarySV[m.op](out, a[0], contiguous(s.buf[2][:], b, bs, n))
		default:
			k.Binary[m.op](out, contiguous(s.buf[1][:], a, as, n), contiguous(s.buf[2][:], b, bs, n))
		}
		if ds != 1 {
			scatter(dst, ds, out)
		}
	}
	putStage(s)
}

// MulAdd computes dst += a * b; a and b are broadcast to dst's shape, all may be strided.
func MulAdd[T Float](dst, a, b *Tensor[T]) {
	if d := device.Active(); d != nil {
		deviceMulAdd(d, dst, a, b)
		return
	}
	var ea, eb Tensor[T]
	a.expandInto("MulAdd", &ea, dst.Shape())
	b.expandInto("MulAdd", &eb, dst.Shape())
	if dst.Len() > 0 {
		body := mulAdd[T]{dst: dst.data, a: a.data, b: b.data}
		body.n.init(dst.Shape(), dst.Strides(), ea.Strides(), eb.Strides(), nil)
		parallel.For(body.n.units, body.n.grain(grainArithmetic), body)
	}
}

type mulAdd[T Float] struct {
	dst, a, b []T
	n         nest
}

func (m *mulAdd[T]) Do(lo, hi int) {
	k := kernel.Of[T]()
	s := takeStage[T]()
	ds, as, bs := m.n.innerStride(0), m.n.innerStride(1), m.n.innerStride(2)
	for u := lo; u < hi; u++ {
		at, n := m.n.unit(u)
		dst, a, b := m.dst[at[0]:], m.a[at[1]:], m.b[at[2]:]
		out := contiguous(s.buf[0][:], dst, ds, n)
		switch {
		case bs == 0:
			k.AddScaled(out, contiguous(s.buf[1][:], a, as, n), b[0])
		case as == 0:
			k.AddScaled(out, contiguous(s.buf[2][:], b, bs, n), a[0])
		default:
			k.MulAdd(out, contiguous(s.buf[1][:], a, as, n), contiguous(s.buf[2][:], b, bs, n))
		}
		if ds != 1 {
			scatter(dst, ds, out)
		}
	}
	putStage(s)
}

// AddScaled computes dst += alpha * x; x is broadcast to dst's shape, both may be strided.
func AddScaled[T Float](dst, x *Tensor[T], alpha T) {
	if d := device.Active(); d != nil {
		deviceAddScaled(d, dst, x, alpha)
		return
	}
	var e Tensor[T]
	x.expandInto("AddScaled", &e, dst.Shape())
	if dst.Len() > 0 {
		body := addScaled[T]{dst: dst.data, x: x.data, alpha: alpha}
		body.n.init(dst.Shape(), dst.Strides(), e.Strides(), nil, nil)
		parallel.For(body.n.units, body.n.grain(grainArithmetic), body)
	}
}

type addScaled[T Float] struct {
	dst, x []T
	alpha  T
	n      nest
}

func (m *addScaled[T]) Do(lo, hi int) {
	k := kernel.Of[T]()
	s := takeStage[T]()
	ds, xs := m.n.innerStride(0), m.n.innerStride(1)
	for u := lo; u < hi; u++ {
		at, n := m.n.unit(u)
		dst := m.dst[at[0]:]
		out := contiguous(s.buf[0][:], dst, ds, n)
		k.AddScaled(out, contiguous(s.buf[1][:], m.x[at[1]:], xs, n), m.alpha)
		if ds != 1 {
			scatter(dst, ds, out)
		}
	}
	putStage(s)
}

// Where computes dst = a where cond is not zero, else b. All are broadcast to dst's shape and may
// be strided.
func Where[T Float](dst, cond, a, b *Tensor[T]) {
	if d := device.Active(); d != nil {
		deviceWhere(d, dst, cond, a, b)
		return
	}
	var ec, ea, eb Tensor[T]
	cond.expandInto("Where", &ec, dst.Shape())
	a.expandInto("Where", &ea, dst.Shape())
	b.expandInto("Where", &eb, dst.Shape())
	if dst.Len() > 0 {
		body := where[T]{dst: dst.data, cond: cond.data, a: a.data, b: b.data}
		body.n.init(dst.Shape(), dst.Strides(), ec.Strides(), ea.Strides(), eb.Strides())
		parallel.For(body.n.units, body.n.grain(grainArithmetic), body)
	}
}

type where[T Float] struct {
	dst, cond, a, b []T
	n               nest
}

func (m *where[T]) Do(lo, hi int) {
	k := kernel.Of[T]()
	s := takeStage[T]()
	ds := m.n.innerStride(0)
	for u := lo; u < hi; u++ {
		at, n := m.n.unit(u)
		dst := m.dst[at[0]:]
		out := s.buf[0][:n]
		if ds == 1 {
			out = dst[:n]
		}
		k.Select(out, contiguous(s.buf[1][:], m.cond[at[1]:], m.n.innerStride(1), n),
			contiguous(s.buf[2][:], m.a[at[2]:], m.n.innerStride(2), n), contiguous(s.buf[3][:], m.b[at[3]:], m.n.innerStride(3), n))
		if ds != 1 {
			scatter(dst, ds, out)
		}
	}
	putStage(s)
}
