package report

import (
	"html/template"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"elegans/lab/experiment"
	"elegans/lab/figure"
)

// dots plots the accuracy of every run, with mean and interval of each arm.
func dots(res *experiment.Result) (template.HTML, error) {
	p := figure.NewPlot("", "test accuracy")
	var names []string
	lowest, highest := 1.0, 0.0
	for i, row := range res.Rows() {
		runs, est := res.Of(row.Name), row.Accuracy
		var at plotter.XYs
		for k, r := range runs {
			spread := 0.0
			if len(runs) > 1 {
				spread = .3 * (float64(k)/float64(len(runs)-1) - .5)
			}
			at = append(at, plotter.XY{X: float64(i) - .18 + spread, Y: r.Accuracy})
			lowest, highest = min(lowest, r.Accuracy), max(highest, r.Accuracy)
		}
		lowest, highest = min(lowest, est.Mean-est.Half), max(highest, est.Mean+est.Half)
		c, right := figure.ColourOf(i), float64(i)+.22
		points, err := plotter.NewScatter(at)
		if err != nil {
			return "", err
		}
		points.GlyphStyle = draw.GlyphStyle{Color: c.Faint(150), Radius: 3, Shape: draw.CircleGlyph{}}
		mean, err := plotter.NewScatter(plotter.XYs{{X: right, Y: est.Mean}})
		if err != nil {
			return "", err
		}
		mean.GlyphStyle = draw.GlyphStyle{Color: c.Faint(255), Radius: 4.5, Shape: draw.CircleGlyph{}}
		ends := plotter.XYs{{X: right, Y: est.Mean - est.Half}, {X: right, Y: est.Mean + est.Half}}
		interval, err := plotter.NewLine(ends)
		if err != nil {
			return "", err
		}
		interval.Color, interval.Width = c.Faint(255), 1.8
		p.Add(points, interval, mean)
		names = append(names, row.Title)
	}
	p.NominalX(names...)
	p.X.Tick.Length, p.X.LineStyle.Width = 0, 0
	p.X.Min, p.X.Max = -.5, float64(len(names))-.5
	margin := max(.15*(highest-lowest), .002)
	p.Y.Min, p.Y.Max = lowest-margin, min(1, highest+margin)
	p.Y.Tick.Marker = figure.Percents{}
	return figure.SVG(p, 720, 300), nil
}
