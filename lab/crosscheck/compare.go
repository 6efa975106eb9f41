package crosscheck

import (
	"fmt"
	"math"
	"slices"

	"elegans/tensor"
)

// difference is the result of comparing two tensors.
type difference struct {
	abs, rel float64
	within   bool
	detail   string // where the worst element is, if any is over tolerance
}

// compare compares ours with the reference want, in row-major order, by the rules in the package
// comment. An absent tensor of ours (nil) counts as zeros.
func compare[T tensor.Float](ours []T, want []float64, tol tolerance) difference {
	d := difference{within: true}
	worst := 0.0 // largest excess over what the tolerance allows
	for i, b := range want {
		a := 0.0
		if ours != nil {
			a = float64(ours[i])
		}
		if a == b || math.IsNaN(a) && math.IsNaN(b) {
			continue
		}
		diff := math.Abs(a - b)
		allowed := tol.Atol + tol.Rtol*math.Abs(b)
		if math.IsNaN(diff) || math.IsInf(b, 0) {
			diff, allowed = math.Inf(1), 0 // an infinity or NaN without counterpart
		}
		d.abs = max(d.abs, diff)
		if b != 0 && !math.IsInf(diff, 1) {
			d.rel = max(d.rel, diff/math.Abs(b))
		} else if b != 0 {
			d.rel = math.Inf(1)
		}
		if diff > allowed && diff-allowed > worst {
			worst = diff - allowed
			d.within = false
			d.detail = fmt.Sprintf("element %d is %v, the reference has %v", i, a, b)
		}
	}
	return d
}

// sameForm reports whether a result of shape ours answers to a reference of shape want: they are
// equal, or want is the one element by which a scalar is stored.
func sameForm(ours, want []int) bool {
	return slices.Equal(ours, want) || len(ours) == 0 && slices.Equal(want, []int{1})
}

func wrongShape(ours, want []int) difference {
	return difference{abs: math.Inf(1), rel: math.Inf(1), detail: fmt.Sprintf("shape %v, the reference has %v", ours, want)}
}
