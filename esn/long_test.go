package esn_test

import (
	"math"
	"runtime"
	"testing"

	"elegans/esn"
)

// TestTwoMillionSteps: a stream that predicts and learns for ever needs no more memory than at the
// beginning, and its numbers stay sound. One object in a thousand steps is too many.
func TestTwoMillionSteps(t *testing.T) {
	const steps = 2_000_000
	if testing.Short() {
		t.Skip("two million steps")
	}
	c := esn.Defaults()
	c.Neurons, c.Degree = 20, 5
	n, err := esn.NewNetwork[float64](c, 1, 1, esn.NewLMSReadout())
	check(err)
	s := n.Stream()
	u, target, worst := []float64{0}, []float64{0}, 0.0
	var before, after runtime.MemStats
	for step := range steps {
		if step == 10_000 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
		u[0], target[0] = math.Sin(.3*float64(step)), math.Sin(.3*float64(step+1))
		y, err := s.Step(u)
		check(err)
		if step > steps-200_000 {
			worst = max(worst, math.Abs(y[0]-target[0]))
		}
		check(s.Learn(target))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if objects := after.Mallocs - before.Mallocs; objects > steps/1000 {
		t.Errorf("%d objects were made in %d steps", objects, steps)
	}
	if after.HeapAlloc > before.HeapAlloc+1<<18 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
	if !(worst < .05) {
		t.Errorf("the last predictions are wrong by up to %v", worst)
	}
}
