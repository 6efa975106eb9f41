package powers

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
)

// Mul sets y[u] = e[u] * x^power[u].
func Mul[T tensor.Float](y, e, x *tensor.Tensor[T], power []int) {
	rows, d := check("powers.Mul", e, x, power)
	if !tensor.SameShape(y, e) {
		tensor.PanicShape("powers.Mul", "result and factor differ", y.Shape(), e.Shape())
	}
	if on := device.Active(); on != nil {
		deviceMul(on, y, e, x, power)
		return
	}
	tensor.Parallel(rows, grain(len(power), d), mul[T]{y.Data(), e.Data(), x.Data(), power, rows, d})
}

// MulGrad adds dy x^power to de, and the sum over the units of dy e power x^(power-1) to dx. de or
// dx is nil where the gradient is not wanted. row [rows, d] is memory to compute in.
func MulGrad[T tensor.Float](de, dx, dy, e, x *tensor.Tensor[T], power []int, row *tensor.Tensor[T]) {
	rows, d := check("powers.MulGrad", e, x, power)
	if dy.Len() != e.Len() || row.Len() != x.Len() || de != nil && de.Len() != e.Len() || dx != nil && dx.Len() != x.Len() {
		tensor.PanicShape("powers.MulGrad", "gradients must be like their values", dy.Shape(), e.Shape(), row.Shape(), x.Shape())
	}
	if on := device.Active(); on != nil {
		deviceMulGrad(on, de, dx, dy, e, x, power)
		return
	}
	b := mulGrad[T]{dy: dy.Data(), e: e.Data(), x: x.Data(), row: row.Data(), power: power, rows: rows, d: d}
	if de != nil {
		b.de = de.Data()
	}
	if dx != nil {
		b.dx = dx.Data()
	}
	tensor.Parallel(rows, grain(len(power), d), b)
}

func check[T tensor.Float](op string, e, x *tensor.Tensor[T], power []int) (rows, d int) {
	if e.Dims() != 3 || x.Dims() != 2 || e.Dim(0) != len(power) || e.Dim(1) != x.Dim(0) || e.Dim(2) != x.Dim(1) {
		tensor.PanicShape(op, "want [units, rows, d] and [rows, d], and a power for each unit", e.Shape(), x.Shape(), []int{len(power)})
	}
	return x.Dim(0), x.Dim(1)
}

// grain is the number of rows in a chunk, at about eight products an element.
func grain(units, d int) int { return (1<<15)/8/max(1, units*d) + 1 }

type mul[T tensor.Float] struct {
	y, e, x []T
	power   []int
	rows, d int
}

func (b *mul[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		x := b.x[r*b.d:][:b.d]
		for u, n := range b.power {
			at := (u*b.rows + r) * b.d
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

type mulGrad[T tensor.Float] struct {
	de, dx, dy, e, x []T
	row              []T
	power            []int
	rows, d          int
}

func (b *mulGrad[T]) Do(lo, hi int) {
	least := smallestNormal[T]()
	for r := lo; r < hi; r++ {
		x, g := b.x[r*b.d:][:b.d], b.row[r*b.d:][:b.d]
		for u, n := range b.power {
			at := (u*b.rows + r) * b.d
			if isZero(b.dy[at:][:b.d]) {
				continue
			}
			copy(g, b.dy[at:])
			if n > 0 {
				mulPower(g, x, n-1)
				if b.dx != nil {
					dx, e := b.dx[r*b.d:][:b.d], b.e[at:][:b.d]
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

// isZero reports whether all elements are 0.
func isZero[T tensor.Float](x []T) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// smallestNormal returns the smallest positive number that has all its digits.
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
