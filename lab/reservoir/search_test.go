package reservoir_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"elegans/lab/jobs"
	"elegans/lab/reservoir"
)

func henonSearch(t *testing.T) reservoir.Search {
	r := reservoir.DefaultRecipe()
	set(t, &r, "neurons=12")
	return reservoir.Search{Task: "henon", Recipe: r, Space: []string{"radius=log:.1:2", "activation=of:tanh|sin", "degree=int:2:9"}, Method: "random", Trials: 7, Seed: 3, Seeds: 2}
}

// TestSearchStopsAndGoesOn: a search that is stopped again and again finds the same, with the same
// trials, as one that is not, for any number of trials at a time.
func TestSearchStopsAndGoesOn(t *testing.T) {
	run := func(dir string, jobs, most int) (*reservoir.Found, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		made := 0
		s := henonSearch(t)
		return s.Run(ctx, get(t, "henon"), reservoir.SearchOptions{Dir: dir, Jobs: jobs, Done: func(reservoir.Trial) {
			if made++; made == most {
				cancel()
			}
		}})
	}
	text := func(f *reservoir.Found) string {
		for i := range f.Trials {
			f.Trials[i].Seconds = 0
		}
		f.Best.Seconds = 0
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	whole, err := run(t.TempDir(), 1, -1)
	if err != nil {
		t.Fatal(err)
	}
	want := text(whole)
	if len(whole.Trials) != 7+3+1 {
		t.Errorf("%d trials, want 11", len(whole.Trials))
	}
	dir := t.TempDir()
	for stops := 0; ; stops++ {
		found, err := run(dir, 1+stops%3, 2)
		if errors.Is(err, context.Canceled) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := text(found); got != want {
			t.Errorf("after %d stops %s, want %s", stops, got, want)
		}
		if stops < 3 {
			t.Errorf("stopped %d times only", stops)
		}
		break
	}
}

// TestSearchLooksAtValidationOnly: the best of the last rung has the best score there, and other
// data in the folder are refused.
func TestSearchLooksAtValidationOnly(t *testing.T) {
	s, dir := henonSearch(t), t.TempDir()
	found, err := s.Run(context.Background(), get(t, "henon"), reservoir.SearchOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	last := found.Trials[len(found.Trials)-1].Rung
	for _, trial := range found.Trials {
		if trial.Rung == last && trial.Score != nil && *trial.Score > *found.Best.Score {
			t.Errorf("trial %+v is better than %+v", trial, found.Best)
		}
	}
	if !slices.ContainsFunc(found.Best.Settings, func(v reservoir.Setting) bool { return v.Key == "radius" }) {
		t.Errorf("settings %v", found.Best.Settings)
	}
	var changed *jobs.ChangedError
	if _, err := s.Run(context.Background(), get(t, "logistic"), reservoir.SearchOptions{Dir: dir}); !errors.As(err, &changed) {
		t.Errorf("other data: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, reservoir.TrialsFile)); err != nil || len(b) == 0 {
		t.Errorf("no trials are kept: %v", err)
	}
}
