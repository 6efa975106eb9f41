package experiment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data/atomicfile"
	"elegans/internal/quote"
	"elegans/internal/regular"
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

// claimFolder makes the folder, keeps other comparisons out of it until release is called, and
// notes which images its runs see. It returns an error if runs in it have seen others, or if the
// first run of an arm has another configuration.
func (c *Comparison) claimFolder(res *Result) (release func(), err error) {
	if c.Dir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return nil, &FolderError{err}
	}
	if release, err = train.Lock(c.Dir); err != nil {
		return nil, &FolderError{err}
	}
	if err := c.sameRuns(res); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// sameRuns looks at what the folder holds already.
func (c *Comparison) sameRuns(res *Result) error {
	for i, a := range c.Arms {
		r := Run{Arm: a.Name, Seed: c.Seed, Config: res.Configs[i]}
		c.locate(&r)
		if err := r.sameConfig(c.folder(&r)); err != nil {
			return err
		}
	}
	path, sum := filepath.Join(c.Dir, imagesFile), res.Sets.Sum()+"\n"
	before, err := regular.ReadFile(path, 1<<10)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return atomicfile.WriteBytes(path, []byte(sum))
	case err != nil:
		return &FolderError{err}
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
	// Log is the SHA-256 of epochs.csv, and Sum that of this document in compact form without Sum.
	// Files of former programs have neither.
	Log string `json:"epochs_sha256,omitempty"`
	Sum string `json:"result_sha256,omitempty"`
}

// sum returns what Sum should be.
func (f finished) sum() (string, error) {
	f.Sum = ""
	b, err := json.Marshal(f) // which also makes Config compact
	return hexSum(b), err
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
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
		return r.recall(ctx, dir, f, sets, p)
	}
	return r.goOn(ctx, dir, sets, p)
}

// maxResult is the largest resultFile that is read, in bytes: far more than a configuration takes.
const maxResult = 1 << 26

// readResult returns what a finished run gave; nil if there is none in the folder.
func readResult(dir string) (*finished, error) {
	path := filepath.Join(dir, resultFile)
	b, err := regular.ReadFile(path, maxResult)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &FolderError{err}
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

// recall takes over what a finished run gave, if it agrees with what lies beside it.
func (r *Run) recall(ctx context.Context, dir string, f *finished, sets *recipe.Sets, p progress) error {
	last := filepath.Join(dir, train.LastFile)
	err := train.Load(last, nn.Params(r.Model), true)
	var made train.Made
	if err == nil {
		made, err = train.ReadMade(last)
	}
	if err == nil {
		f.Curve, err = readCurve(dir)
	}
	if err != nil {
		return &FolderError{err}
	}
	if err := f.check(dir, r, made); err != nil {
		return &FolderError{err}
	}
	f.Run.Config, f.Model, f.Recalled = r.Config, r.Model, true
	*r = f.Run
	if r.Config.Model.Task().HasClasses() || f.Sum == "" {
		// What a classifier says of each image is not kept. It takes a moment to ask it again.
		again := *r
		if err := again.read(ctx, sets); err != nil {
			return err
		}
		if err := r.agrees(&again, sets.Test.Len()); err != nil {
			return &FolderError{fmt.Errorf("%s: %w", filepath.Join(dir, resultFile), err)}
		}
		r.Test = again.Test
	}
	p.skip(r.Steps)
	return nil
}

// check compares a result with its run, the checkpoint and the log, and at last with its own sum:
// an error names the first field that is another.
func (f *finished) check(dir string, r *Run, made train.Made) error {
	path := filepath.Join(dir, resultFile)
	for _, field := range []struct {
		name        string
		found, want any
	}{
		{"network", f.Arm, r.Arm},
		{"seed", f.Seed, r.Seed},
		{"parameters", f.Parameters, nn.Count(r.Model)},
		{"steps", f.Steps, made.Steps},
		{"seconds", f.Seconds, made.Seconds},
	} {
		if field.found != field.want {
			return fmt.Errorf("%s: %s is %s, expected %s as in the run beside it; the file was changed",
				path, field.name, quote.Text(fmt.Sprint(field.found)), quote.Text(fmt.Sprint(field.want)))
		}
	}
	log := filepath.Join(dir, train.EpochsFile)
	if len(f.Curve) != made.Epochs {
		return fmt.Errorf("%s: rows for %d epochs, expected one for each of the %d of the run", log, len(f.Curve), made.Epochs)
	}
	if f.Valid != lastValid(f.Curve) {
		return fmt.Errorf("%s: its %d epochs do not end with the valid_accuracy %v of %s",
			log, len(f.Curve), f.Valid, resultFile)
	}
	if f.Log != "" {
		b, err := regular.ReadFile(log, train.MaxLog)
		if err != nil {
			return err
		}
		if hexSum(b) != f.Log {
			return fmt.Errorf("%s: has not the checksum epochs_sha256 of %s; one of them was changed", log, resultFile)
		}
	}
	if f.Sum == "" {
		return nil
	}
	sum, err := f.sum()
	if err == nil && sum != f.Sum {
		err = fmt.Errorf("%s: its content does not have the checksum result_sha256 that it names; "+
			"the file was changed (accuracy %v, loss %v)", path, f.Accuracy, f.Loss)
	}
	return err
}

// agrees compares a stored score on n images with what the checkpoint scores now. Other kernels may
// change the last bits, and with them which class is the most probable of an image.
func (r *Run) agrees(now *Run, n int) error {
	if far := math.Abs(r.Accuracy - now.Accuracy); !(far <= 2/float64(n)) && !(far <= 1e-4) {
		return fmt.Errorf("accuracy is %v, expected %v, which %s reaches; one of them was changed", r.Accuracy, now.Accuracy, train.LastFile)
	}
	if !(math.Abs(r.Loss-now.Loss) <= 1e-3*math.Abs(now.Loss)) {
		return fmt.Errorf("loss is %v, expected %v, which %s reaches; one of them was changed", r.Loss, now.Loss, train.LastFile)
	}
	return nil
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
	if file := train.Remains(dir); file != "" {
		return &FolderError{fmt.Errorf("%s: lies there without %s, which a training goes on from; "+
			"name another folder, or remove this one", file, train.LastFile)}
	}
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
		for _, k := range t.Kernels() {
			if now := train.KernelSet(); k != now {
				p.note(fmt.Sprintf("%s was made with the kernels %s and goes on with %s: the last bits of its numbers may differ",
					dir, quote.Name(k), now))
			}
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
	log, err := regular.ReadFile(filepath.Join(dir, train.EpochsFile), train.MaxLog)
	if err != nil {
		return err
	}
	f := finished{Run: *r, Config: r.Config.JSON(), Log: hexSum(log)}
	if f.Sum, err = f.sum(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, resultFile), append(b, '\n'))
}

// readCurve reads the points of a run from its epochs.csv.
func readCurve(dir string) ([]Point, error) {
	path := filepath.Join(dir, train.EpochsFile)
	l, err := train.ReadEpochs(dir)
	if err != nil {
		return nil, err
	}
	if len(l.Values) == 0 {
		return nil, fmt.Errorf("%s: found no epochs, expected a header and a row for each epoch", path)
	}
	curve := make([]Point, len(l.Values))
	for i := range curve {
		curve[i].Epoch = i + 1
	}
	for _, c := range []struct {
		name string
		of   func(p *Point) *float64
	}{
		{"train_loss", func(p *Point) *float64 { return &p.TrainLoss }},
		{"train_accuracy", func(p *Point) *float64 { return &p.TrainAcc }},
		{"valid_loss", func(p *Point) *float64 { return &p.ValidLoss }},
		{"valid_accuracy", func(p *Point) *float64 { return &p.ValidAcc }},
	} {
		values, _ := l.Column(c.name)
		for i, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%s:%d: %s is %v, expected a finite number", path, i+2, c.name, v)
			}
			*c.of(&curve[i]) = v
		}
	}
	return curve, nil
}
