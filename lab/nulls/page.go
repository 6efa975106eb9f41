package nulls

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"elegans/data/atomicfile"
	"elegans/lab/figure"
)

const (
	// PageFile is the report of a comparison in its folder, and ResultFile its numbers, a Result.
	PageFile   = "index.html"
	ResultFile = "results.json"
)

//go:embed page.html
var source string

var pages = figure.AddStyle(template.Must(template.New("page").Parse(source)))

// Write writes the report and the numbers into a folder that exists. command is how the program was
// called.
func Write(dir string, res *Result, command string) error {
	html, err := page(res, command)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, ResultFile), append(b, '\n')); err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, PageFile), html)
}

// view is what the page shows.
type view struct {
	Colour   template.CSS
	Headline string
	Setting  string
	Rows     []rowView
	Note     string
	Legend   []legend
	Tasks    []taskView
	Command  string
}

type rowView struct{ Task, Model, Graph, Nulls, Better, Z, Delta, P, Holm, Ratio, Verdict string }

type legend struct {
	Colour template.CSS
	Title  string
}

type taskView struct {
	Name, Doc, Metric, Own string
	Plot                   template.HTML
}

func page(res *Result, command string) ([]byte, error) {
	c := &res.Config
	v := view{
		Colour: figure.ColourOf(0).CSS(), Headline: res.Headline(), Command: command,
		Setting: fmt.Sprintf("The network of %s, %d neurons, beside those of %d graphs of each null model. Every network is made with the same %d seeds, which draw its input weights and the series.",
			res.Graph, res.Neurons, c.Graphs, c.Seeds),
		Note: fmt.Sprintf("Test scores, each network at the scale that its own validation scores choose. z and Cliff's delta: more is better. p: two-sided rank of the graph among the null graphs; adjusted: Holm's method over all rows; %s. Difference: from the mean of the nulls, with a 90 %% interval over seeds and graphs; it is equivalent within %g %%.",
			c.Limit(), 100*c.Margin),
		Legend: []legend{{figure.ColourOf(0).CSS(), res.Graph}},
	}
	for i, m := range c.Models {
		v.Legend = append(v.Legend, legend{figure.ColourOf(i + 1).CSS(), m + " (mean, and 95 % of the graphs)"})
	}
	for i := range res.Arms {
		a := &res.Arms[i]
		for j := range a.Models {
			m := &a.Models[j]
			r := &m.Own.Rank
			v.Rows = append(v.Rows, rowView{
				a.Task.Name, m.Model, fmt.Sprintf("%.4g", float64(m.Own.Value)), fmt.Sprintf("%.4g ± %.2g", r.Mean, r.SD),
				fmt.Sprintf("%.0f %%", 100*r.Percentile), fmt.Sprintf("%+.2f", r.Z),
				fmt.Sprintf("%+.2f (%+.2f to %+.2f)", r.Delta, r.DeltaLow, r.DeltaHigh), fmt.Sprintf("%.3g", r.P), fmt.Sprintf("%.3g", r.PHolm),
				fmt.Sprintf("%+.1f %% (%+.1f to %+.1f)", 100*float64(m.Ratio), 100*float64(m.RatioLow), 100*float64(m.RatioHigh)), m.Verdict(),
			})
		}
		drawn, err := a.plot()
		if err != nil {
			return nil, err
		}
		v.Tasks = append(v.Tasks, taskView{a.Task.Name, a.Task.Doc, string(a.Task.Metric), a.own(c), drawn})
	}
	var b bytes.Buffer
	err := pages.Execute(&b, &v)
	return b.Bytes(), err
}

// Headline says in a sentence what the comparison shows.
func (res *Result) Headline() string {
	counts := map[string]int{}
	for i := range res.Arms {
		for j := range res.Arms[i].Models {
			counts[res.Arms[i].Models[j].Verdict()]++
		}
	}
	var parts []string
	for _, v := range []string{"better", "worse", "equivalent", "not told apart"} {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %d", v, n))
		}
	}
	return fmt.Sprintf("Of %d comparisons with null models, the reservoir of %s is %s",
		len(res.Arms)*len(res.Config.Models), res.Graph, strings.Join(parts, ", "))
}

// own says which scales the networks chose.
func (t *Task) own(c *Config) string {
	s := fmt.Sprintf("Its own scale is %g", t.Models[0].Own.Scale)
	for i := range t.Models {
		var parts []string
		for k, n := range t.Models[i].Scales {
			if n > 0 {
				parts = append(parts, fmt.Sprintf("%g (%d)", c.Scales[k], n))
			}
		}
		s += fmt.Sprintf("; those of %s are %s", t.Models[i].Model, strings.Join(parts, ", "))
		if f := t.Models[i].Failed; f > 0 {
			s += fmt.Sprintf(", %d without a finite score", f)
		}
	}
	return s + "."
}

// plot draws the test score over the scale: the graph's network with the deviation of its seeds,
// each null model with its mean and the middle 95 % of its graphs.
func (t *Task) plot() (template.HTML, error) {
	p := figure.NewPlot("spectral radius", string(t.Task.Metric))
	positive := true
	band := func(i int, low, mid, high plotter.XYs) error {
		for k, j := 0, len(high)-1; k < j; k, j = k+1, j-1 {
			high[k], high[j] = high[j], high[k]
		}
		if len(mid) == 0 {
			return nil
		}
		area, err := plotter.NewPolygon(append(low, high...))
		if err != nil {
			return err
		}
		area.Color, area.LineStyle.Width = figure.ColourOf(i).Faint(40), 0
		line, err := plotter.NewLine(mid)
		if err != nil {
			return err
		}
		line.Color, line.Width = figure.ColourOf(i).Faint(255), 1.6
		for _, v := range low {
			positive = positive && v.Y > 0
		}
		p.Add(area, line)
		return nil
	}
	for i := range t.Models {
		var low, mid, high plotter.XYs
		for _, q := range t.Models[i].Curve {
			if finite(float64(q.Low), q.Rank.Mean, float64(q.High)) {
				low, mid, high = append(low, plotter.XY{X: q.Scale, Y: float64(q.Low)}), append(mid, plotter.XY{X: q.Scale, Y: q.Rank.Mean}),
					append(high, plotter.XY{X: q.Scale, Y: float64(q.High)})
			}
		}
		if err := band(i+1, low, mid, high); err != nil {
			return "", err
		}
	}
	var low, mid, high plotter.XYs
	for _, q := range t.Models[0].Curve {
		if v, sd := float64(q.Value), float64(q.SD); finite(v, sd) {
			low, mid, high = append(low, plotter.XY{X: q.Scale, Y: v - sd}), append(mid, plotter.XY{X: q.Scale, Y: v}),
				append(high, plotter.XY{X: q.Scale, Y: v + sd})
		}
	}
	if err := band(0, low, mid, high); err != nil {
		return "", err
	}
	if positive && !t.Task.Metric.HigherIsBetter() && p.Y.Min > 0 {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, figure.Decades{}
	}
	return figure.SVG(p, 440, 300), nil
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
