package recipe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/internal/quote"
	"elegans/internal/regular"
	"elegans/lab/zoo"
)

// ErrHasRun says that a folder for a new run holds one already.
var ErrHasRun = errors.New("holds a run")

// Options adjust how Begin sets up a run without being part of its description. The zero value
// reads the data from where the description says, and goes on with a run that the folder holds.
type Options struct {
	Source Source
	// New refuses a folder that holds a run, with ErrHasRun; Resume refuses one that holds none.
	New, Resume bool
	// Save is the time between checkpoints within an epoch; 0 stands for a minute.
	Save time.Duration
}

// Training is a run in its folder, ready to begin or to go on.
type Training struct {
	*Run            // the caller may set OnStep and OnEpoch
	Config  *Config // completed by the data
	Sets    *Sets
	Former  int      // steps that were made before
	Notes   []string // what the user should be told: one line each
	release func()
}

// Outcome is what a finished training amounts to. The scores are of the test set, read once, at the
// end, with the averaged parameters where there is an average.
type Outcome struct {
	train.Result
	Last Score  // of the last epoch
	Best *Score // of the best epoch on the validation part; nil without one
}

// Begin opens the data of a recipe, builds its model and claims the folder, which is made if need
// be. A run that the folder holds goes on, if it is one of the same recipe on the same data. What
// is wrong with any of this is found before the folder is made. The caller closes the training.
func Begin(ctx context.Context, c Config, dir string, o Options) (t *Training, err error) {
	begun := train.HasRun(dir)
	switch {
	case begun && o.New:
		return nil, fmt.Errorf("%s: %w", dir, ErrHasRun)
	case !begun && o.Resume:
		return nil, fmt.Errorf("%s: found no %s, expected the folder of a run", dir, train.LastFile)
	case !begun:
		if file := train.Remains(dir); file != "" {
			return nil, fmt.Errorf("%s: left by a run whose %s is lost, expected a folder without it", file, train.LastFile)
		}
	}
	var stored Config
	if begun {
		if stored, err = ReadRun(dir); err != nil {
			return nil, err
		}
		c.follow(&stored)
	}
	if c.Train.From != "" && !begun {
		if err := c.takeClasses(); err != nil {
			return nil, fmt.Errorf("train.from: %w", err)
		}
	}
	sets, err := c.Open(ctx, o.Source)
	if err != nil {
		return nil, err
	}
	if begun {
		if err := c.agree(&stored, dir); err != nil {
			return nil, err
		}
	}
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		return nil, err
	}
	if c.Train.From != "" && !begun {
		if err := c.StartFrom(model); err != nil {
			return nil, fmt.Errorf("train.from: %w", err)
		}
	}
	r, err := c.NewRun(model, sets)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	release, err := train.Lock(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	if begun != train.HasRun(dir) { // another program had the folder between the two looks
		return nil, fmt.Errorf("%s: a run was begun or removed there just now", dir)
	}
	r.Dir, r.Save = dir, o.Save
	if r.Save == 0 {
		r.Save = time.Minute
	}
	if begun {
		if err := r.Resume(); err != nil {
			return nil, err
		}
	}
	t = &Training{Run: r, Config: &c, Sets: sets, Former: r.StepsDone(), Notes: c.Notes(sets), release: release}
	for _, k := range r.Kernels() {
		if now := train.KernelSet(); k != now {
			t.Notes = append(t.Notes, fmt.Sprintf("the kernels %s made steps of this run, which goes on with %s: "+
				"from here on it is not, bit for bit, the run that one set would have made (ELEGANS_KERNEL names the set)", quote.Name(k), now))
		}
	}
	return t, nil
}

// Close stops what works in the background and gives the folder free.
func (t *Training) Close() {
	t.Run.Close()
	t.release()
}

// Fit trains to the end, writes what is to be seen of the run after every epoch, and reads the test
// set. It returns train.ErrStopped, with a checkpoint saved, if ctx is cancelled during training.
// It can be called once.
func (t *Training) Fit(ctx context.Context) (*Outcome, error) {
	c := t.Config
	show := func() error { return t.Averaged(func() error { return c.Show(t.Run, t.Sets.Valid, false) }) }
	// of what is written beside the run: every epoch writes it anew, so only the last attempt
	// counts
	var shown error
	tell := t.OnEpoch
	t.OnEpoch = func(e train.Epoch) {
		if tell != nil {
			tell(e)
		}
		shown = show()
	}
	result, err := t.Run.Run(ctx)
	if err != nil {
		return nil, err
	}
	if t.Former == t.StepsDone() {
		// the run was finished, perhaps just before its last epoch was shown
		shown = show()
	}
	if shown != nil {
		return nil, shown
	}
	return t.test(ctx, result)
}

// test reads the test set: with the parameters of the last epoch, and with those of the best, where
// they are others.
func (t *Training) test(ctx context.Context, result train.Result) (*Outcome, error) {
	o := &Outcome{Result: result}
	t.Rest()
	read := func(file string) (Score, error) {
		if err := train.Load(filepath.Join(t.Dir, file), nn.Params(t.Model), true); err != nil {
			return Score{}, err
		}
		return t.Config.Score(ctx, t.Model, t.Sets.Test)
	}
	if o.BestEpoch != 0 && o.BestEpoch != o.Epochs {
		best, err := read(train.BestFile)
		if err != nil {
			return nil, err
		}
		o.Best = &best
	}
	var err error
	if o.Last, err = read(train.LastFile); err != nil {
		return nil, err
	}
	if o.BestEpoch != 0 && o.BestEpoch == o.Epochs {
		o.Best = &o.Last
	}
	return o, t.Config.Show(t.Run, t.Sets.Test, true)
}

// ReadRun returns the description of the run in a folder, which its last checkpoint carries. The
// other files there must be of the same run: an error names the first field that config.json or
// best.safetensors has otherwise.
func ReadRun(dir string) (Config, error) {
	last := filepath.Join(dir, train.LastFile)
	c, err := readConfig(last)
	if err == nil {
		err = cmp.Or(c.Complete(), c.Model.Complete())
	}
	if err != nil {
		return c, err
	}
	for _, name := range []string{train.ConfigFile, train.BestFile} {
		path := filepath.Join(dir, name)
		beside, err := readBeside(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the checkpoint says all there is to say
		}
		if err != nil {
			return c, err
		}
		if field, here, there := c.Difference(beside); field != "" {
			return c, fmt.Errorf("%s: %s has %s %s and %s has %s, so they are not of one run: put the file or the value of this run back, "+
				"or begin another run in another folder", dir, name, field, there, train.LastFile, here)
		}
	}
	return c, nil
}

// readBeside returns the description in a file that lies beside a checkpoint.
func readBeside(path string) (*Config, error) {
	if filepath.Ext(path) == filepath.Ext(train.LastFile) {
		c, err := readConfig(path)
		if err == nil {
			err = cmp.Or(c.Complete(), c.Model.Complete())
		}
		return &c, err
	}
	b, err := regular.ReadFile(path, maxDescription)
	if err != nil {
		return nil, err
	}
	var c Config
	if err = c.Parse(b, path); err == nil {
		err = cmp.Or(c.Complete(), c.Model.Complete())
	}
	return &c, err
}

// follow takes over from the description of a run what a description that is to go on with it need
// not say: what was measured on the data and which they were.
func (c *Config) follow(stored *Config) {
	if c.Data.Record == nil {
		c.Data.Record = stored.Data.Record
	}
	if len(c.Data.Classes) == 0 {
		c.Data.Classes = stored.Data.Classes
	}
	if c.Train.FromSHA256 == "" && c.Train.From == stored.Train.From {
		// the file itself need not be there any more
		c.Train.FromSHA256 = stored.Train.FromSHA256
	}
}

// agree returns an error that names the first field in which an opened description is not that of
// the run in a folder. What an earlier program did not record is left as it is.
func (c *Config) agree(stored *Config, dir string) error {
	if stored.Data.Record == nil {
		c.Data.Record = nil
	} else {
		c.Data.Dir = stored.Data.Dir // the same images, wherever they lie now
	}
	field, here, there := c.Difference(stored)
	if field == "" {
		return nil
	}
	return fmt.Errorf("%s: %s is %s in the run that is there, and not %s: go on without that change, or begin another run in another folder",
		dir, field, there, here)
}
