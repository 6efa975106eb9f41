package stats_test

import (
	"fmt"

	"elegans/lab/stats"
)

// The accuracies of five runs of one network.
func ExampleNewEstimate() {
	e := stats.NewEstimate([]float64{.951, .948, .957, .962, .949})
	fmt.Printf("%.2f %% ± %s\n", 100*e.Mean, e.HalfText(100, 2))
	// Output: 95.34 % ± 0.74
}

// Are runs of the second network better?
func ExampleWelch() {
	d := stats.Welch([]float64{.951, .948, .957, .962, .949}, []float64{.944, .958, .961, .952, .950})
	fmt.Printf("%+.2f ± %.2f points, p = %s\n", 100*d.Mean, 100*d.Half, stats.FormatP(d.P))
	fmt.Printf("significant: %v; a difference below %.1f points would mostly go unseen\n",
		d.Significant(), 100*d.Detectable)
	// Output:
	// +0.04 ± 0.93 points, p = 0.923
	// significant: false; a difference below 1.3 points would mostly go unseen
}

// Of three comparisons that are significant one by one, one is so together.
func ExampleHolm() {
	fmt.Printf("%.2f\n", stats.Holm([]float64{.04, .01, .03}))
	// Output: [0.06 0.03 0.06]
}
