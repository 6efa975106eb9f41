package task

import (
	"path/filepath"
	"testing"

	"elegans/esn"
	"elegans/internal/reference"
)

// TestResults trains the recipe of each task with a few seeds and asks for what the README says
// that it reaches, with room for the spread of so few. The whole tables come from elegans esn
// train.
func TestResults(t *testing.T) {
	if testing.Short() {
		t.Skip("trains networks for half a minute")
	}
	for _, c := range []struct {
		name  string
		seeds uint64
		least float64 // of the mean of the metric; at most, where lower is better
		file  string
	}{
		{"narma10", 10, .026, ""},
		{"memory", 1, 47, ""},
		{"mackey_glass", 2, 3e-4, ""},
		{"lorenz63", 1, 8, ""},
		{"henon", 2, 5, ""},
		{"xor", 2, .99, ""},
		{"parity3", 2, .99, ""},
		{"sine_square", 2, .99, ""},
		{"santa_fe", 3, .0045, "santa_fe/santafe_laser.npy"},
		{"japanese_vowels", 10, 1 - 4./370, "japanese_vowels"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := ""
			if c.file != "" {
				path = reference.Optional(t, filepath.FromSlash(c.file))
			}
			task, err := Get(c.name)
			if err != nil {
				t.Fatal(err)
			}
			mean := 0.0
			for seed := range c.seeds {
				s, err := recipeScore(task, Options{Seed: seed + 1, Path: path})
				if err != nil {
					t.Fatal(err)
				}
				mean += s.Value / float64(c.seeds)
			}
			t.Logf("%s %.4g, mean of %d seeds", task.Metric, mean, c.seeds)
			if task.Metric.HigherIsBetter() != (mean >= c.least) {
				t.Errorf("%s %v, want %v or better", task.Metric, mean, c.least)
			}
		})
	}
}

// recipeScore trains the recipe of a task and scores it on the part Test.
func recipeScore(task *Task, o Options) (Score, error) {
	p, err := task.Make(o)
	if err != nil {
		return Score{}, err
	}
	c, readout := task.Recipe()
	c.Seed, c.Washout = o.Seed, p.Washout
	n, err := esn.NewNetwork[float64](c, p.Train[0].Input.Dim(1), p.Train[0].Target.Dim(1), readout)
	if err != nil {
		return Score{}, err
	}
	if err := n.Fit(p.Fit()); err != nil {
		return Score{}, err
	}
	return Evaluate(&p, n, p.Test)
}
