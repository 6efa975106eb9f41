package kernel

import "time"

// PeakGFLOPS measures how many thousand million floating-point operations a second one core does in
// the named set's multiply-add instructions with nothing else to do (two operations each), the best
// of several samples. It returns 0 for a set that this processor cannot run.
func PeakGFLOPS[T Float](name string) float64 {
	s := Named[T](name)
	if s == nil {
		return 0
	}
	// A sample lasts as long as a product of matrices does: in the first microseconds after lighter
	// work some processors run faster than they can go on.
	const (
		rounds  = 2000 // a single long call could not be interrupted
		samples = 10
		least   = 2 * time.Millisecond
	)
	best := 0.0
	for range samples {
		start, flops, d := time.Now(), 0, time.Duration(0)
		for ; d < least; d = time.Since(start) {
			s.Gemm.Peak(rounds)
			flops += rounds * s.Gemm.PeakFLOPs
		}
		best = max(best, float64(flops)/float64(d.Nanoseconds()))
	}
	return best
}
