package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// Percents marks an axis of shares.
type Percents struct{}

// Ticks implements plot.Ticker.
func (Percents) Ticks(lo, hi float64) []plot.Tick {
	step := .001
	for _, s := range []float64{.0025, .005, .01, .02, .05, .1, .2} {
		if (hi-lo)/step > 7 {
			step = s
		}
	}
	digits := 0
	if step < .01 {
		digits = 1
	}
	if step == .0025 {
		digits = 2
	}
	var ticks []plot.Tick
	for v := math.Ceil(lo/step-1e-9) * step; v <= hi+1e-9; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.*f %%", digits, 100*v)})
	}
	return ticks
}

// Wholes marks an axis of epochs.
type Wholes struct{}

// Ticks implements plot.Ticker.
func (Wholes) Ticks(lo, hi float64) []plot.Tick {
	step := 1.0
	for _, s := range []float64{2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000} {
		if (hi-lo)/step > 10 {
			step = s
		}
	}
	var ticks []plot.Tick
	for v := math.Ceil(lo/step) * step; v <= hi; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprint(v)})
	}
	return ticks
}

// Decades marks a logarithmic axis at 1, 2 and 5 times the powers of ten.
type Decades struct{}

// Ticks implements plot.Ticker.
func (Decades) Ticks(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(lo)); e <= math.Log10(hi); e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, e); v >= lo && v <= hi {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.3g", v)})
			}
		}
	}
	return ticks
}
