package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
)

// MatMul writes the matrix product a b into dst, under NumPy's rules:
//
//	a [.., m, k], b [.., k, n]  ->  dst [.., m, n]    leading axes broadcast together
//	a [k],        b [.., k, n]  ->  dst [.., n]       a vector on the left is a row
//	a [.., m, k], b [k]         ->  dst [.., m]       a vector on the right is a column
//	a [k],        b [k]         ->  dst []
//
// Any views are taken as they are, without copying; only a dst in which neither rows nor columns
// are adjacent costs a temporary. A sum over k == 0 elements is 0. dst must not overlap a or b.
func MatMul[T Float](dst, a, b *Tensor[T]) { product("MatMul", dst, a, b, 1, 0, nil, OpNone) }

// MatMulAdd adds the product a b, as in MatMul, to dst: the form in which gradients accumulate.
func MatMulAdd[T Float](dst, a, b *Tensor[T]) {
	product("MatMulAdd", dst, a, b, 1, 1, nil, OpNone)
}

// Gemm computes dst = alpha a b + beta dst for the product a b of MatMul. With beta == 0 the old
// content of dst is ignored, even if it is NaN.
func Gemm[T Float](dst, a, b *Tensor[T], alpha, beta T) {
	product("Gemm", dst, a, b, alpha, beta, nil, OpNone)
}

// MatMul returns the product a b of the package function MatMul as a new tensor.
func (a *Tensor[T]) MatMul(b *Tensor[T]) *Tensor[T] {
	var buf [MaxDims + 2]int
	dst := New[T](MatMulShape("MatMul", buf[:0], a.Shape(), b.Shape())...)
	MatMul(dst, a, b)
	return dst
}

// MatMulShape appends to dst the shape of the product of tensors of shapes a and b under the rules
// of MatMul, and panics in the name of op if there is none.
func MatMulShape(op string, dst, a, b []int) []int {
	if len(a) == 0 || len(b) == 0 {
		PanicShape(op, "want at least one axis each", a, b)
	}
	kb := max(len(b)-2, 0) // the axis of b that is summed over
	if a[len(a)-1] != b[kb] {
		PanicShape(op, "inner dimensions differ", a, b)
	}
	dst = BroadcastShape(op, dst, a[:max(len(a)-2, 0)], b[:kb])
	if len(a) > 1 {
		dst = append(dst, a[len(a)-2])
	}
	if len(b) > 1 {
		dst = append(dst, b[len(b)-1])
	}
	return dst
}

// product checks the shapes of dst = act(alpha a b + beta dst + bias), where the bias may be nil,
// and runs it.
func product[T Float](op string, dst, a, b *Tensor[T], alpha, beta T, bias []T, act UnaryOp) {
	checkProduct(op, dst, a, b)
	p := gemm.Product[T]{Alpha: alpha, Beta: beta, Epilogue: gemm.Epilogue[T]{ColBias: bias}}
	describe(&p, dst, a, b)
	mergeRows(&p)
	runProduct(&p, dst, a, b, act)
}

// checkProduct panics in the name of op unless dst has the shape of the product of a and b and each
// of its elements a place of its own.
func checkProduct[T Float](op string, dst, a, b *Tensor[T]) {
	var buf [MaxDims + 2]int
	want := MatMulShape(op, buf[:0], a.Shape(), b.Shape())
	same := len(want) == dst.ndim
	for i := 0; same && i < dst.ndim; i++ {
		same = want[i] == dst.shape[i]
	}
	if !same {
		PanicShape(op, "the destination has another shape than the product", dst.Shape(), a.Shape(), b.Shape())
	}
	for i, d := range dst.Shape() {
		if d > 1 && dst.Len() > 0 && dst.strides[i] == 0 {
			PanicShape(op, "the destination is an expanded view", dst.Shape())
		}
	}
}

// describe fills in the matrices and batch axes of p.
func describe[T Float](p *gemm.Product[T], dst, a, b *Tensor[T]) {
	// Rows and columns; a vector has the missing axis of length 1.
	p.A.Data, p.B.Data, p.C = a.data, b.data, dst.data
	p.M, p.N, p.K = 1, 1, a.shape[a.ndim-1]
	p.A.Col = a.strides[a.ndim-1]
	p.B.Row = b.strides[max(b.ndim-2, 0)]
	if a.ndim > 1 {
		p.M, p.A.Row = a.shape[a.ndim-2], a.strides[a.ndim-2]
	}
	if b.ndim > 1 {
		p.N, p.B.Col = b.shape[b.ndim-1], b.strides[b.ndim-1]
	}
	axes := max(a.ndim, b.ndim, 2) - 2
	p.CRow = 1
	if a.ndim > 1 {
		p.CRow = dst.strides[axes]
	}

	// Batch axes, aligned at their ends.
	batch := &p.Batch
	batch.Axes = axes
	for i := range axes {
		batch.Dims[i], batch.C[i] = dst.shape[i], dst.strides[i]
		if j := i - axes + a.ndim - 2; j >= 0 && a.shape[j] > 1 {
			batch.A[i] = a.strides[j]
		}
		if j := i - axes + b.ndim - 2; j >= 0 && b.shape[j] > 1 {
			batch.B[i] = b.strides[j]
		}
	}
}

// mergeRows turns batch axes that continue the rows of A and C over one B into rows of one taller
// product, as in a layer on [batch, time, features].
func mergeRows[T Float](p *gemm.Product[T]) {
	batch := &p.Batch
	for n := batch.Axes - 1; n >= 0 && batch.B[n] == 0; n-- {
		if p.M == 1 {
			p.A.Row, p.CRow = batch.A[n], batch.C[n]
		} else if batch.A[n] != p.M*p.A.Row || batch.C[n] != p.M*p.CRow {
			return
		}
		p.M *= batch.Dims[n]
		batch.Axes = n
	}
}

// runProduct computes p, the product of a and b, and the activation of the result into dst, whose
// columns need not be adjacent.
func runProduct[T Float](p *gemm.Product[T], dst, a, b *Tensor[T], act UnaryOp) {
	if d := device.Active(); d != nil {
		deviceProduct(d, p, dst, a, b)
		if act != OpNone {
			Map(act, dst, dst, 1, 0)
		}
		return
	}
	p.Epilogue.Act = actFunc[T](act)
	col := 1
	if p.N > 1 {
		col = dst.strides[dst.ndim-1]
	}
	switch {
	case col == 1:
		gemm.Run(*p)
	case p.M == 1 || p.CRow == 1: // the transposed product has adjacent columns
		p.M, p.N = p.N, p.M
		p.A, p.B = gemm.Operand[T]{Data: p.B.Data, Row: p.B.Col, Col: p.B.Row}, gemm.Operand[T]{Data: p.A.Data, Row: p.A.Col, Col: p.A.Row}
		p.Batch.A, p.Batch.B = p.Batch.B, p.Batch.A
		p.Batch.ColBias, p.Batch.RowBias = p.Batch.RowBias, p.Batch.ColBias
		p.Epilogue.ColBias, p.Epilogue.RowBias = p.Epilogue.RowBias, p.Epilogue.ColBias
		p.CRow = col
		gemm.Run(*p)
	default:
		runThroughTemporary(p, dst, col)
	}
}

func runThroughTemporary[T Float](p *gemm.Product[T], dst *Tensor[T], col int) {
	tmp := dst.Clone()
	q := *p
	q.C, q.CRow = tmp.data, p.N
	// The batch axes of the product are leading axes of dst, or were merged into its rows; either
	// way a contiguous copy has them in order.
	stride := p.M * p.N
	for i := q.Batch.Axes - 1; i >= 0; i-- {
		q.Batch.C[i] = stride
		stride *= q.Batch.Dims[i]
	}
	gemm.Run(q)
	Copy(dst, tmp)
}
