package experiment

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data/atomicfile"
	"elegans/lab/recipe"
)

const (
	// imagesFile keeps, in the folder of a comparison, the sum of the images that its runs see.
	imagesFile = "images.sha256"
	// resultFile keeps, in the folder of a finished run, what it amounts to.
	resultFile = "result.json"
	// saveEvery is the time between checkpoints within an epoch.
	saveEvery = time.Minute
)

// FolderError says what is wrong with what lies in the folder of a comparison already.
type FolderError struct{ err error }

// Error implements error.
func (e *FolderError) Error() string { return e.err.Error() }

// Unwrap returns what it is made of.
func (e *FolderError) Unwrap() error { return e.err }

// claimFolder makes the folder and notes which images its runs see. It returns an error if runs in
// it have seen others, or if the first run of an arm has another configuration.
func (c *Comparison) claimFolder(res *Result) error {
	if c.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return &FolderError{err}
	}
	for i, a := range c.Arms {
		r := Run{Arm: a.Name, Seed: c.Seed, Config: res.Configs[i]}
		c.locate(&r)
		if err := r.sameConfig(c.folder(&r)); err != nil {
			return err
		}
	}
	path, sum := filepath.Join(c.Dir, imagesFile), res.Sets.Sum()+"\n"
	before, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return atomicfile.WriteBytes(path, []byte(sum))
	case err != nil:
		return err
	case string(before) != sum:
		return &FolderError{fmt.Errorf("%s: the runs beside it have seen other images; name another folder", path)}
	}
	return nil
}

// folder returns where a run is kept.
func (c *Comparison) folder(r *Run) string {
	return filepath.Join(c.Dir, fmt.Sprintf("%s-%d", r.Arm, r.Seed))
}

// locate notes in the configuration of a run where its data lie, if that says which data they are.
func (c *Comparison) locate(r *Run) {
	if r.Config.Data.Fixed() {
		r.Config.Data.Dir = ""
	} else if c.From.Dir != "" {
		r.Config.Data.Dir = c.From.Dir
	}
}

// finished is the content of a resultFile.
type finished struct {
	Run
	Config json.RawMessage `json:"config"`
}

// kept makes a run in its folder, goes on with it, or reads what it gave when it was made.
func (c *Comparison) kept(ctx context.Context, r *Run, sets *recipe.Sets, p progress) error {
	c.locate(r)
	dir := c.folder(r)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	unlock, err := train.Lock(dir)
	if err != nil {
		return &FolderError{err}
	}
	defer unlock()
	if err := r.sameConfig(dir); err != nil {
		return err
	}
	f, err := readResult(dir)
	if err != nil {
		return err
	}
	if f != nil {
		return r.recall(dir, f, sets, p)
	}
	return r.goOn(ctx, dir, sets, p)
}

// readResult returns what a finished run gave; nil if there is none in the folder.
func readResult(dir string) (*finished, error) {
	path := filepath.Join(dir, resultFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := &finished{}
	if err := json.Unmarshal(b, f); err != nil {
		return nil, &FolderError{fmt.Errorf("%s: %w", path, err)}
	}
	if len(f.Config) == 0 {
		return nil, &FolderError{fmt.Errorf("%s: found no config, expected the result of a run", path)}
	}
	return f, nil
}

// storedConfig returns the configuration of the run in a folder and the file that has it; nil if
// there is no run.
func storedConfig(dir string) (config []byte, file string, err error) {
	f, err := readResult(dir)
	if err != nil {
		return nil, "", err
	}
	if f != nil {
		return f.Config, filepath.Join(dir, resultFile), nil
	}
	if !train.HasRun(dir) {
		return nil, "", nil
	}
	file = filepath.Join(dir, train.LastFile)
	if config, err = train.ReadConfig(file); err != nil {
		return nil, "", &FolderError{err}
	}
	return config, file, nil
}

// sameConfig returns an error that names the first field in which the configuration of the run in a
// folder, if there is one, is not that of r.
func (r *Run) sameConfig(dir string) error {
	before, file, err := storedConfig(dir)
	if err != nil || before == nil {
		return err
	}
	var old recipe.Config
	err = old.Parse(before, file)
	if err == nil {
		// which says what does not count, such as a graph that nothing uses
		err = old.Model.Complete()
	}
	if err != nil {
		return &FolderError{err}
	}
	if err := old.SameData(&r.Config); err != nil {
		return &FolderError{fmt.Errorf("%s: its run has seen other images: %w; name another folder, or remove this one", dir, err)}
	}
	if field, found, want := old.Difference(&r.Config); field != "" {
		return &FolderError{fmt.Errorf("%s: holds a run with another configuration: %s %s, expected %s; "+
			"name another folder, or remove this one", dir, field, found, want)}
	}
	return nil
}

// recall takes over what a finished run gave.
func (r *Run) recall(dir string, f *finished, sets *recipe.Sets, p progress) error {
	err := train.Load(filepath.Join(dir, train.LastFile), nn.Params(r.Model), true)
	if err == nil {
		f.Curve, err = readCurve(dir)
	}
	if err != nil {
		return &FolderError{err}
	}
	if len(f.Curve) == 0 || f.Valid != lastValid(f.Curve) {
		return &FolderError{fmt.Errorf("%s: its %d epochs do not end with the valid_accuracy %v of %s",
			filepath.Join(dir, "epochs.csv"), len(f.Curve), f.Valid, resultFile)}
	}
	f.Run.Config, f.Model, f.Recalled = r.Config, r.Model, true
	*r = f.Run
	p.skip(r.Steps)
	if !r.Config.Model.Task().HasClasses() {
		return nil
	}
	// What a classifier says of each image is not kept. It takes a moment to ask it again.
	r.Test, err = r.Config.Predict(r.Model, sets.Test)
	return err
}

// goOn trains in a folder, from where an earlier training stopped if there was one, and keeps the
// result.
func (r *Run) goOn(ctx context.Context, dir string, sets *recipe.Sets, p progress) error {
	t, err := r.Config.NewRun(r.Model, sets)
	if err != nil {
		return err
	}
	defer t.Close()
	t.Dir, t.Save, t.Describe = dir, saveEvery, r.Config.JSON()
	if train.HasRun(dir) {
		// The configuration is the same, but an older program may have spelled it otherwise.
		stored, _, err := storedConfig(dir)
		if err != nil {
			return err
		}
		if t.Describe, err = t.Rewrite(stored); err != nil {
			return &FolderError{err}
		}
		if err := t.Resume(); err != nil {
			return &FolderError{err}
		}
		p.skip(t.StepsDone())
	}
	if err := r.finish(ctx, t, sets, p); err != nil {
		return err
	}
	if r.Curve, err = readCurve(dir); err != nil {
		return err
	}
	r.Valid = lastValid(r.Curve)
	b, err := json.MarshalIndent(finished{*r, r.Config.JSON()}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, resultFile), append(b, '\n'))
}

// readCurve reads the points of a run from its epochs.csv.
func readCurve(dir string) ([]Point, error) {
	path := filepath.Join(dir, "epochs.csv")
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, errors.Join(err, fmt.Errorf("%s: expected a header and a row for each epoch", path))
	}
	var curve []Point
	for i, row := range rows[1:] {
		p := Point{Epoch: i + 1}
		for _, c := range []struct {
			name string
			to   *float64
		}{
			{"train_loss", &p.TrainLoss}, {"train_accuracy", &p.TrainAcc},
			{"valid_loss", &p.ValidLoss}, {"valid_accuracy", &p.ValidAcc},
		} {
			if k := slices.Index(rows[0], c.name); k >= 0 {
				if *c.to, err = strconv.ParseFloat(row[k], 64); err != nil {
					return nil, fmt.Errorf("%s:%d: %s: %w", path, i+2, c.name, err)
				}
			}
		}
		curve = append(curve, p)
	}
	return curve, nil
}
