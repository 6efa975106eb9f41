package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strconv"

	"elegans/data/atomicfile"
	"elegans/lab/experiment"
)

// Write writes the report into a folder that exists. command is how the program was called.
func Write(dir string, res *experiment.Result, command string) error {
	html, err := page(res, made(res, command, thisMachine()))
	if err != nil {
		return err
	}
	results, err := json.MarshalIndent(res.Summary(), "", "  ")
	if err != nil {
		return err
	}
	table, err := resultsCSV(res)
	if err != nil {
		return err
	}
	curves, err := curvesCSV(res)
	if err != nil {
		return err
	}
	if err := res.SaveSubject(filepath.Join(dir, res.Comparison.Arms[0].Name+".safetensors")); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{{"results.json", append(results, '\n')}, {"results.csv", table}, {"curves.csv", curves}, {"index.html", html}} {
		if err := atomicfile.WriteBytes(filepath.Join(dir, f.name), f.b); err != nil {
			return err
		}
	}
	return nil
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func resultsCSV(res *experiment.Result) ([]byte, error) {
	rows := [][]string{{"network", "seed", "parameters", "steps", "accuracy", "loss", "valid_accuracy", "seconds"}}
	for _, r := range res.Runs {
		rows = append(rows, []string{
			r.Arm, strconv.FormatUint(r.Seed, 10), strconv.Itoa(r.Parameters), strconv.Itoa(r.Steps),
			number(r.Accuracy), number(r.Loss), number(r.Valid), number(r.Seconds),
		})
	}
	return encode(rows)
}

func curvesCSV(res *experiment.Result) ([]byte, error) {
	rows := [][]string{{"network", "seed", "epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy"}}
	for _, r := range res.Runs {
		for _, p := range r.Curve {
			rows = append(rows, []string{
				r.Arm, strconv.FormatUint(r.Seed, 10), strconv.Itoa(p.Epoch),
				number(p.TrainLoss), number(p.TrainAcc), number(p.ValidLoss), number(p.ValidAcc),
			})
		}
	}
	return encode(rows)
}

func encode(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Error()
}
