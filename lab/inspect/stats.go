package inspect

import (
	"encoding/json"
	"math"

	"elegans/tensor"
)

// Number is a statistic; in JSON, where NaN and infinities do not exist, it is then null.
type Number float64

// MarshalJSON writes a number, or null if it is not finite.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// Stats describe the elements of a tensor.
type Stats struct {
	Mean      Number `json:"mean"` // of the finite elements, as are the next two
	Std       Number `json:"std"`
	AbsMax    Number `json:"abs_max"`
	Zeros     Number `json:"zeros"`                // share of elements that are exactly 0
	NonFinite int    `json:"non_finite,omitempty"` // elements that are NaN or infinite
}

// statsOf returns the statistics of v. The deviation is that of the elements themselves (divided by
// their number).
func statsOf[T tensor.Float](v []T) Stats {
	var s Stats
	sum, zeros, largest := 0.0, 0, 0.0
	for _, x := range v {
		f := float64(x)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			s.NonFinite++
			continue
		}
		if f == 0 {
			zeros++
		}
		sum += f
		largest = max(largest, math.Abs(f))
	}
	finite := float64(len(v) - s.NonFinite)
	mean := sum / finite
	squares := 0.0
	for _, x := range v {
		if f := float64(x); !math.IsNaN(f) && !math.IsInf(f, 0) {
			squares += (f - mean) * (f - mean)
		}
	}
	s.Mean, s.Std, s.AbsMax, s.Zeros = Number(mean), Number(math.Sqrt(squares/finite)), Number(largest), Number(float64(zeros)/float64(len(v)))
	return s
}

// norm returns the Euclidean norm of all elements. Squares of float32 cannot overflow here.
func norm[T tensor.Float](vs ...[]T) float64 {
	sum := 0.0
	for _, v := range vs {
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
	}
	return math.Sqrt(sum)
}
