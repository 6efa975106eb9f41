package main

import (
	"fmt"
	"math"
	"os"
	"slices"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// box is where settings are drawn: scale, bias and leak uniformly, input and penalty by their
// logarithm. Two equal ends keep a setting.
type box struct{ scale, input, bias, leak, penalty [2]float64 }

// search draws settings and prints the best.
func (r row) search(t *task.Task, path string, draws, seeds int, key uint64) error {
	random := tensor.NewKey(key, "results.search").Rand()
	uniform := func(b [2]float64) float64 { return b[0] + random.Float64()*(b[1]-b[0]) }
	logarithmic := func(b [2]float64) float64 {
		return math.Exp(uniform([2]float64{math.Log(b[0]), math.Log(b[1])}))
	}
	type drawn struct {
		text  string
		value float64
	}
	var all []drawn
	for range draws {
		b := settings{uniform(r.box.scale), logarithmic(r.box.input), uniform(r.box.bias), uniform(r.box.leak), logarithmic(r.box.penalty)}
		at, value := r, 0.0
		at.network = func() (esn.Config, esn.Readout) { return b.apply(r.network()) }
		for seed := range uint64(seeds) {
			s, err := at.score(t, path, 1001+seed, false)
			if err != nil {
				return err
			}
			value += s.Value / float64(seeds)
		}
		d := drawn{fmt.Sprintf("%s %.5g {%.4g, %.4g, %.4g, %.4g, %.2g}", r.name, value, b.scale, b.input, b.bias, b.leak, b.penalty), value}
		fmt.Fprintln(os.Stderr, d.text)
		if !math.IsNaN(value) {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b drawn) int {
		if t.Metric.HigherIsBetter() {
			a, b = b, a
		}
		if a.value < b.value {
			return -1
		}
		return 1
	})
	for _, d := range all[:min(3, len(all))] {
		fmt.Println("best:", r.task, d.text)
	}
	return nil
}

// settings are what is searched.
type settings struct{ scale, input, bias, leak, penalty float64 }

// apply changes a network.
func (s settings) apply(c esn.Config, readout esn.Readout) (esn.Config, esn.Readout) {
	c.Scale, c.InputScale, c.BiasScale, c.Leak = s.scale, s.input, s.bias, esn.Fixed(s.leak)
	switch r := readout.(type) {
	case *esn.RidgeReadout:
		r.Penalty = s.penalty
	case *esn.QRReadout:
		r.Penalty = s.penalty
	}
	return c, readout
}
