package recipe

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"elegans/autograd/optim"
	"elegans/data"
	"elegans/internal/quote"
	"elegans/internal/regular"
	"elegans/lab/zoo"
)

// Config describes a run. The zero value of most fields stands for a default, which Complete fills
// in.
type Config struct {
	Data  Data     `json:"data"`
	Model zoo.Spec `json:"model"`
	Train Train    `json:"train"`
}

// Data says what to train on and how it is brought to the model.
type Data struct {
	Name string `json:"name"` // one of data.Names
	// folder or file to read from; empty for embedded and cached sets
	Dir string `json:"dir,omitempty"`
	// height and width that the images of a folder are brought to
	Size [2]int `json:"size,omitzero"`
	// images of a folder become one channel
	Gray bool `json:"gray,omitempty"`
	// images of a folder exchange black and white
	Invert bool `json:"invert,omitempty"`
	// of a CSV file; negative counts from the end
	LabelColumn int `json:"label_column,omitempty"`
	// [C, H, W] of the rows of a CSV or NPY file
	Shape [3]int `json:"shape,omitzero"`
	// data.ChannelsFirst or data.ChannelsLast; empty where the form of an array decides
	Layout string `json:"layout,omitempty"`
	// values of a CSV or NPY file that become 0 and 1; zero where the values decide
	Range [2]float64 `json:"range,omitzero"`
	// for sets without a division of their own
	TestFraction float64 `json:"test_fraction,omitempty"`
	// share of the training part that is set apart for validation
	ValidFraction float64 `json:"valid_fraction"`
	// of the division into training and validation part
	SplitSeed uint64 `json:"split_seed"`
	// train on the first so many images only
	Limit int `json:"limit,omitempty"`
	// subtract the mean of each channel and divide by its deviation, as measured on the training
	// part
	Normalize bool      `json:"normalize"`
	Mean      []float32 `json:"mean,omitempty"` // measured ...
	Std       []float32 `json:"std,omitempty"`  // ... and kept here
	// values of at least this become 1 and the others 0; 0 leaves them as they are
	Binarize float64  `json:"binarize,omitempty"`
	Classes  []string `json:"classes,omitempty"` // names of the labels, in order, from the data
	// what the run was made from; filled in by Open, and checked if present
	Record *Record `json:"record,omitempty"`
}

// Forget clears what was measured on the images, for a description that is to be used with others.
func (d *Data) Forget() { d.Mean, d.Std, d.Classes, d.Record = nil, nil, nil, nil }

// Fixed reports whether the name of the set alone says which images it has; those of the others are
// known by where they lie.
func (d *Data) Fixed() bool { return !slices.Contains([]string{"csv", "folder", "npy"}, d.Name) }

// MayHaveSeen reports whether a run on d may have been trained on images that a run on other keeps
// for validation or test: both divide the same images, but not alike.
func (d *Data) MayHaveSeen(other *Data) bool {
	same := d.Name == other.Name && (d.Fixed() || sameFile(d.Dir, other.Dir)) || d.Record.shares(other.Record) != ""
	// else only the test set is kept, which the files themselves set apart
	divided := other.ValidFraction > 0 || !other.Fixed()
	return same && divided && (d.ValidFraction != other.ValidFraction || d.TestFraction != other.TestFraction || d.Limit != other.Limit || d.SplitSeed != other.SplitSeed)
}

// sameFile reports whether two paths, however they are spelled, name the same folder or file.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// Train says how to train.
type Train struct {
	Epochs int `json:"epochs"`
	Batch  int `json:"batch"`
	// train on the last batch of an epoch, too, where it is smaller than the others; otherwise its
	// images, others in every epoch, are left out
	KeepLast bool `json:"keep_last,omitempty"`
	// of the order of the batches, of augmentation and of dropout
	Seed        uint64  `json:"seed"`
	Optimizer   string  `json:"optimizer"`
	LR          float64 `json:"lr"`
	WeightDecay float64 `json:"weight_decay"`
	// further options of the optimiser, under PyTorch's names
	OptimizerMore json.RawMessage `json:"optimizer_options,omitempty"`
	// "none", or one of optim.ScheduleNames
	Schedule string `json:"schedule"`
	// options of the schedule, under PyTorch's names; those that follow from the run are filled in
	ScheduleMore json.RawMessage `json:"schedule_options,omitempty"`
	// share of the steps in which one_cycle rises
	Warmup float64 `json:"warmup"`
	// largest norm of the gradient
	Clip float64 `json:"clip,omitempty"`
	// decay of the average of the parameters
	EMA            float64  `json:"ema,omitempty"`
	LabelSmoothing float64  `json:"label_smoothing,omitempty"`
	Augment        []string `json:"augment,omitempty"` // see ParseAugment
	Patience       int      `json:"patience,omitempty"`
	// checkpoint whose parameters the run begins with, in place of random ones
	From string `json:"from,omitempty"`
	// of that file; filled in by the run, and checked if present
	FromSHA256 string `json:"from_sha256,omitempty"`
}

// Default is the configuration of a model that flags and files change: the recipe of the model, if
// it has one, over that of its task. An empty name stands for zoo.DefaultModel; one that is not
// known gets the recipe of a classifier, which Complete refuses.
func Default(model string) Config {
	model = cmp.Or(model, zoo.DefaultModel)
	c := Config{Model: zoo.Spec{Model: model, Seed: 1}}
	c.Data, c.Train = c.task().defaults()
	e, err := zoo.Lookup(model)
	if err != nil {
		return c
	}
	c.Model = e.Spec()
	if e.Recipe != "" {
		if err := c.Parse([]byte(e.Recipe), "recipe of "+model); err != nil {
			panic(err) // it is a constant of the model's family
		}
	}
	return c
}

const (
	maxEpochs = 1 << 20
	maxBatch  = 1 << 16
)

// Complete fills in what follows from the rest and returns an error that names the first field out
// of range.
func (c *Config) Complete() error {
	if !slices.Contains(data.Names(), c.Data.Name) {
		return fmt.Errorf("data.name %q: unknown, expected one of %s", c.Data.Name, strings.Join(data.Names(), ", "))
	}
	if !slices.Contains(zoo.Names(), c.Model.Model) {
		return fmt.Errorf("model.model %q: unknown, expected one of %s", c.Model.Model, strings.Join(zoo.Names(), ", "))
	}
	for _, n := range []struct {
		field   string
		v       float64
		lo, hi  float64
		hiTaken bool
	}{
		{"data.valid_fraction", c.Data.ValidFraction, 0, 1, false},
		{"data.binarize", c.Data.Binarize, 0, 1, true},
		{"data.test_fraction", c.Data.TestFraction, 0, 1, false},
		{"data.limit", float64(c.Data.Limit), 0, math.MaxInt32, true},
		{"train.epochs", float64(c.Train.Epochs), 1, maxEpochs, true},
		{"train.batch", float64(c.Train.Batch), 1, maxBatch, true},
		{"train.lr", c.Train.LR, 0, 1e6, true},
		{"train.weight_decay", c.Train.WeightDecay, 0, 1e6, true},
		{"train.warmup", c.Train.Warmup, 0, 1, true},
		{"train.clip", c.Train.Clip, 0, 1e30, true},
		{"train.ema", c.Train.EMA, 0, 1, false},
		{"train.label_smoothing", c.Train.LabelSmoothing, 0, 1, false},
		{"train.patience", float64(c.Train.Patience), 0, maxEpochs, true},
		{"data.size height", float64(c.Data.Size[0]), 0, 1 << 12, true},
		{"data.size width", float64(c.Data.Size[1]), 0, 1 << 12, true},
		{"data.shape channels", float64(c.Data.Shape[0]), 0, 1 << 12, true},
		{"data.shape height", float64(c.Data.Shape[1]), 0, 1 << 12, true},
		{"data.shape width", float64(c.Data.Shape[2]), 0, 1 << 24, true},
	} {
		if !(n.v >= n.lo && (n.v < n.hi || n.hiTaken && n.v == n.hi)) {
			bracket := ")"
			if n.hiTaken {
				bracket = "]"
			}
			return fmt.Errorf("%s %s: out of range, expected a number in [%s, %s%s", n.field, plain(n.v), plain(n.lo), plain(n.hi), bracket)
		}
	}
	if err := cmp.Or(c.task().check(c), c.Data.Record.check()); err != nil {
		return err
	}
	if l := c.Data.Layout; l != "" && l != data.ChannelsFirst && l != data.ChannelsLast {
		return fmt.Errorf("data.layout %s: unknown, expected %s or %s", quote.Text(l), data.ChannelsFirst, data.ChannelsLast)
	}
	if r := c.Data.Range; r != [2]float64{} && !(r[0] < r[1] && !math.IsInf(r[1]-r[0], 0)) {
		return fmt.Errorf("data.range %v: expected two finite numbers, the smaller first", r)
	}
	if c.Data.Normalize && c.Data.Binarize > 0 {
		return fmt.Errorf("data.binarize %v with data.normalize: mean and deviation are those of the grey values, expected one of the two (--no-normalize)", c.Data.Binarize)
	}
	if c.Train.Patience > 0 && c.Data.ValidFraction == 0 {
		return fmt.Errorf("train.patience %d: stopping early needs a validation part, found data.valid_fraction 0", c.Train.Patience)
	}
	if !slices.Contains(optim.Names(), c.Train.Optimizer) {
		return fmt.Errorf("train.optimizer %q: unknown, expected one of %s", c.Train.Optimizer, strings.Join(optim.Names(), ", "))
	}
	if c.Train.Schedule != "none" && !slices.Contains(optim.ScheduleNames(), c.Train.Schedule) {
		return fmt.Errorf("train.schedule %q: unknown, expected none or one of %s", c.Train.Schedule, strings.Join(optim.ScheduleNames(), ", "))
	}
	if _, err := ParseAugment(c.Train.Augment); err != nil {
		return fmt.Errorf("train.augment: %w", err)
	}
	if len(c.Data.Mean) != len(c.Data.Std) {
		return fmt.Errorf("data.mean has %d numbers and data.std %d, expected one of each a channel", len(c.Data.Mean), len(c.Data.Std))
	}
	if n := len(c.Data.Mean); n > 1 && c.Model.Input[0] != 0 && n != c.Model.Input[0] {
		return fmt.Errorf("data.mean has %d numbers, expected one for each of the %d channels", n, c.Model.Input[0])
	}
	for i, s := range c.Data.Std {
		if !(s > 0) || math.IsInf(float64(s), 0) || math.IsNaN(float64(c.Data.Mean[i])) || math.IsInf(float64(c.Data.Mean[i]), 0) {
			return fmt.Errorf("data.std[%d] %v with data.mean[%d] %v: expected finite numbers and a positive deviation", i, s, i, c.Data.Mean[i])
		}
	}
	return nil
}

// plain writes whole numbers as the user does, without exponent.
func plain(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// JSON returns the configuration in the form in which it is stored.
func (c *Config) JSON() []byte {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil { // only a raw option that is not JSON could fail, and Parse lets none through
		panic(err)
	}
	return append(b, '\n')
}

// maxDescription bounds the files that describe a run, which have a few kilobytes.
const maxDescription = 64 << 20

// Load reads a configuration; what the file does not name has the default of the model that it
// names, or of the given one.
func Load(path, model string) (Config, error) {
	b, err := regular.ReadFile(path, maxDescription)
	if err != nil {
		return Config{}, err
	}
	named := Config{}
	if err := named.Parse(b, path); err != nil {
		return Config{}, err
	}
	if model == "" {
		model = named.Model.Model
	}
	c := Default(model)
	return c, c.Parse(b, path)
}
