package report

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"elegans/lab/experiment"
	"elegans/lab/figure"
)

//go:embed *.html
var sources embed.FS

var pages = figure.AddStyle(template.Must(template.ParseFS(sources, "*.html")))

// view is what the page shows: parts, of which those that are nil are left out.
type view struct {
	Title, Kicker, Headline string
	Colour                  template.CSS
	Setting                 string // numbers of images, steps and runs

	Table           *table
	Contrasts       *contrasts
	Curves          *curves
	Neurons         *neurons
	Misreads        *misreads
	Reconstructions *reconstructions
	Made            []madeRow
	Limits          []string
}

// page returns the report.
func page(res *experiment.Result, made []madeRow) ([]byte, error) {
	t := res.Comparison.Text
	v := view{
		Title:    cmp.Or(t.Title, "A comparison of networks"),
		Kicker:   cmp.Or(t.Kicker, "elegans · "+res.Comparison.Arms[0].Title+" against its controls"),
		Headline: res.Headline(), Colour: figure.ColourOf(0).CSS(), Setting: setting(res),
		Table: newTable(res), Made: made, Limits: t.Limits,
	}
	var errs [5]error
	v.Contrasts, errs[0] = newContrasts(res)
	v.Curves, errs[1] = newCurves(res)
	v.Neurons, errs[2] = newNeurons(res)
	v.Misreads, errs[3] = newMisreads(res)
	v.Reconstructions, errs[4] = newReconstructions(res)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page.html", &v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// setting says in a sentence or two how much was trained on what.
func setting(res *experiment.Result) string {
	_, h, w := res.Sets.Test.Shape()
	s := fmt.Sprintf("%d %s of %d×%d pixels to train on, ", res.Sets.Train.Len(), res.Comparison.Text.Images, h, w)
	if n := validImages(res); n > 0 {
		s += fmt.Sprintf("%d for validation, ", n)
	}
	s += fmt.Sprintf("%d to test", res.Sets.Test.Len())
	if res.Configs[0].Data.Binarize > 0 {
		s += "; every pixel is ink or paper"
	}
	least, most := slices.Min(res.Steps), slices.Max(res.Steps)
	steps := fmt.Sprint(least)
	if most > least {
		steps = fmt.Sprintf("%d to %d", least, most)
	}
	s += fmt.Sprintf(". Every network takes %s steps", steps)
	if n := res.Comparison.Seeds; n > 1 {
		return s + fmt.Sprintf("; %d runs each, with new weights and, where a graph is drawn at random, "+
			"a new graph in every run.", n)
	}
	return s + "; one run each."
}

func validImages(res *experiment.Result) int {
	if res.Sets.Valid == nil {
		return 0
	}
	return res.Sets.Valid.Len()
}

// signed formats a difference as percentage points, with a typographic minus sign.
func signed(res *experiment.Result, difference float64) string { return minus(res.Signed(difference)) }

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// thousands groups the digits of a number.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
