package task

import (
	"fmt"

	"elegans/internal/quote"
)

// santaFeLengths divide the 10,093 values.
var santaFeLengths = lengths{washout: 200, train: 6000, validate: 1892, test: 2000}

func init() {
	Register(Task{
		Name: "santa_fe", Doc: "the intensity of a chaotic laser, data set A of the Santa Fe competition (A. Weigend and N. Gershenfeld, 1993), one step ahead",
		Kind: Regression, Inputs: 1, Outputs: 1, Metric: NMSE,
		Alignment: "row t predicts the series at t+1; values standardised by the training rows",
		Needs: "a file of the 10,093 values, .npy or a text with one a line: reservoirpy/datasets/santafe_laser.npy in the package reservoirpy of PyPI " +
			"(pip download --no-deps reservoirpy==0.4.2, a wheel is a zip)",
		Recipe: recipe{neurons: 200, degree: 10, scale: .708, input: .4366, bias: .03, leak: 1, penalty: 1.2e-11}.make,
		Make: func(o Options) (Problem, error) {
			if o.Path == "" {
				return Problem{}, fmt.Errorf("no path, expected a file of the 10,093 values of the series")
			}
			x, _, err := ReadSeries(o.Path, SeriesOptions{})
			if err != nil {
				return Problem{}, err
			}
			l := santaFeLengths
			if x.Dim(1) != 1 || x.Dim(0) < l.total()+1 {
				return Problem{}, fmt.Errorf("%s: %d rows of %d columns, expected at least %d of 1", quote.Name(o.Path), x.Dim(0), x.Dim(1), l.total()+1)
			}
			s := standardOf(x, l.washout+l.train)
			x = s.Apply(x)
			p := l.regression(x.Slice(0, 0, l.total(), 1), x.Slice(0, 1, l.total()+1, 1))
			p.InputScale, p.TargetScale = &s, &s
			return p, nil
		},
	})
}
