package report

import (
	"fmt"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"elegans/lab/experiment"
)

// colours of the networks, told apart also without colour vision (after Okabe and Ito).
var colours = []color.NRGBA{{0, 114, 96, 255}, {213, 94, 0, 255}, {86, 130, 200, 255}, {70, 70, 82, 255}, {230, 159, 0, 255}}

var (
	ink  = color.NRGBA{43, 43, 51, 255}
	grey = color.NRGBA{222, 217, 206, 255}
)

func colourOf(i int) color.NRGBA { return colours[i%len(colours)] }

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// newPlot returns an empty plot in the style of the report.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	p.BackgroundColor = color.Transparent
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font = sans
		a.Label.TextStyle.Font.Size = 11
		a.Label.TextStyle.Color = ink
		a.Tick.Label.Font = sans
		a.Tick.Label.Font.Size = 10
		a.Tick.Label.Color = ink
		a.LineStyle.Color, a.Tick.LineStyle.Color = grey, grey
		a.Padding = 6
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color, grid.Horizontal.Width = grey, 0.5
	p.Add(grid)
	return p
}

// svg draws a plot as an element that takes the width of its place.
func svg(p *plot.Plot, width, height vg.Length) template.HTML {
	c := vgsvg.New(width, height)
	p.Draw(draw.New(c))
	var b strings.Builder
	if _, err := c.WriteTo(&b); err != nil { // a strings.Builder takes everything
		panic(err)
	}
	s := b.String()
	s = s[strings.Index(s, "<svg"):]
	s = sizes.ReplaceAllString(s, "<svg")
	s = families.ReplaceAllString(s, "font-family:inherit")
	return template.HTML(s)
}

var (
	sizes    = regexp.MustCompile(`^<svg width="[^"]*" height="[^"]*"`)
	families = regexp.MustCompile(`font-family:[^;"]*`)
)

// series is what a curve plots of an epoch.
type series func(p experiment.Point) float64

// curves plots the mean over the runs of each network, with its 95 % interval as a band.
func curves(res *experiment.Result, label string, of series, logarithmic bool) (template.HTML, error) {
	p := newPlot("epoch", label)
	if logarithmic {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, decades{}
	}
	lowest, highest := math.Inf(1), math.Inf(-1)
	floor := 1e-5 // what a logarithmic axis can still show
	for i, n := range res.Networks {
		runs := res.Of(n.Name)
		epochs := len(runs[0].Curve)
		mean, band := make(plotter.XYs, epochs), make(plotter.XYs, 2*epochs)
		for e := range epochs {
			var values []float64
			for _, r := range runs {
				values = append(values, of(r.Curve[e]))
			}
			est := experiment.NewEstimate(values)
			lo, hi := est.Mean-est.Half, est.Mean+est.Half
			if logarithmic {
				lo, hi, est.Mean = max(lo, est.Mean/4, floor), max(hi, floor), max(est.Mean, floor)
			} else {
				lo, hi = max(lo, 0), min(hi, 1)
			}
			x := float64(runs[0].Curve[e].Epoch)
			mean[e] = plotter.XY{X: x, Y: est.Mean}
			band[e], band[2*epochs-1-e] = plotter.XY{X: x, Y: lo}, plotter.XY{X: x, Y: hi}
			if logarithmic || e >= epochs/5 { // the steep start would flatten the rest
				lowest = min(lowest, est.Mean)
			}
			highest = max(highest, hi)
		}
		area, err := plotter.NewPolygon(band)
		if err != nil {
			return "", err
		}
		c := colourOf(i)
		area.Color, area.LineStyle.Width = color.NRGBA{c.R, c.G, c.B, 30}, 0
		line, err := plotter.NewLine(mean)
		if err != nil {
			return "", err
		}
		line.Color, line.Width = c, 1.6
		p.Add(area, line)
	}
	if logarithmic {
		p.Y.Min, p.Y.Max = lowest/1.3, highest
	} else {
		p.Y.Min, p.Y.Max = math.Floor((lowest-.01)*50)/50, math.Min(1, highest+.004)
		p.Y.Tick.Marker = percents{}
	}
	p.X.Tick.Marker = wholes{}
	p.X.Min, p.X.Max = 1, 1.02*float64(res.Options.Epochs)+.1 // room for the last label
	return svg(p, 440, 300), nil
}

// dots plots the accuracy of every run, with mean and interval of each network.
func dots(res *experiment.Result) (template.HTML, error) {
	p := newPlot("", "test accuracy")
	var names []string
	lowest, highest := 1.0, 0.0
	for i, n := range res.Networks {
		runs := res.Of(n.Name)
		est := res.Accuracy(n.Name)
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
		c := colourOf(i)
		points, err := plotter.NewScatter(at)
		if err != nil {
			return "", err
		}
		points.GlyphStyle = draw.GlyphStyle{Color: color.NRGBA{c.R, c.G, c.B, 150}, Radius: 3, Shape: draw.CircleGlyph{}}
		mean, err := plotter.NewScatter(plotter.XYs{{X: float64(i) + .22, Y: est.Mean}})
		if err != nil {
			return "", err
		}
		mean.GlyphStyle = draw.GlyphStyle{Color: c, Radius: 4.5, Shape: draw.CircleGlyph{}}
		interval, err := plotter.NewLine(plotter.XYs{{X: float64(i) + .22, Y: est.Mean - est.Half}, {X: float64(i) + .22, Y: est.Mean + est.Half}})
		if err != nil {
			return "", err
		}
		interval.Color, interval.Width = c, 1.8
		p.Add(points, interval, mean)
		names = append(names, n.Title)
	}
	p.NominalX(names...)
	p.X.Tick.Length, p.X.LineStyle.Width = 0, 0
	p.X.Min, p.X.Max = -.5, float64(len(names))-.5
	margin := max(.15*(highest-lowest), .002)
	p.Y.Min, p.Y.Max = lowest-margin, min(1, highest+margin)
	p.Y.Tick.Marker = percents{}
	return svg(p, 720, 300), nil
}

// percents marks an axis of shares.
type percents struct{}

// Ticks implements plot.Ticker.
func (percents) Ticks(lo, hi float64) []plot.Tick {
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

// wholes marks an axis of epochs.
type wholes struct{}

// Ticks implements plot.Ticker.
func (wholes) Ticks(lo, hi float64) []plot.Tick {
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

// decades marks a logarithmic axis at 1, 2 and 5 times the powers of ten.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(lo, hi float64) []plot.Tick {
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
