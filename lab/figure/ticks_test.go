package figure

import (
	"math"
	"testing"
)

// TestTicks wants a handful of labels on every axis, each at a place within it.
func TestTicks(t *testing.T) {
	for _, span := range []float64{.002, .01, .05, .3, 1} {
		ticks := Percents{}.Ticks(.5-span/2, .5+span/2)
		if len(ticks) < 2 || len(ticks) > 10 {
			t.Errorf("%d ticks on an axis of %v", len(ticks), span)
		}
	}
	for _, epochs := range []float64{1, 2, 20, 1000} {
		if ticks := (Wholes{}).Ticks(1, epochs+.5); len(ticks) < 1 || len(ticks) > 11 {
			t.Errorf("%d ticks for %v epochs", len(ticks), epochs)
		}
	}
	for _, tick := range (Decades{}).Ticks(1e-5, 3) {
		if tick.Value < 1e-5 || tick.Value > 3 || math.IsNaN(tick.Value) {
			t.Errorf("%+v", tick)
		}
	}
}
