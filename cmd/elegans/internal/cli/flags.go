package cli

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"elegans/data"
	"elegans/internal/quote"
	"elegans/lab/recipe"
)

// saveEvery is the time between checkpoints within an epoch.
const saveEvery = time.Minute

// recipeFlags change a recipe.Config. A flag that is not given is nil and changes nothing, so that
// flags can go before a file and the file before the defaults.
type recipeFlags struct {
	Data          *string  `help:"Data set: ${dataNames} (default: digits; mnist for autoencoders)." placeholder:"NAME" group:"Data"`
	DataDir       *string  `help:"Folder or file to read it from." placeholder:"PATH" group:"Data"`
	ImageSize     []int    `help:"Height and width for the images of a folder, such as 32,32." placeholder:"H,W" group:"Data"`
	Gray          *bool    `help:"Turn the images of a folder to one channel." group:"Data"`
	Shape         []int    `help:"Channels, height and width of the rows of a CSV or NPY file." placeholder:"C,H,W" group:"Data"`
	ChannelsLast  *bool    `help:"The values of an image in a CSV or NPY file are in the order height, width, channels, or are not (default: an array of four axes is looked at)." negatable:"" group:"Data"`
	Range         []string `help:"Values of a CSV or NPY file that become 0 and 1 (default: 0,255 or 0,1, as the values are)." placeholder:"LO,HI" group:"Data"`
	LabelColumn   *int     `help:"Column of a CSV file that holds the label; negative counts from the end." placeholder:"N" group:"Data"`
	TestFraction  *float64 `help:"Share that becomes the test set where the data have none of their own (default: 0.2)." placeholder:"F" group:"Data"`
	ValidFraction *float64 `help:"Share of the training part kept for validation (default: 0.1; 1/12 for autoencoders)." placeholder:"F" group:"Data"`
	SplitSeed     *uint64  `help:"Seed of these divisions (default: 1998)." placeholder:"N" group:"Data"`
	Limit         *int     `help:"Train on the first N images only." placeholder:"N" group:"Data"`
	Normalize     *bool    `help:"Subtract the mean, divide by the deviation of each channel (default: yes; no for autoencoders)." negatable:"" group:"Data"`
	Binarize      *float64 `help:"Values of at least this become 1 and the others 0 (default: 0.3 for autoencoders, else none)." placeholder:"X" group:"Data"`
	Augment       []string `help:"Augmentations in their order, separated by commas: ${augmentHelp}." placeholder:"LIST" group:"Data"`

	Model   *string      `help:"Another way to name the model." placeholder:"NAME" group:"Model"`
	Options kong.Plugins `embed:"" group:"Model"` // one of modelOptions

	Epochs         *int     `help:"Passes over the training images (default: 20)." placeholder:"N" group:"Training"`
	Batch          *int     `help:"Images a step (default: 64)." placeholder:"N" group:"Training"`
	KeepLast       *bool    `help:"Train on the last batch of an epoch, too, where it is smaller than the others; otherwise its images are left out (default: no)." negatable:"" group:"Training"`
	Optimizer      *string  `help:"${optimizers} (default: adamw)." placeholder:"NAME" group:"Training"`
	LR             *float64 `name:"lr" help:"Learning rate, the largest of the schedule (default: 0.003)." placeholder:"X" group:"Training"`
	WeightDecay    *float64 `help:"Weight decay (default: 0.01)." placeholder:"X" group:"Training"`
	Schedule       *string  `help:"Of the learning rate: ${schedules} (default: one_cycle)." placeholder:"NAME" group:"Training"`
	Warmup         *float64 `help:"Share of the steps in which the learning rate rises (default: 0.2)." placeholder:"F" group:"Training"`
	Clip           *float64 `help:"Largest norm of all gradients together." placeholder:"X" group:"Training"`
	EMA            *float64 `name:"ema" help:"Decay of an average of the parameters, which is then what is evaluated." placeholder:"X" group:"Training"`
	LabelSmoothing *float64 `help:"Share of the target that is spread over all classes." placeholder:"F" group:"Training"`
	Patience       *int     `help:"Stop after so many epochs without a better validation accuracy." placeholder:"N" group:"Training"`
	From           *string  `help:"Start from the parameters of this checkpoint of the same model, the averaged ones if it has them, with a new optimiser and schedule." placeholder:"FILE" group:"Training"`
	Seed           *uint64  `help:"Seed of weights, order, augmentation and dropout (default: 1)." placeholder:"N" group:"Training"`
}

// set copies a flag that was given.
func set[T any](dst *T, flag *T) {
	if flag != nil {
		*dst = *flag
	}
}

// setList copies a flag of a fixed number of numbers.
func setList(name string, dst, flag []int) error {
	if flag != nil && len(flag) != len(dst) {
		return badf("--%s: found %d numbers, expected %d", name, len(flag), len(dst))
	}
	copy(dst, flag)
	return nil
}

// otherData reports whether the flags name other images than a description, for which nothing that
// was measured on its own holds.
func (f *recipeFlags) otherData(c *recipe.Config) bool {
	return f.Data != nil && *f.Data != c.Data.Name || f.DataDir != nil && *f.DataDir != c.Data.Dir && !c.Data.Fixed() ||
		f.ImageSize != nil || f.Gray != nil || f.Shape != nil || f.ChannelsLast != nil || f.Range != nil ||
		f.LabelColumn != nil || f.TestFraction != nil
}

// setRange copies the flag --range.
func setRange(dst *[2]float64, flag []string) error {
	if flag == nil {
		return nil
	}
	if len(flag) != len(dst) {
		return badf("--range: found %d numbers, expected %d", len(flag), len(dst))
	}
	for i, s := range flag {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return badf("--range: found %s, expected a number", quote.Text(s))
		}
		dst[i] = v
	}
	return nil
}

// apply changes what the given flags name.
func (f *recipeFlags) apply(c *recipe.Config) error {
	if f.otherData(c) {
		c.Data.Forget()
		c.Model.Input, c.Model.Classes = [3]int{}, 0
	}
	set(&c.Data.Name, f.Data)
	set(&c.Data.Dir, f.DataDir)
	if err := errors.Join(setList("image-size", c.Data.Size[:], f.ImageSize), setList("shape", c.Data.Shape[:], f.Shape)); err != nil {
		return err
	}
	if err := setRange(&c.Data.Range, f.Range); err != nil {
		return err
	}
	if f.ChannelsLast != nil {
		c.Data.Layout = map[bool]string{true: data.ChannelsLast, false: data.ChannelsFirst}[*f.ChannelsLast]
	}
	set(&c.Data.Gray, f.Gray)
	set(&c.Data.LabelColumn, f.LabelColumn)
	set(&c.Data.TestFraction, f.TestFraction)
	set(&c.Data.ValidFraction, f.ValidFraction)
	set(&c.Data.SplitSeed, f.SplitSeed)
	set(&c.Data.Limit, f.Limit)
	set(&c.Data.Normalize, f.Normalize)
	set(&c.Data.Binarize, f.Binarize)

	if f.Model != nil {
		if err := c.Model.SetModel(*f.Model); err != nil {
			return bad(fmt.Errorf("model.%w", err))
		}
	}
	if err := f.applyOptions(&c.Model); err != nil {
		return err
	}

	t := &c.Train
	set(&t.Epochs, f.Epochs)
	set(&t.Batch, f.Batch)
	set(&t.KeepLast, f.KeepLast)
	set(&t.Optimizer, f.Optimizer)
	set(&t.LR, f.LR)
	set(&t.WeightDecay, f.WeightDecay)
	set(&t.Schedule, f.Schedule)
	set(&t.Warmup, f.Warmup)
	set(&t.Clip, f.Clip)
	set(&t.EMA, f.EMA)
	set(&t.LabelSmoothing, f.LabelSmoothing)
	set(&t.Patience, f.Patience)
	if f.From != nil {
		t.From, t.FromSHA256 = *f.From, ""
	}
	if f.Augment != nil {
		t.Augment = f.Augment
	}
	if f.Seed != nil {
		t.Seed, c.Model.Seed = *f.Seed, *f.Seed
	}
	return nil
}
