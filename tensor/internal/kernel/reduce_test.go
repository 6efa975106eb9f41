package kernel

import (
	"math"
	"testing"
)

// TestSquares compares the sums of squared differences with plain loops, for lengths 0 to 67.
func TestSquares(t *testing.T) {
	for n := range 68 {
		x, shift, dst := make([]float64, n), make([]float64, n), make([]float64, n+1)
		row, want := 0.0, make([]float64, n+1)
		for i := range n {
			x[i], shift[i], dst[i] = math.Sin(float64(i)), math.Cos(float64(3*i)), float64(i)
			row += (x[i] - 0.25) * (x[i] - 0.25)
			want[i] = float64(i) + (x[i]-shift[i])*(x[i]-shift[i]) + x[i]*x[i]
		}
		dst[n], want[n] = 7, 7 // a guard
		if got := RowSumSquares(x, 0.25); math.Abs(got-row) > 1e-13 {
			t.Errorf("RowSumSquares of %d numbers is %v, want %v", n, got, row)
		}
		AddSquares(dst[:n], x, shift)
		AddSquares(dst[:n], x, nil)
		for i := range want {
			if math.Abs(dst[i]-want[i]) > 1e-13 {
				t.Errorf("AddSquares, length %d: element %d is %v, want %v", n, i, dst[i], want[i])
			}
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		if got := RowSumSquares([]float64{1, 2, bad, 3, 4}, 0); got == got && !math.IsInf(got, 1) {
			t.Errorf("RowSumSquares hides %v: %v", bad, got)
		}
	}
}
