package cli

import (
	"fmt"
	"slices"
	"strings"

	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// idle refuses flags that would do nothing, since whoever gives them means something by them. What
// a configuration file says for another data set is left alone.
func (f *recipeFlags) idle(c *recipe.Config) error {
	unused := func(flag, model string, used []string) error {
		err := fmt.Errorf("--%s: does nothing with --data %s and --model %s", flag, c.Data.Name, model)
		if len(used) > 0 {
			err = fmt.Errorf("%w, expected one of %s", err, strings.Join(used, ", "))
		}
		return bad(err)
	}
	arrays, images, divided := []string{"csv", "npy"}, []string{"folder"}, []string{"csv", "npy", "folder"}
	for _, o := range []struct {
		flag  string
		given bool
		used  []string // data sets that read it
	}{
		{"image-size", f.ImageSize != nil, images}, {"gray", f.Gray != nil, images}, {"shape", f.Shape != nil, arrays},
		{"channels-last", f.ChannelsLast != nil, arrays}, {"range", f.Range != nil, arrays},
		{"label-column", f.LabelColumn != nil, []string{"csv"}}, {"test-fraction", f.TestFraction != nil, divided},
	} {
		if o.given && !slices.Contains(o.used, c.Data.Name) {
			return unused(o.flag, c.Model.Model, o.used)
		}
	}
	if f.LabelSmoothing != nil && !c.Model.Task().HasClasses() {
		var used []string
		for _, e := range zoo.Entries() {
			if e.Task.HasClasses() {
				used = append(used, e.Name)
			}
		}
		return unused("label-smoothing", c.Model.Model, used)
	}
	err := f.givenOptions(func(name string, _ any) error {
		if idle, model, used := c.Model.Idle(name); idle {
			return unused(name, model, used)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if warm := []string{"one_cycle", "warmup_linear", "warmup_cosine"}; f.Warmup != nil && !slices.Contains(warm, c.Train.Schedule) {
		return badf("--warmup: does nothing with --schedule %s, expected one of %s", c.Train.Schedule, strings.Join(warm, ", "))
	}
	return nil
}
