// Command results measures what networks reach on the tasks of package task, one line a network:
// the mean and the standard deviation over seeds on the part Test, beside the figure that others
// report. A seed draws the weights, and the series too where it is drawn.
//
//	go run ./esn/task/testdata/results -only narma10
//	go run ./esn/task/testdata/results -only japanese_vowels -path FOLDER
//	go run ./esn/task/testdata/results -only narma10/ring_200 -search 75
//
// With -search it draws so many settings of one network, scores them on the part Validate with
// other seeds than those that test, and prints the best: that is how the settings in rows.go and in
// the recipes of the tasks were found.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

func main() {
	only := flag.String("only", "", "task, or task/network; several are separated by commas")
	seeds := flag.Int("seeds", 10, "seeds that test, from 1")
	path := flag.String("path", "", "file or folder of a task that needs one")
	draws := flag.Int("search", 0, "draw so many settings and score them on the validation part")
	searchSeeds := flag.Int("search-seeds", 4, "seeds of the search, from 1001")
	searchKey := flag.Uint64("search-key", 1, "seed of the settings that are drawn")
	flag.Parse()
	if err := run(*only, *seeds, *path, *draws, *searchSeeds, *searchKey); err != nil {
		fmt.Fprintln(os.Stderr, "results:", err)
		os.Exit(1)
	}
}

func run(only string, seeds int, path string, draws, searchSeeds int, searchKey uint64) error {
	chosen := 0
	for _, r := range rows() {
		name := r.task + "/" + r.name
		if only != "" && !slices.ContainsFunc(strings.Split(only, ","), func(o string) bool { return o == r.task || o == name }) {
			continue
		}
		t, err := task.Get(r.task)
		if err != nil {
			return err
		}
		if t.Needs != "" && path == "" {
			fmt.Printf("| %s | skipped: -path is not given, which is %s |\n", name, t.Needs)
			continue
		}
		chosen++
		if draws > 0 {
			if err := r.search(t, path, draws, searchSeeds, searchKey); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		began := time.Now()
		var values, wrong []float64
		for seed := uint64(1); seed <= uint64(seeds); seed++ {
			s, err := r.score(t, path, seed, true)
			if err != nil {
				return fmt.Errorf("%s, seed %d: %w", name, seed, err)
			}
			values, wrong = append(values, s.Value), append(wrong, float64(s.Wrong))
		}
		fmt.Printf("| %s | %s %s | %s | %.3g s a seed |", name, t.Metric, spread(values), r.published, time.Since(began).Seconds()/float64(seeds))
		if t.Metric == task.Accuracy {
			fmt.Printf(" wrong %s |", spread(wrong))
		}
		fmt.Println()
	}
	if chosen == 0 {
		return fmt.Errorf("no network is called %q", only)
	}
	return nil
}

// spread is mean ± standard deviation, and the extremes.
func spread(v []float64) string {
	mean, sd := stat.MeanStdDev(v, nil)
	if len(v) == 1 {
		sd = 0
	}
	return fmt.Sprintf("%.4g ± %.2g (%.4g to %.4g)", mean, sd, slices.Min(v), slices.Max(v))
}

// score trains the network of a seed and scores it on the part Test, or Validate.
func (r row) score(t *task.Task, path string, seed uint64, test bool) (task.Score, error) {
	p, err := problem(t, path, seed)
	if err != nil {
		return task.Score{}, err
	}
	c, readout := r.network()
	c.Seed, c.Washout = seed, p.Washout
	part, fit := p.Validate, p.Train
	if test {
		part, fit = p.Test, p.Fit()
	}
	inputs, outputs := p.Train[0].Input.Dim(1), p.Train[0].Target.Dim(1)
	if r.single {
		return fitAndScore[float32](&p, c, inputs, outputs, readout, fit, part)
	}
	return fitAndScore[float64](&p, c, inputs, outputs, readout, fit, part)
}

// problem keeps that of a file, which is the same for all seeds but for the part that validates.
func problem(t *task.Task, path string, seed uint64) (task.Problem, error) {
	if t.Needs != "" {
		seed = 1
		if kept.Task == t {
			return kept, nil
		}
	}
	p, err := t.Make(task.Options{Seed: seed, Path: path})
	kept = p
	return p, err
}

var kept task.Problem

func fitAndScore[T tensor.Float](
	p *task.Problem, c esn.Config, inputs, outputs int, readout esn.Readout, fit, part []esn.Sequence,
) (task.Score, error) {
	n, err := esn.NewNetwork[T](c, inputs, outputs, readout)
	if err != nil {
		return task.Score{}, err
	}
	if err := n.Fit(fit); err != nil {
		return task.Score{}, err
	}
	return task.Evaluate(p, n, part)
}
