package esn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewQRReadout() })
}

// QRReadout is the ridge regression of RidgeReadout, with a constant that is not penalised, by an
// orthogonal factorisation of the rows themselves in place of a Cholesky factorisation of their
// moments. The condition of the moments is the square of that of the rows, so this keeps twice the
// digits: it can be fitted with penalties below 1e-13, which a closed loop that is to stay near the
// truth for long asks for. It takes two to four times as long.
//
// Rows are taken in blocks; what is kept of them is the triangle R of Q R = [1 X Y], whose rows
// below the first are those of the centred problem (G. Golub and C. Van Loan, Matrix Computations,
// section 5.3; block by block as in section 6.5.3).
type QRReadout struct {
	// Penalty on the squared weights: 1e-14.
	Penalty float64 `json:"penalty"`
	// Absolute takes the penalty as it is; otherwise it is relative as in RidgeReadout.
	Absolute bool `json:"absolute,omitempty"`

	linear  *Linear
	f, m    int
	rows    int
	r       *tensor.Tensor[float64] // [1+F+M, 1+F+M], upper triangle
	waiting []float64               // rows of 1+F+M that are not yet in r
}

// NewQRReadout returns a readout with the default options.
func NewQRReadout() *QRReadout { return &QRReadout{Penalty: 1e-14} }

// Kind is qr.
func (q *QRReadout) Kind() string { return "qr" }

// Begin forgets all rows.
func (q *QRReadout) Begin(features, outputs int) error {
	if !(q.Penalty >= 0) || math.IsInf(q.Penalty, 0) {
		return fmt.Errorf("esn: a qr readout with the penalty %v, expected a finite number of at least 0", q.Penalty)
	}
	w := 1 + float64(features) + float64(outputs)
	// the triangle, as many rows that wait, and both together at work
	if err := memory.Need(fmt.Sprintf("the triangle of %d features and %d outputs", features, outputs), 8*4*w*w); err != nil {
		return err
	}
	q.f, q.m, q.rows, q.waiting = features, outputs, 0, nil
	q.r = tensor.New[float64](q.width(), q.width())
	q.linear = &Linear{Weight: tensor.New[float64](features, outputs), Bias: tensor.New[float64](outputs)}
	return nil
}

// width is the number of columns of [1 X Y].
func (q *QRReadout) width() int { return 1 + q.f + q.m }

// Add takes rows.
func (q *QRReadout) Add(x, y *tensor.Tensor[float64]) error {
	xs, ys := x.Contiguous().Data(), y.Contiguous().Data()
	for t := range x.Dim(0) {
		q.waiting = append(q.waiting, 1)
		q.waiting = append(q.waiting, xs[t*q.f:(t+1)*q.f]...)
		q.waiting = append(q.waiting, ys[t*q.m:(t+1)*q.m]...)
		// As many rows as r has make the factorisation worth its price.
		if len(q.waiting) >= q.r.Len() {
			q.absorb()
		}
	}
	q.rows += x.Dim(0)
	return nil
}

// absorb brings the rows that wait into r.
func (q *QRReadout) absorb() {
	d := q.width()
	if len(q.waiting) == 0 {
		return
	}
	copy(q.r.Data(), triangle(append(q.waiting, q.r.Data()...), d)[:d*d])
	q.waiting = q.waiting[:0]
}

// triangle overwrites a matrix of so many columns, and at least as many rows, with the triangle of
// its QR factorisation, and returns it.
func triangle(a []float64, cols int) []float64 {
	var l lapackgo.Implementation
	rows := len(a) / cols
	tau, query := make([]float64, cols), make([]float64, 1)
	l.Dgeqrf(rows, cols, a, cols, tau, query, -1)
	work := make([]float64, int(query[0]))
	l.Dgeqrf(rows, cols, a, cols, tau, work, len(work))
	for i := range cols {
		clear(a[i*cols : i*cols+i])
	}
	return a
}

// Solve fits the weights to all rows so far.
func (q *QRReadout) Solve() error {
	if q.rows == 0 {
		return fmt.Errorf("esn: no rows to fit a readout to")
	}
	q.absorb()
	d, k := q.width(), q.f+q.m
	r := q.r.Data()
	for _, v := range r {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ErrNotFinite
		}
	}
	// [Rxx Rxy; 0 ...; sqrt(penalty) I 0]: the rows of r below the first, and those of the penalty.
	a := make([]float64, 0, (d+q.f)*k)
	for i := 1; i < d; i++ {
		a = append(a, r[i*d+1:(i+1)*d]...)
	}
	penalty := q.Penalty
	if !q.Absolute {
		penalty *= q.meanSquare()
	}
	if penalty > 0 {
		a = append(a, make([]float64, q.f*k)...)
		for i := range q.f {
			a[(k+i)*k+i] = math.Sqrt(penalty)
		}
		a = triangle(a, k)
	}
	q.solveTriangle(a[:k*k], k)
	for j := range q.m {
		bias := r[1+q.f+j]
		for i := range q.f {
			bias -= r[1+i] * q.linear.Weight.At(i, j)
		}
		q.linear.Bias.Set(bias/r[0], j)
	}
	return nil
}

// meanSquare returns the mean over the features of their sum of squares about the mean.
func (q *QRReadout) meanSquare() float64 {
	sum, d := 0.0, q.width()
	for i := 1; i <= q.f; i++ {
		for _, v := range q.r.Data()[i*d+i : i*d+1+q.f] {
			sum += v * v
		}
	}
	return sum / float64(max(q.f, 1))
}

// solveTriangle sets the weights to the solution of Rxx w = Rxy, or the shortest one where features
// depend on each other.
func (q *QRReadout) solveTriangle(a []float64, k int) {
	w := q.linear.Weight.Data()
	top, least := 0.0, math.Inf(1)
	for i := range q.f {
		copy(w[i*q.m:(i+1)*q.m], a[i*k+q.f:(i+1)*k])
		v := math.Abs(a[i*k+i])
		top, least = max(top, v), min(least, v)
	}
	if least > top*float64(q.f)*0x1p-52 {
		blas64.Trsm(blas.Left, blas.NoTrans, 1, blas64.Triangular{
			Uplo: blas.Upper, Diag: blas.NonUnit, N: q.f, Stride: k, Data: a,
		}, blas64.General{Rows: q.f, Cols: q.m, Stride: q.m, Data: w})
		return
	}
	var svd mat.SVD
	full := mat.NewDense(q.f, q.f, nil)
	for i := range q.f {
		for j := i; j < q.f; j++ {
			full.Set(i, j, a[i*k+j])
		}
	}
	svd.Factorize(full, mat.SVDThin) // of a finite matrix it succeeds
	if rank := svd.Rank(float64(q.f) * 0x1p-52); rank > 0 {
		var s mat.Dense
		svd.SolveTo(&s, mat.NewDense(q.f, q.m, w), rank)
		copy(w, s.RawMatrix().Data)
	} else {
		clear(w)
	}
}

// Predict writes x Weight + Bias.
func (q *QRReadout) Predict(y, x *tensor.Tensor[float64]) { q.linear.predict(y, x) }

// Linear returns the weights.
func (q *QRReadout) Linear() *Linear { return q.linear }

// Arrays returns weight [F, M], bias [M] and the triangle, with which more rows can be added later.
func (q *QRReadout) Arrays() map[string]*tensor.Tensor[float64] {
	if q.linear == nil {
		return nil
	}
	q.absorb()
	return map[string]*tensor.Tensor[float64]{
		"weight": q.linear.Weight, "bias": q.linear.Bias, "r": q.r, "rows": tensor.FromSlice([]float64{float64(q.rows)}, 1),
	}
}

// SetArrays takes what Arrays returned.
func (q *QRReadout) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	if err := arraysOf(q.Kind(), arrays, q.Arrays()); err != nil {
		return err
	}
	rows := arrays["rows"].At(0)
	if !(rows >= 0) || rows > 1<<53 || rows != float64(int(rows)) {
		return fmt.Errorf("esn: a qr readout fitted to %v rows, expected a whole number", rows)
	}
	q.linear = &Linear{Weight: arrays["weight"], Bias: arrays["bias"]}
	q.rows, q.r, q.waiting = int(rows), arrays["r"], nil
	return nil
}
