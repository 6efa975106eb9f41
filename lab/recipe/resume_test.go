package recipe

import (
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"elegans/autograd/train"
	"elegans/lab/zoo"
)

// TestFormerRunResumes goes on with a run that an earlier program wrote, whose configuration has
// former keys and whose epochs count from 0. The losses are those with which that program went on,
// up to the differences between kernels.
func TestFormerRunResumes(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "testdata", "checkpoints", "stopped"))); err != nil {
		t.Fatal(err)
	}
	stored, err := train.ReadConfig(filepath.Join(dir, train.LastFile))
	if err != nil {
		t.Fatal(err)
	}
	var c Config
	if err := c.Parse(stored, "configuration"); err != nil {
		t.Fatal(err)
	}
	sets, err := c.Open(context.Background(), Source{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.NewRun(model, sets)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Dir = dir
	if err := r.Resume(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	losses := map[int]float64{122: 1.4424814581871033, 123: 1.4389048218727112, 124: 1.4694553017616272}
	r.OnEpoch = func(e train.Epoch) {
		if want, ok := losses[e.Number]; ok && math.Abs(e.Train["loss"]-want) > 1e-3 {
			t.Errorf("epoch %d: loss %v, want %v", e.Number, e.Train["loss"], want)
		}
		delete(losses, e.Number)
		if len(losses) == 0 || e.Number > 124 {
			stop()
		}
	}
	if _, err := r.Run(ctx); !errors.Is(err, train.ErrStopped) || len(losses) > 0 {
		t.Fatalf("error %v, epochs that were not run: %v", err, losses)
	}
	f, err := os.Open(filepath.Join(dir, "epochs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 125 {
		t.Fatalf("%d rows, want a header and 124: %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if row[0] != strconv.Itoa(i+1) {
			t.Fatalf("row %d is of epoch %s", i+1, row[0])
		}
	}
}
