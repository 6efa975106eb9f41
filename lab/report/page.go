package report

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"runtime"
	"slices"
	"strings"

	"elegans/connectome"
	"elegans/connectome/draw"
	"elegans/lab/experiment"
	"elegans/lab/zoo"
	"elegans/tensor"
)

//go:embed page.html autoencoder.html parts.html
var sources embed.FS

var pages = template.Must(template.ParseFS(sources, "*.html"))

// view is what the page shows.
type view struct {
	Headline    string
	Level       float64
	Res         *experiment.Result
	Rows        []networkRow
	Comparisons []comparisonRow
	ValidCurve  template.HTML
	LossCurve   template.HTML
	Dots        template.HTML
	Confusion   confusion
	Misreads    []misread
	WormErrors  int // wrong answers of all worms
	ByRole      template.HTML
	ByValue     template.HTML
	Most        []string // most active neurons

	Seeds, Command, Kernels, Go, Platform, Provenance string
	Workers, Limit                                    int
}

type networkRow struct {
	experiment.Network
	Colour                  template.CSS
	Accuracy, Half, Loss    string
	LossHalf, Valid, Second string
	Parameters              string
}

type comparisonRow struct {
	Control, Difference, Interval, Test, P, Holm, Verdict, Detectable string
	Significant                                                       bool
}

// shownMisreads bounds the pictures of wrongly read digits.
const shownMisreads = 48

// page returns the report.
func page(res *experiment.Result, command string) ([]byte, error) {
	v, err := newView(res, command)
	if err != nil {
		return nil, err
	}
	v.Limit = shownMisreads
	worms := res.Of(res.Networks[0].Name)
	v.Confusion = newConfusion(worms, res.Sets.Test.Classes())
	for _, r := range worms {
		v.WormErrors += len(r.Test.Labels) - r.Test.Correct()
	}
	if v.Misreads, err = misreads(res); err != nil {
		return nil, err
	}
	if err := v.drawWorm(res); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page.html", &v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// newView fills in what the pages of both comparisons show.
func newView(res *experiment.Result, command string) (view, error) {
	active, available := tensor.Kernels()
	v := view{
		Res: res, Headline: res.Headline(), Level: experiment.Alpha, Command: command, Kernels: fmt.Sprintf("%s (of %s)", active, strings.Join(available, ", ")), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Workers: res.Options.Jobs, Provenance: res.Sets.Test.Provenance(),
		Seeds: fmt.Sprintf("%d to %d", res.Options.Seed, res.Options.Seed+uint64(res.Options.Seeds)-1),
	}
	for i, n := range res.Networks {
		row := res.Row(n.Name)
		var valid []float64
		for _, r := range res.Of(n.Name) {
			valid = append(valid, r.Valid)
		}
		v.Rows = append(v.Rows, networkRow{
			Network: n, Colour: template.CSS(hex(colourOf(i))), Accuracy: res.Percent(row.Accuracy.Mean), Half: row.Accuracy.HalfText(100, res.Digits),
			Loss: fmt.Sprintf("%.*f", res.Digits+2, row.Loss.Mean), LossHalf: row.Loss.HalfText(1, res.Digits+2), Valid: validText(res, valid),
			Parameters: thousands(row.Parameters), Second: fmt.Sprintf("%.1f", row.Seconds),
		})
	}
	for i, c := range res.Comparisons {
		v.Comparisons = append(v.Comparisons, newComparisonRow(res, res.Networks[i+1].Title, c))
	}
	var err error
	if res.Images.Valid == 0 {
		v.ValidCurve = "no validation part"
	} else if v.ValidCurve, err = curves(res, "validation accuracy", func(p experiment.Point) float64 { return p.ValidAcc }, false); err != nil {
		return v, err
	}
	if v.LossCurve, err = curves(res, "training loss", func(p experiment.Point) float64 { return p.TrainLoss }, true); err != nil {
		return v, err
	}
	v.Dots, err = dots(res)
	return v, err
}

// validText returns the mean accuracy on the validation part, or a dash where there is none.
func validText(res *experiment.Result, valid []float64) string {
	if res.Images.Valid == 0 {
		return "–"
	}
	return res.Percent(experiment.NewEstimate(valid).Mean)
}

func newComparisonRow(res *experiment.Result, control string, c experiment.Comparison) comparisonRow {
	r := comparisonRow{Control: control, Difference: signed(res, c.Difference), Significant: c.Significant(), Verdict: "within noise"}
	if r.Significant {
		r.Verdict = "beyond noise"
	}
	if c.DF == 0 {
		r.Interval, r.Test, r.P, r.Holm, r.Detectable = "–", "–", "–", "–", "–"
		return r
	}
	r.Interval = signed(res, c.Difference-c.Half) + " to " + signed(res, c.Difference+c.Half)
	r.Test = strings.ReplaceAll(fmt.Sprintf("t(%.1f) = %.2f", c.DF, c.T), "-", "−")
	r.P, r.Holm, r.Detectable = experiment.PValue(c.P), experiment.PValue(c.PHolm), res.Points(c.Detectable)
	return r
}

// signed formats a difference as percentage points, with a typographic minus sign.
func signed(res *experiment.Result, difference float64) string {
	return strings.ReplaceAll(fmt.Sprintf("%+.*f", res.Digits, 100*difference), "-", "−")
}

// drawWorm draws the wiring by role and by activation.
func (v *view) drawWorm(res *experiment.Result) error {
	g, err := (&zoo.Graph{}).Load()
	if err != nil {
		return err
	}
	low, high := slices.Min(res.Activation), slices.Max(res.Activation)
	order := make([]int, len(res.Activation))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(res.Activation[a], res.Activation[b]) })
	// most neurons are about equally active, so that ranks show more than values
	rank := make([]float64, len(order))
	for r, i := range order {
		rank[i] = float64(r) / float64(max(len(order)-1, 1))
	}
	unit := fmt.Sprintf("rank by activation, from the least active neuron (%.2f) to the most active one (%.2f)", low, high)
	for _, p := range []struct {
		into *template.HTML
		o    draw.Options
	}{
		{&v.ByRole, draw.Options{Width: 1200}},
		{&v.ByValue, draw.Options{Width: 1200, Values: rank, Unit: unit, NoEdges: true}},
	} {
		var b bytes.Buffer
		if err := draw.SVG(&b, g, p.o); err != nil {
			return err
		}
		*p.into = template.HTML(b.String())
	}
	v.Most = mostActive(g, res.Activation, order, 8)
	return nil
}

// mostActive names the last n neurons of an ascending order, the last one first.
func mostActive(g *connectome.Graph, values []float64, order []int, n int) []string {
	var names []string
	for k := len(order) - 1; k >= max(0, len(order)-n); k-- {
		i := order[k]
		names = append(names, fmt.Sprintf("%s (%s, %.2f)", g.Neurons[i].Name, g.RoleOf(i), values[i]))
	}
	return names
}

// thousands groups the digits of a number.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// OnePoint returns what one test image is worth, in points of accuracy.
func (v *view) OnePoint() float64 { return 100 / float64(v.Res.Images.Test) }
