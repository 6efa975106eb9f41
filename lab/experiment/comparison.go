package experiment

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// Arm is one kind of network in a comparison.
type Arm struct {
	Name  string // in tables and file names: lower-case letters, digits, - and _
	Title string // for people; the name if empty
	About string // one line on what it stands for
	// Config describes the run of a seed. It is called once for every run, from several goroutines.
	// Variant makes one from a recipe.
	Config func(seed uint64) (recipe.Config, error)
}

// Variant returns the Config of an Arm: a recipe with weights, order of the batches and dropout
// drawn from the seed, and whatever else change does to it; a nil change does nothing.
func Variant(base recipe.Config, change func(c *recipe.Config, seed uint64) error) func(uint64) (recipe.Config, error) {
	return func(seed uint64) (recipe.Config, error) {
		c := base
		c.Model.Seed, c.Train.Seed = seed, seed
		if change == nil {
			return c, nil
		}
		return c, change(&c, seed)
	}
}

// Comparison says what is compared. Arms is all that must be given.
type Comparison struct {
	Arms  []Arm         // the subject first, then its controls
	Seeds int           // runs of each arm; 0 stands for 5
	Seed  uint64        // of the first run of each arm; the others follow
	Jobs  int           // runs at a time; 0 stands for tensor.Workers()
	From  recipe.Source // of the data
	Dir   string        // keeps the runs; see the comment of the package
	Parts []Part        // what is measured beside the scores
	Hooks Hooks
	Text  Text
}

// Text is what a comparison says about itself, in plain text. Every field may be empty.
type Text struct {
	Title  string // of the report
	Kicker string // above its headline
	// Finding begins the verdict, with a place for the percentage, such as "The worm reads %s %% of
	// the test digits".
	Finding string
	Images  string      // what the images show: "handwritten digits"
	Column  string      // heads the names of the arms in tables: "network"
	Model   string      // what the networks have in common
	Sources [][2]string // further rows for the part of the report on how it was made: term, text
	Limits  []string    // paragraphs on what the comparison does not show
	// HeldOut heads a column of accuracies on the validation part, "set aside", where nothing is
	// chosen by it. Without it the command line shows no such column.
	HeldOut string
	Digits  int // decimals of a percentage that are worth printing; 0 stands for 2
}

// Hooks tell a caller about the progress. They are called from several goroutines, one at a time.
type Hooks struct {
	// Start comes before the first run, with the steps of all runs together and the number of runs
	// at a time.
	Start func(steps, jobs int)
	Step  func()          // after each step
	Skip  func(steps int) // instead of Step, for steps that were made before
	// Note is told what of the data is not used, before the first run, and what a reader should
	// know about a run that goes on.
	Note func(text string)
	Done func(r Run, n int) // after each run, with the number of runs done
}

// SetupError says what is wrong with a comparison or its data. Nothing was trained or written.
type SetupError struct{ err error }

// Error implements error.
func (e *SetupError) Error() string { return e.err.Error() }

// Unwrap returns what it is made of.
func (e *SetupError) Unwrap() error { return e.err }

var armName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// complete fills in defaults and looks at everything but the configurations.
func (c *Comparison) complete() error {
	if c.Seeds == 0 {
		c.Seeds = 5
	}
	if c.Jobs == 0 {
		c.Jobs = tensor.Workers()
	}
	if c.Text.Digits == 0 {
		c.Text.Digits = 2
	}
	c.Text.Column = orElse(c.Text.Column, "network")
	c.Text.Images = orElse(c.Text.Images, "images")
	if len(c.Arms) == 0 || c.Seeds < 1 || c.Jobs < 1 {
		return fmt.Errorf("a comparison of %d arms, %d seeds, %d jobs: expected at least 1 of each",
			len(c.Arms), c.Seeds, c.Jobs)
	}
	c.Arms = slices.Clone(c.Arms)
	for i := range c.Arms {
		a := &c.Arms[i]
		if !armName.MatchString(a.Name) {
			return fmt.Errorf("arm %d has the name %q, expected lower-case letters, digits, - and _", i, a.Name)
		}
		if slices.ContainsFunc(c.Arms[:i], func(b Arm) bool { return b.Name == a.Name }) {
			return fmt.Errorf("two arms have the name %q", a.Name)
		}
		if a.Config == nil {
			return fmt.Errorf("arm %q: found no Config", a.Name)
		}
		a.Title = orElse(a.Title, a.Name)
	}
	return nil
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// check opens the data, builds the first run of every arm, and returns what is known before the
// first step. An error is one of the arms or the data.
func (c *Comparison) check(ctx context.Context) (*Result, error) {
	res := &Result{Comparison: c}
	for i, a := range c.Arms {
		config, sets, err := a.open(ctx, c.From, c.Seed)
		if err == nil {
			err = buildable(&config, sets)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Title, err)
		}
		res.Configs = append(res.Configs, config)
		res.Steps = append(res.Steps, config.Steps(sets))
		if i == 0 {
			res.Sets = sets
		} else if err := sameTest(res, &config, sets); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Title, err)
		}
	}
	return res, nil
}

// open returns the configuration of a run with what follows from the data, and the data.
func (a *Arm) open(ctx context.Context, from recipe.Source, seed uint64) (recipe.Config, *recipe.Sets, error) {
	c, err := a.Config(seed)
	if err != nil {
		return c, nil, err
	}
	sets, err := c.Open(ctx, from)
	return c, sets, err
}

// buildable returns what is wrong with sizes and options that only the model and the optimiser
// know.
func buildable(c *recipe.Config, sets *recipe.Sets) error {
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		return err
	}
	r, err := c.NewRun(model, sets)
	if err != nil {
		return err
	}
	r.Close()
	return nil
}

// sameTest returns an error unless an arm is judged as the subject is: on the same test images, for
// the same task.
func sameTest(res *Result, c *recipe.Config, sets *recipe.Sets) error {
	if task, other := c.Model.Task(), res.Configs[0].Model.Task(); task != other {
		return fmt.Errorf("a model for %s beside one for %s, expected one task", task, other)
	}
	test, other := sets.Test, res.Sets.Test
	ch, h, w := test.Shape()
	ch2, h2, w2 := other.Shape()
	same := test.Len() == other.Len() && [3]int{ch, h, w} == [3]int{ch2, h2, w2}
	if !same || test.Sum() != other.Sum() {
		return fmt.Errorf("the test set is not that of %s, expected the same images for all arms",
			res.Comparison.Arms[0].Title)
	}
	return nil
}
