package m2

import (
	"elegans/autograd"
	"elegans/tensor"
)

// mulPowers multiplies each row by a power of the code, as a chain of products x * (.. x * (x *
// e)):
//
//	y[u] = e[u] * x^power[u],   e [units, B, d], x [B, d]  ->  [units, B, d]
//
// The chain is one operation because only its ends are wanted: the published program keeps every
// product of it.
func mulPowers[T tensor.Float](tp *autograd.Tape[T], e, x *autograd.Var[T], power []int) *autograd.Var[T] {
	units, batch, d := e.Value.Dim(0), e.Value.Dim(1), e.Value.Dim(2)
	y := tp.NewResult(autograd.Needs(e, x), units, batch, d)
	tensor.Parallel(batch, powerGrain(units, d), powers[T]{y.Value.Data(), e.Value.Data(), x.Value.Data(), power, batch, d})
	for _, n := range power {
		// the recorded sizes of the published model count them, although they are products element
		// by element
		tp.CountMACs(n * batch * d)
	}
	autograd.Record(tp, mulPowersOp[T]{e, x, y, power})
	return y
}

// powerGrain is the number of images a chunk, at about eight products an element.
func powerGrain(units, d int) int { return chunk/8/max(1, units*d) + 1 }

type powers[T tensor.Float] struct {
	y, e, x  []T
	power    []int
	batch, d int
}

func (b *powers[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		x := b.x[i*b.d:][:b.d]
		for u, n := range b.power {
			at := (u*b.batch + i) * b.d
			y := b.y[at:][:b.d]
			copy(y, b.e[at:])
			mulPower(y, x, n)
		}
	}
}

// mulPower multiplies y by x, element by element, n times: in turns of all elements, which the
// processor overlaps, instead of a chain for each.
func mulPower[T tensor.Float](y, x []T, n int) {
	least := smallestNormal[T]()
	for range n {
		for j, v := range y {
			y[j] = normalOrZero(v*x[j], least)
		}
	}
}

type mulPowersOp[T tensor.Float] struct {
	e, x, y *autograd.Var[T]
	power   []int
}

func (o *mulPowersOp[T]) Backward(tp *autograd.Tape[T]) {
	b := powersGrad[T]{dy: o.y.GradSum().Data(), e: o.e.Value.Data(), x: o.x.Value.Data(), power: o.power, batch: o.x.Value.Dim(0), d: o.x.Value.Dim(1)}
	if o.e.RequiresGrad() {
		b.de = o.e.GradSum().Data()
	}
	if o.x.RequiresGrad() {
		b.dx = o.x.GradSum().Data()
	}
	rows := tp.NewTensor(b.batch, b.d)
	b.row = rows.Data()
	tensor.Parallel(b.batch, powerGrain(len(o.power), b.d), b)
	tp.Free(rows)
}

// powersGrad adds dy x^n to de, and the sum over the units of dy e n x^(n-1) to dx.
type powersGrad[T tensor.Float] struct {
	de, dx, dy, e, x []T
	row              []T // [B, d] scratch
	power            []int
	batch, d         int
}

func (b *powersGrad[T]) Do(lo, hi int) {
	least := smallestNormal[T]()
	for i := lo; i < hi; i++ {
		x, g := b.x[i*b.d:][:b.d], b.row[i*b.d:][:b.d]
		for u, n := range b.power {
			at := (u*b.batch + i) * b.d
			if !alive(b.dy[at:][:b.d]) {
				continue
			}
			copy(g, b.dy[at:])
			if n > 0 {
				mulPower(g, x, n-1)
				if b.dx != nil {
					dx, e := b.dx[i*b.d:][:b.d], b.e[at:][:b.d]
					for j, v := range g {
						dx[j] += normalOrZero(v*e[j]*T(n), least)
					}
				}
				mulPower(g, x, 1)
			}
			if b.de != nil {
				de := b.de[at:][:b.d]
				for j, v := range g {
					de[j] += v
				}
			}
		}
	}
}

// smallestNormal returns the smallest positive number that has all its digits. Powers of the code
// and what is multiplied with them soon fall below it, and a product with such a number takes many
// processors a hundred times as long as another. The units count them as 0, as the published
// program did: its framework tells the processor to.
func smallestNormal[T tensor.Float]() T {
	least := 0x1p-126
	if _, wide := any(T(0)).(float64); wide {
		least = 0x1p-1022
	}
	return T(least)
}

// normalOrZero returns v, or 0 if |v| < least.
func normalOrZero[T tensor.Float](v, least T) T {
	if v < least && v > -least {
		return 0
	}
	return v
}
