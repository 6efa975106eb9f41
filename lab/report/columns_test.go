package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"

	"elegans/lab/experiment"
)

// TestContrastColumns: every number of a test stands in its own column.
func TestContrastColumns(t *testing.T) {
	res := classifiers(t, 3)
	x := &res.Contrasts[0]
	x.Mean, x.Half, x.T, x.DF, x.P, x.PHolm, x.Detectable = .125, .25, -2.5, 3.25, .0125, .0375, .0625
	c, err := newContrasts(res)
	if err != nil {
		t.Fatal(err)
	}
	want := contrastRow{
		Control: "random graph", Difference: "+12.5", Interval: "−12.5 to +37.5", Test: "t(3.2) = −2.50", P: "0.013", Holm: "0.037",
		Detectable: "6.2", Noise: "beyond noise",
	}
	if len(c.Rows) != 1 || c.Rows[0] != want || c.Runs != 3 || c.Subject != "worm" {
		t.Errorf("found %+v, expected %+v", c.Rows, want)
	}
}

// TestCurveColumns reads curves.csv and results.csv by their headers.
func TestCurveColumns(t *testing.T) {
	res := classifiers(t, 2)
	for i := range res.Runs {
		for e := range res.Runs[i].Curve {
			// all different
			res.Runs[i].Curve[e] = experiment.Point{
				Epoch: e + 1, TrainLoss: float64(10*i + e), TrainAcc: float64(10*i+e) + .1, ValidLoss: float64(10*i+e) + .2, ValidAcc: float64(10*i+e) + .3,
			}
		}
	}
	read := func(b []byte, err error) []map[string]string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var list []map[string]string
		for _, row := range rows[1:] {
			m := map[string]string{}
			for k, name := range rows[0] {
				m[name] = row[k]
			}
			list = append(list, m)
		}
		return list
	}
	same := func(row map[string]string, name string, want float64) {
		t.Helper()
		if got, err := strconv.ParseFloat(row[name], 64); err != nil || got != want {
			t.Errorf("%s is %q, expected %v", name, row[name], want)
		}
	}
	curves := read(curvesCSV(res))
	results := read(resultsCSV(res))
	if len(results) != len(res.Runs) {
		t.Fatalf("%d rows of %d runs", len(results), len(res.Runs))
	}
	for i, r := range res.Runs {
		row := results[i]
		if row["network"] != r.Arm {
			t.Errorf("row %d is of %q, expected %q", i, row["network"], r.Arm)
		}
		for name, v := range map[string]float64{
			"seed": float64(r.Seed), "parameters": float64(r.Parameters), "steps": float64(r.Steps), "accuracy": r.Accuracy, "loss": r.Loss,
			"valid_accuracy": r.Valid, "seconds": r.Seconds,
		} {
			same(row, name, v)
		}
		for _, p := range r.Curve {
			row := curves[0]
			curves = curves[1:]
			if row["network"] != r.Arm {
				t.Errorf("a point is of %q, expected %q", row["network"], r.Arm)
			}
			for name, v := range map[string]float64{
				"seed": float64(r.Seed), "epoch": float64(p.Epoch), "train_loss": p.TrainLoss, "train_accuracy": p.TrainAcc,
				"valid_loss": p.ValidLoss, "valid_accuracy": p.ValidAcc,
			} {
				same(row, name, v)
			}
		}
	}
	if len(curves) > 0 {
		t.Errorf("%d points too many", len(curves))
	}
}
