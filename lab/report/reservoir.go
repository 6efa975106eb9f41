package report

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"elegans/data/atomicfile"
	"elegans/lab/figure"
	"elegans/lab/reservoir"
	"elegans/lab/stats"
)

// Reservoir is what the page about an echo-state network shows. Only Result has to be there.
type Reservoir struct {
	Result *reservoir.Result
	Found  *reservoir.Found // the search that chose its recipe
	// Command is how the program was called.
	Command string
}

// reservoirView is what its template sees.
type reservoirView struct {
	Title, Headline, Setting, Metric string
	Colour                           template.CSS
	Rows                             []reservoirRow
	Figures                          []reservoirFigure
	Made                             []madeRow
}

type reservoirRow struct {
	Name, Mean, Interval string
	N                    int
}

type reservoirFigure struct {
	Title   string
	Plot    template.HTML
	Caption string
}

// Write writes index.html into a folder that exists.
func (r *Reservoir) Write(dir string) error {
	b, err := r.page()
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, "index.html"), b)
}

func (r *Reservoir) page() ([]byte, error) {
	res := r.Result
	c := &res.Recipe.Reservoir
	m := thisMachine()
	v := reservoirView{
		Title:    res.Task.Name + ": an echo-state network",
		Headline: fmt.Sprintf("%s: %s %s", res.Task.Name, res.Task.Metric, estimate(res.Test)),
		Setting:  fmt.Sprintf("%s. %s. A reservoir of %d neurons (%s).", res.Task.Doc, res.Task.Alignment, res.Runs[0].Neurons, c.Topology),
		Metric:   string(res.Task.Metric), Colour: figure.ColourOf(0).CSS(),
		Rows: []reservoirRow{rowOf("test", res.Test), rowOf("validation", res.Valid), rowOf(res.Runs[0].Baseline.Name, res.Baseline)},
		Made: []madeRow{
			{Term: "Command", Text: r.Command, Code: true},
			{Term: "Test part", Text: "measured once a run; the penalty was chosen on the validation part"},
			{Term: "Seeds", Text: fmt.Sprintf("%d to %d, of weights and series; the same numbers for any number of workers", c.Seed, c.Seed+uint64(len(res.Runs))-1)},
			{Term: "Kernels", Text: m.Kernels}, {Term: "Machine", Text: fmt.Sprintf("%s, %s, %.1f s in all", m.Platform, m.Go, res.Seconds)},
			{Term: "Data", Text: "SHA-256 of the first run: " + res.Runs[0].Data},
		},
	}
	for _, part := range []func() (*reservoirFigure, error){r.errors, r.trials, r.truth, r.states, r.search} {
		f, err := part()
		if err != nil {
			return nil, err
		}
		if f != nil {
			v.Figures = append(v.Figures, *f)
		}
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "reservoir", &v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func rowOf(name string, e stats.Estimate) reservoirRow {
	row := reservoirRow{Name: name, Mean: fmt.Sprintf("%.4g", e.Mean), Interval: "–", N: e.N}
	if e.N > 1 {
		row.Interval = minus(fmt.Sprintf("%.4g to %.4g", e.Mean-e.Half, e.Mean+e.Half))
	}
	return row
}

func estimate(e stats.Estimate) string {
	if e.N < 2 {
		return fmt.Sprintf("%.4g", e.Mean)
	}
	return fmt.Sprintf("%.4g ± %.2g", e.Mean, e.Half)
}

// scatter adds points in the colour of a position.
func scatter(p *plot.Plot, at plotter.XYs, colour int) error {
	s, err := plotter.NewScatter(at)
	if err != nil {
		return err
	}
	s.GlyphStyle = draw.GlyphStyle{Color: figure.ColourOf(colour).Faint(170), Radius: 3.5, Shape: draw.CircleGlyph{}}
	p.Add(s)
	return nil
}

// curve adds a line in the colour of a position.
func curve(p *plot.Plot, at plotter.XYs, colour int) error {
	l, err := plotter.NewLine(at)
	if err != nil {
		return err
	}
	l.Color, l.Width = figure.ColourOf(colour).Faint(255), 1.3
	p.Add(l)
	return nil
}

// errors shows the runs.
func (r *Reservoir) errors() (*reservoirFigure, error) {
	p := figure.NewPlot("seed", string(r.Result.Task.Metric))
	var test, valid, base plotter.XYs
	for _, run := range r.Result.Runs {
		x := float64(run.Seed)
		test = append(test, plotter.XY{X: x, Y: run.Test.Value})
		valid = append(valid, plotter.XY{X: x, Y: run.Valid.Value})
		base = append(base, plotter.XY{X: x, Y: run.Baseline.Score.Value})
	}
	for i, at := range []plotter.XYs{test, valid, base} {
		if err := scatter(p, at, i); err != nil {
			return nil, err
		}
	}
	p.X.Tick.Marker = figure.Wholes{}
	return &reservoirFigure{"Runs", figure.SVG(p, 720, 260), "Green: test. Orange: validation. Blue: " + r.Result.Runs[0].Baseline.Name + "."}, nil
}

// trials shows the starts of a closed loop.
func (r *Reservoir) trials() (*reservoirFigure, error) {
	if len(r.Result.Runs[0].Test.Trials) == 0 {
		return nil, nil
	}
	p := figure.NewPlot("seed", string(r.Result.Task.Metric)+" of each start")
	var at plotter.XYs
	for _, run := range r.Result.Runs {
		for i, v := range run.Test.Trials {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			spread := .5 * (float64(i)/float64(len(run.Test.Trials)) - .5)
			at = append(at, plotter.XY{X: float64(run.Seed) + spread, Y: v})
		}
	}
	if len(at) == 0 {
		return nil, nil
	}
	if err := scatter(p, at, 0); err != nil {
		return nil, err
	}
	p.X.Tick.Marker = figure.Wholes{}
	return &reservoirFigure{"Starts", figure.SVG(p, 720, 260), "Every dot is a closed loop from another place of the test part, in the order of time."}, nil
}

// truth shows predictions beside the truth.
func (r *Reservoir) truth() (*reservoirFigure, error) {
	s := r.Result.Runs[0].Shown
	if s == nil {
		return nil, nil
	}
	p := figure.NewPlot("row behind the washout", "first column of the target")
	for i, list := range [][]float64{s.Truth, s.Prediction} {
		if err := curve(p, series(list), i); err != nil {
			return nil, err
		}
	}
	return &reservoirFigure{"Prediction", figure.SVG(p, 720, 260), "Green: truth. Orange: what the first run makes of the first sequence of the test part."}, nil
}

// states shows some neurons.
func (r *Reservoir) states() (*reservoirFigure, error) {
	s := r.Result.Runs[0].Shown
	if s == nil || len(s.States) == 0 {
		return nil, nil
	}
	p := figure.NewPlot("row behind the washout", "state")
	for i, list := range s.States {
		if err := curve(p, series(list), i); err != nil {
			return nil, err
		}
	}
	return &reservoirFigure{"States", figure.SVG(p, 720, 260), fmt.Sprintf("%d of the %d neurons, on the same rows.", len(s.States), r.Result.Runs[0].Neurons)}, nil
}

// series returns values with their rows, up to the first that is not finite.
func series(list []float64) plotter.XYs {
	var at plotter.XYs
	for t, v := range list {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			break
		}
		at = append(at, plotter.XY{X: float64(t), Y: v})
	}
	if at == nil {
		at = plotter.XYs{{}}
	}
	return at
}

// search shows the scores of all settings along the first field that has numbers.
func (r *Reservoir) search() (*reservoirFigure, error) {
	if r.Found == nil {
		return nil, nil
	}
	rungs := map[int]plotter.XYs{}
	name := ""
	for k, first := range r.Found.Trials[0].Settings {
		if _, err := strconv.ParseFloat(first.Value, 64); err != nil {
			continue
		}
		name = first.Key
		for _, t := range r.Found.Trials {
			if x, err := strconv.ParseFloat(t.Settings[k].Value, 64); err == nil && t.Score != nil {
				rungs[t.Rung] = append(rungs[t.Rung], plotter.XY{X: x, Y: *t.Score})
			}
		}
		break
	}
	if len(rungs) == 0 {
		return nil, nil
	}
	p := figure.NewPlot(name, "validation "+string(r.Found.Metric))
	for _, rung := range slices.Sorted(maps.Keys(rungs)) {
		if err := scatter(p, rungs[rung], 2-min(rung, 2)); err != nil {
			return nil, err
		}
	}
	return &reservoirFigure{"Search", figure.SVG(p, 720, 260), "Every dot is a setting on a rung: blue on a third of the rows, orange on all, green with all seeds."}, nil
}
