package reservoir_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/lab/jobs"
	"elegans/lab/reservoir"
)

// TestEvaluateStopsAndGoesOn: runs that are stopped again and again, and one of which loses its
// network, reach what others do that are not, with the same networks and the same picture.
func TestEvaluateStopsAndGoesOn(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "neurons=12")
	made := 0
	run := func(dir string, most int) (*reservoir.Result, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		now := 0
		return reservoir.Evaluate(ctx, r, get(t, "henon"), reservoir.Options{Dir: dir, Seeds: 5, Jobs: 1, Show: true, Done: func(reservoir.Run, int) {
			made++
			if now++; now == most {
				cancel()
			}
		}})
	}
	text := func(res *reservoir.Result) string {
		shown, err := json.Marshal(res.Runs[0].Shown)
		if err != nil {
			t.Fatal(err)
		}
		res.Seconds = 0
		for i := range res.Runs {
			res.Runs[i].Seconds = 0
		}
		b, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + string(shown)
	}
	whole, part := t.TempDir(), t.TempDir()
	res, err := run(whole, -1)
	if err != nil {
		t.Fatal(err)
	}
	if res.Runs[0].Shown == nil {
		t.Error("no picture")
	}
	want := text(res)
	made = 0
	lost := "network-2.safetensors"
	for range 2 {
		if _, err := run(part, 2); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want one of a cancelled context", err)
		}
	}
	if err := os.Remove(filepath.Join(part, lost)); err != nil {
		t.Fatal(err)
	}
	if res, err = run(part, -1); err != nil {
		t.Fatal(err)
	}
	if got := text(res); got != want {
		t.Errorf("after stops\n%s\nwant\n%s", got, want)
	}
	if made != 6 {
		t.Errorf("%d runs were made, want 5 and the lost one again", made)
	}
	for _, run := range res.Runs {
		a, err1 := os.ReadFile(filepath.Join(whole, run.Network))
		b, err2 := os.ReadFile(filepath.Join(part, run.Network))
		if err := errors.Join(err1, err2); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v", run.Network, err)
		}
	}
	set(t, &r, "neurons=13")
	var changed *jobs.ChangedError
	if _, err := run(part, -1); !errors.As(err, &changed) || !strings.Contains(err.Error(), "recipe.reservoir.neurons is 12, expected 13") {
		t.Errorf("another recipe: %v", err)
	}
}
