package report

import (
	"fmt"
	"html/template"

	"elegans/lab/experiment"
	"elegans/lab/figure"
	"elegans/lab/stats"
)

// table has a row for each arm and each baseline.
type table struct {
	Column, Score, Note string
	HasValid            bool
	Rows                []tableRow
	Baselines           []baselineRow
}

type tableRow struct {
	Colour                                                   template.CSS
	Title, About, Accuracy, Loss, Valid, Parameters, Seconds string
}

type baselineRow struct{ Name, About, Percent string }

func newTable(res *experiment.Result) *table {
	text := res.Comparison.Text
	t := &table{Column: text.Column, Score: "test accuracy", HasValid: validImages(res) > 0}
	t.Note = "Mean over the runs at the last epoch; ± gives Student’s 95 % interval of the mean. "
	if res.Reconstructs() {
		t.Score = "test pixels right"
		t.Note += "A pixel is right if the probability of ink lies on the same side of .5 as the image."
	} else {
		n := res.Sets.Test.Len()
		t.Note += fmt.Sprintf("It covers the choice of weights and graphs, not the choice of the %d test images: "+
			"one image is worth %.2f points.", n, 100/float64(n))
	}
	for i, r := range res.Rows() {
		t.Rows = append(t.Rows, tableRow{
			Colour: figure.ColourOf(i).CSS(), Title: r.Title, About: r.About,
			Accuracy: within(res.Percent(r.Accuracy.Mean), r.Accuracy, 100, text.Digits),
			Loss:     within(fmt.Sprintf("%.*f", text.Digits+2, r.Loss.Mean), r.Loss, 1, text.Digits+2),
			Valid:    res.Percent(r.Valid.Mean), Parameters: thousands(r.Parameters),
			Seconds: fmt.Sprintf("%.1f", r.Seconds),
		})
	}
	for _, b := range res.Baselines {
		t.Baselines = append(t.Baselines, baselineRow{b.Name, b.About, res.Percent(b.Accuracy)})
	}
	return t
}

// within writes a mean with its interval, if there is one.
func within(mean string, e stats.Estimate, factor float64, digits int) string {
	if e.N < 2 {
		return mean
	}
	return mean + " ± " + e.HalfText(factor, digits)
}
