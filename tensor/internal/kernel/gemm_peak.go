package kernel

import "time"

// PeakGFLOPS measures how many thousand million floating-point operations a second one core does in the named set's multiply-add instructions with
// nothing else to do (two operations each), the best of many short runs. It returns 0 for a set that this processor cannot run.
func PeakGFLOPS[T Float](name string) float64 {
	s := Named[T](name)
	if s == nil {
		return 0
	}
	const rounds = 20000
	best := 0.0
	for range 200 {
		start := time.Now()
		s.Gemm.Peak(rounds)
		if d := time.Since(start); d > 0 {
			best = max(best, float64(rounds*s.Gemm.PeakFLOPs)/float64(d.Nanoseconds()))
		}
	}
	return best
}
