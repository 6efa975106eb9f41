package report

import (
	"fmt"
	"html/template"

	"elegans/lab/experiment"
	"elegans/lab/stats"
)

// contrasts are the tests of the subject against its controls, with all runs as dots.
type contrasts struct {
	Subject string
	Runs    int // of each arm
	Level   float64
	Rows    []contrastRow
	Dots    template.HTML
}

type contrastRow struct{ Control, Difference, Interval, Test, P, Holm, Detectable, Noise string }

func newContrasts(res *experiment.Result) (*contrasts, error) {
	if len(res.Contrasts) == 0 {
		return nil, nil
	}
	c := &contrasts{Subject: res.Comparison.Arms[0].Name, Runs: res.Comparison.Seeds, Level: stats.Alpha}
	for _, x := range res.Contrasts {
		const none = "–"
		row := contrastRow{res.Arm(x.Control).Title, signed(res, x.Mean), none, none, none, none, none, x.Noise()}
		if x.DF > 0 {
			row.Interval = signed(res, x.Mean-x.Half) + " to " + signed(res, x.Mean+x.Half)
			row.Test = minus(fmt.Sprintf("t(%.1f) = %.2f", x.DF, x.T))
			row.P, row.Holm, row.Detectable = stats.FormatP(x.P), stats.FormatP(x.PHolm), res.Percent(x.Detectable)
		}
		c.Rows = append(c.Rows, row)
	}
	var err error
	c.Dots, err = dots(res)
	return c, err
}
