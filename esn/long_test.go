package esn_test

import (
	"flag"
	"math"
	"runtime"
	"testing"

	"elegans/esn"
)

// longSteps is the length of TestLongStream: go test ./esn -run LongStream -args -steps 10000000
var longSteps = flag.Int("steps", 2_000_000, "steps of TestLongStream, at least 300,000")

// TestLongStream: a stream that predicts and learns for ever needs no more memory than at the
// beginning, and its numbers stay sound. One object in a thousand steps is too many.
func TestLongStream(t *testing.T) {
	steps := *longSteps
	if testing.Short() {
		t.Skip("millions of steps")
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
	if objects := after.Mallocs - before.Mallocs; objects > uint64(steps)/1000 {
		t.Errorf("%d objects were made in %d steps", objects, steps)
	}
	if after.HeapAlloc > before.HeapAlloc+1<<18 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
	if !(worst < .05) {
		t.Errorf("the last predictions are wrong by up to %v", worst)
	}
}
