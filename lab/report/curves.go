package report

import (
	"html/template"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"elegans/lab/experiment"
	"elegans/lab/figure"
	"elegans/lab/stats"
)

// curves show how the networks learn.
type curves struct {
	Legend []legendRow
	Plots  []template.HTML
	Cut    bool // whether the axis of the accuracy may leave out the first epochs
}

type legendRow struct {
	Colour template.CSS
	Title  string
}

func newCurves(res *experiment.Result) (*curves, error) {
	if !slices.ContainsFunc(res.Runs, func(r experiment.Run) bool { return len(r.Curve) > 0 }) {
		return nil, nil
	}
	c := &curves{}
	for i, a := range res.Comparison.Arms {
		c.Legend = append(c.Legend, legendRow{figure.ColourOf(i).CSS(), a.Title})
	}
	if validImages(res) > 0 {
		value := func(p experiment.Point) float64 { return p.ValidAcc }
		p, err := learning(res, "validation accuracy", value, false)
		if err != nil {
			return nil, err
		}
		c.Plots, c.Cut = append(c.Plots, p), len(byEpoch(res.Runs, value)) >= cutBelow
	}
	p, err := learning(res, "training loss", func(p experiment.Point) float64 { return p.TrainLoss }, true)
	c.Plots = append(c.Plots, p)
	return c, err
}

const (
	// lowestLoss is the smallest value that a logarithmic axis shows.
	lowestLoss = 1e-5
	// One epoch in so many, at the beginning, may lie below the axis of the accuracy.
	cutBelow = 5
)

// learning plots a value by epoch: the mean over the runs of each arm, with its 95 % interval as a
// band. At an epoch that some runs did not come to, the mean is over the others.
func learning(
	res *experiment.Result, label string, value func(p experiment.Point) float64, logarithmic bool,
) (template.HTML, error) {
	p := figure.NewPlot("epoch", label)
	if logarithmic {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, figure.Decades{}
	}
	lowest, highest := math.Inf(1), math.Inf(-1)
	longest := 0
	for i, a := range res.Comparison.Arms {
		estimates := byEpoch(res.Of(a.Name), value)
		epochs := len(estimates)
		if epochs == 0 {
			continue
		}
		longest = max(longest, epochs)
		mean, band := make(plotter.XYs, epochs), make(plotter.XYs, 2*epochs)
		for e, est := range estimates {
			lo, hi := est.Mean-est.Half, est.Mean+est.Half
			if logarithmic {
				lo, hi, est.Mean = max(lo, est.Mean/4, lowestLoss), max(hi, lowestLoss), max(est.Mean, lowestLoss)
			} else {
				lo, hi = max(lo, 0), min(hi, 1)
			}
			x := float64(e + 1)
			mean[e] = plotter.XY{X: x, Y: est.Mean}
			band[e], band[2*epochs-1-e] = plotter.XY{X: x, Y: lo}, plotter.XY{X: x, Y: hi}
			if logarithmic || e >= epochs/cutBelow { // the steep start would flatten the rest
				lowest = min(lowest, est.Mean)
			}
			highest = max(highest, hi)
		}
		area, err := plotter.NewPolygon(band)
		if err != nil {
			return "", err
		}
		area.Color, area.LineStyle.Width = figure.ColourOf(i).Faint(30), 0
		line, err := plotter.NewLine(mean)
		if err != nil {
			return "", err
		}
		line.Color, line.Width = figure.ColourOf(i).Faint(255), 1.6
		p.Add(area, line)
	}
	if logarithmic {
		p.Y.Min, p.Y.Max = lowest/1.3, highest
	} else {
		p.Y.Min, p.Y.Max = math.Floor((lowest-.01)*50)/50, math.Min(1, highest+.004)
		p.Y.Tick.Marker = figure.Percents{}
	}
	p.X.Tick.Marker = figure.Wholes{}
	p.X.Min, p.X.Max = 1, 1.02*float64(longest)+.1 // room for the last label
	return figure.SVG(p, 440, 300), nil
}

// byEpoch summarises a value over the runs that came to each epoch.
func byEpoch(runs []experiment.Run, value func(p experiment.Point) float64) []stats.Estimate {
	var values [][]float64
	for _, r := range runs {
		for e, p := range r.Curve {
			if e == len(values) {
				values = append(values, nil)
			}
			values[e] = append(values[e], value(p))
		}
	}
	estimates := make([]stats.Estimate, len(values))
	for e, v := range values {
		estimates[e] = stats.NewEstimate(v)
	}
	return estimates
}
