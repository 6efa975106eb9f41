package report

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"elegans/lab/experiment"
	"elegans/lab/recipe"
	"elegans/tensor"
)

// madeRow is a line on how the result was made.
type madeRow struct {
	Term, Text string
	Code       bool
}

// machine is what a result may depend on in its last bits.
type machine struct{ Kernels, Platform, Go string }

func thisMachine() machine {
	active, available := tensor.Kernels()
	return machine{
		Kernels:  fmt.Sprintf("%s (of %s)", active, strings.Join(available, ", ")),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
}

// made lists everything that somebody needs who wants the same numbers again.
func made(res *experiment.Result, command string, m machine) []madeRow {
	c := res.Comparison
	seeds := fmt.Sprintf("%d to %d", c.Seed, c.Seed+uint64(c.Seeds)-1)
	if c.Seeds == 1 {
		seeds = fmt.Sprint(c.Seed)
	}
	rows := []madeRow{
		{Term: "Command", Text: command, Code: true},
		{Term: "Networks", Text: c.Text.Model},
		{Term: "Training", Text: training(res)},
		{Term: "Test set", Text: "read once a run, after its last step; nothing was chosen by it"},
		{Term: "Seeds", Text: seeds + "; the same seeds give the same numbers, whatever the number of processors"},
		{Term: "Kernels", Text: m.Kernels + "; other kernels may differ in the last bits"},
		{Term: "Machine", Text: fmt.Sprintf("%s, %s, %d runs at a time, %.1f s in all",
			m.Platform, m.Go, c.Jobs, res.Seconds)},
		{Term: "Images", Text: res.Sets.Test.Provenance()},
	}
	for _, s := range c.Text.Sources {
		rows = append(rows, madeRow{Term: s[0], Text: s[1]})
	}
	kept := rows[:0]
	for _, r := range rows {
		if r.Text != "" {
			kept = append(kept, r)
		}
	}
	return kept
}

// training describes how the arms are trained, once if all are trained alike.
func training(res *experiment.Result) string {
	one := func(i int) string { return describe(&res.Configs[i].Train, res.Steps[i]) }
	first := res.Configs[0].Train
	for _, c := range res.Configs[1:] {
		t := c.Train
		t.Seed = first.Seed
		if !reflect.DeepEqual(t, first) {
			var each []string
			for i, a := range res.Comparison.Arms {
				each = append(each, a.Title+": "+one(i))
			}
			return strings.Join(each, "; ")
		}
	}
	if len(res.Configs) == 1 {
		return one(0)
	}
	return one(0) + "; the same for every network"
}

// describe puts the options of a training that takes so many steps into words.
func describe(t *recipe.Train, steps int) string {
	s := fmt.Sprintf("%d epochs of %d steps, batches of %d, %s with learning rate %v, schedule %s and weight decay %v",
		t.Epochs, steps/max(t.Epochs, 1), t.Batch, t.Optimizer, t.LR, t.Schedule, t.WeightDecay)
	if t.Clip > 0 {
		s += fmt.Sprintf(", gradients clipped at %v", t.Clip)
	}
	if t.EMA > 0 {
		s += fmt.Sprintf(", parameters averaged with decay %v", t.EMA)
	}
	if len(t.Augment) > 0 {
		s += ", images changed by " + strings.Join(t.Augment, ", ")
	}
	return s
}
