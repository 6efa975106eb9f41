package recipe

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/data/safetensors"
	"elegans/lab/zoo"
)

// TestEveryOptionMatters changes one option of a description at a time: each makes another run. An
// option that is read, checked and kept, but passed on to nobody, would change nothing.
func TestEveryOptionMatters(t *testing.T) {
	base := Default("mlp")
	base.Data.Limit = 200
	base.Model.Config = zoo.MLPConfig{Hidden: []int{4}}
	base.Train.Epochs, base.Train.Batch, base.Train.LR = 3, 25, .03
	// result returns all parameters, those that are validated, and how far the run came.
	result := func(name string, change func(c *Config)) []float64 {
		c := base
		change(&c)
		_, r := openRun(t, &c)
		res, err := r.Run(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		v := []float64{float64(res.Epochs), res.Last.Valid["loss"]}
		add := func() error {
			for _, p := range nn.Params(r.Model) {
				for _, x := range p.Value.Data() {
					v = append(v, float64(x))
				}
			}
			return nil
		}
		_ = add()
		if err := r.Averaged(add); err != nil {
			t.Fatal(err)
		}
		return v
	}
	nothing := func(*Config) {}
	want := result("the same", nothing)
	if !slices.Equal(want, result("the same again", nothing)) {
		t.Fatal("two runs of one description differ")
	}
	for name, change := range map[string]func(c *Config){
		"data.valid_fraction":     func(c *Config) { c.Data.ValidFraction = .3 },
		"data.split_seed":         func(c *Config) { c.Data.SplitSeed++ },
		"data.limit":              func(c *Config) { c.Data.Limit = 100 },
		"data.normalize":          func(c *Config) { c.Data.Normalize = false },
		"data.binarize":           func(c *Config) { c.Data.Normalize, c.Data.Binarize = false, .7 },
		"model.seed":              func(c *Config) { c.Model.Seed++ },
		"train.epochs":            func(c *Config) { c.Train.Epochs = 2 },
		"train.batch":             func(c *Config) { c.Train.Batch = 30 },
		"train.keep_last":         func(c *Config) { c.Train.KeepLast = true },
		"train.seed":              func(c *Config) { c.Train.Seed++ },
		"train.optimizer":         func(c *Config) { c.Train.Optimizer = "adam" },
		"train.optimizer_options": func(c *Config) { c.Train.OptimizerMore = []byte(`{"betas": [0.5, 0.9]}`) },
		"train.lr":                func(c *Config) { c.Train.LR = .02 },
		"train.weight_decay":      func(c *Config) { c.Train.WeightDecay = .5 },
		"train.schedule":          func(c *Config) { c.Train.Schedule = "none" },
		"train.schedule_options":  func(c *Config) { c.Train.ScheduleMore = []byte(`{"div_factor": 2}`) },
		"train.warmup":            func(c *Config) { c.Train.Warmup = .5 },
		"train.clip":              func(c *Config) { c.Train.Clip = .01 },
		"train.ema":               func(c *Config) { c.Train.EMA = .9 },
		"train.label_smoothing":   func(c *Config) { c.Train.LabelSmoothing = .2 },
		"train.augment":           func(c *Config) { c.Train.Augment = []string{"shift:1"} },
	} {
		if got := result(name, change); slices.Equal(got, want) {
			t.Errorf("%s does nothing", name)
		}
	}
	// Of a network that does not move, the first epoch is the best.
	still := func(c *Config) { c.Train.LR, c.Train.WeightDecay, c.Train.Schedule = 0, 0, "none" }
	if got := result("still", still); got[0] != 3 {
		t.Errorf("%v epochs, expected 3", got[0])
	}
	if got := result("train.patience", func(c *Config) { still(c); c.Train.Patience = 1 }); got[0] != 2 {
		t.Errorf("with a patience of 1, %v epochs, expected 2", got[0])
	}
}

// TestSchedulesSpanTheTraining: a schedule that takes the length of the training ends with it.
func TestSchedulesSpanTheTraining(t *testing.T) {
	c := Default("mlp")
	c.Data.Limit, c.Train.Epochs, c.Train.Batch = 200, 10, 20
	c.Train.LR, c.Train.Warmup = .4, .2
	scheduled := func(name, more string) (optim.Schedule, int) {
		own := c
		own.Train.Schedule, own.Train.ScheduleMore = name, []byte(more)
		_, r := openRun(t, &own)
		steps := own.Train.Epochs * r.Train.Steps()
		if steps < 40 {
			t.Fatalf("%d steps", steps)
		}
		return r.Schedule, steps
	}
	near := func(name string, s optim.Schedule, step int, want float64) {
		t.Helper()
		if got := s.At(step).LR; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: learning rate %v at step %d, expected %v", name, got, step, want)
		}
	}
	s, n := scheduled("one_cycle", "")
	near("one_cycle", s, n-1, .4/25/1e4)
	if at := int(.2*float64(n)) - 1; s.At(at).LR < s.At(at+1).LR || s.At(at).LR < s.At(at-1).LR {
		t.Errorf("one_cycle: no maximum at step %d of %d", at, n)
	}
	s, n = scheduled("cosine", "")
	near("cosine", s, n, 0)
	near("cosine", s, n/2, .2)
	s, n = scheduled("linear", `{"start_factor": 1, "end_factor": 0.5}`)
	near("linear", s, n, .2)
	near("linear", s, n/2, .3)
	s, n = scheduled("polynomial", "")
	near("polynomial", s, n, 0)
	near("polynomial", s, n/2, .2)
	s, n = scheduled("constant", `{"factor": 0.5}`)
	near("constant", s, n-1, .2)
	near("constant", s, n, .4)
	s, n = scheduled("warmup_linear", "")
	near("warmup_linear", s, n/5-1, .4)
	near("warmup_linear", s, n/10-1, .2)
	s, n = scheduled("warmup_cosine", "")
	near("warmup_cosine", s, n/5, .4)
	near("warmup_cosine", s, n/5+(n-n/5)/2, .2)
	near("warmup_cosine", s, n, 0)
	if s, _ = scheduled("plateau", ""); s.(*optim.Plateau).Mode != "max" {
		t.Errorf("plateau waits for the accuracy to fall: mode %q, expected max", s.(*optim.Plateau).Mode)
	}
}

// TestAveragesAreWhatIsRead: whoever reads a checkpoint of a run with an average gets the average,
// and the test set of Fit is read with it.
func TestAveragesAreWhatIsRead(t *testing.T) {
	dir := t.TempDir()
	c := Default("mlp")
	c.Data.Limit = 200
	c.Model.Config = zoo.MLPConfig{Hidden: []int{4}}
	c.Train.Epochs, c.Train.Batch, c.Train.EMA, c.Train.LR = 2, 20, .9, .05
	fitted, err := Fit(context.Background(), c, dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, train.LastFile)
	loaded, err := LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	from := c
	from.Train.From = path
	sets, err := from.Open(context.Background(), Source{})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := zoo.Build[float32](from.Model)
	if err != nil {
		t.Fatal(err)
	}
	if err := from.StartFrom(begun); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range nn.Params(loaded.Net) {
		raw, err1 := safetensors.Get[float32](f, p.Path)
		average, err2 := safetensors.Get[float32](f, "average/"+p.Path)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if slices.Equal(raw.Data(), average.Data()) {
			t.Fatalf("%s: average and last value are the same", p.Path)
		}
		if !slices.Equal(p.Value.Data(), average.Data()) {
			t.Errorf("LoadModel: %s is not the average", p.Path)
		}
		for _, q := range nn.Params(begun) {
			if q.Path == p.Path && !slices.Equal(q.Value.Data(), average.Data()) {
				t.Errorf("StartFrom: %s is not the average", p.Path)
			}
		}
	}
	score, err := loaded.Config.Score(context.Background(), loaded.Net, sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	if fitted.Test != score {
		t.Errorf("Fit reads the test set as %v, the average gives %v", fitted.Test, score)
	}
}

// TestObjective: a classifier is trained for the smoothed labels that its description asks for.
func TestObjective(t *testing.T) {
	c := Default("mlp")
	c.Train.LabelSmoothing = .25
	_, r := openRun(t, &c)
	o, ok := r.Objective.(train.Classifier[float32])
	if !ok || o.LabelSmoothing != .25 {
		t.Errorf("objective %+v", r.Objective)
	}
}
