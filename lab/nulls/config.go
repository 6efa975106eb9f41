package nulls

import (
	"fmt"
	"math"
	"slices"

	"elegans/connectome/nullmodel"
	"elegans/esn/task"
	"elegans/internal/quote"
	"elegans/lab/reservoir"
)

// Config says what is compared. It is kept beside the measurements, which go on only with the same.
type Config struct {
	// Arms are the tasks, each with the recipe of its networks, whose topology is the connectome.
	Arms []Arm `json:"arms"`
	// Models are names of null models (nullmodel.Names), and Graphs how many each draws.
	Models []string `json:"models"`
	Graphs int      `json:"graphs"`
	// Scales take the place of the recipes' scale.
	Scales []float64 `json:"scales"`
	// Seeds are the runs of each network at each scale.
	Seeds int `json:"seeds"`
	// Margin is the relative difference from the mean of the null networks up to which a network
	// counts as equivalent to them.
	Margin float64 `json:"margin"`
}

// Arm is a task and how its networks are made.
type Arm struct {
	Task string `json:"task"`
	// Path is the file of a task that reads one.
	Path   string           `json:"path,omitempty"`
	Recipe reservoir.Recipe `json:"recipe"`
}

// Defaults returns a comparison without arms: degree-preserving and uniformly random graphs, 99 of
// each, at scales of 0.3 to 1.8, three seeds, a margin of 10 %.
func Defaults() Config {
	return Config{
		Models: []string{"rewired", "er"}, Graphs: 99, Scales: []float64{.3, .6, .8, .9, 1, 1.2, 1.5, 1.8}, Seeds: 3, Margin: .1,
	}
}

// Validate returns an error that names the first fault.
func (c *Config) Validate() error {
	if len(c.Arms) == 0 || len(c.Models) == 0 || len(c.Scales) == 0 {
		return fmt.Errorf("%d tasks, %d null models and %d scales, expected at least one of each", len(c.Arms), len(c.Models), len(c.Scales))
	}
	for i, a := range c.Arms {
		if _, err := task.Get(a.Task); err != nil {
			return err
		}
		if slices.ContainsFunc(c.Arms[:i], func(b Arm) bool { return b.Task == a.Task }) {
			return fmt.Errorf("task %s is given twice", quote.Text(a.Task))
		}
		if a.Recipe.Reservoir.Topology != "connectome" {
			return fmt.Errorf("task %s: the topology %s, expected connectome", a.Task, quote.Text(a.Recipe.Reservoir.Topology))
		}
		if f, g := a.Recipe.Reservoir.Connectome.File, c.Arms[0].Recipe.Reservoir.Connectome.File; f != g {
			return fmt.Errorf("task %s: the connectome %s, expected %s as in the first", a.Task, quote.Name(f), quote.Name(g))
		}
		if err := a.Recipe.Validate(); err != nil {
			return fmt.Errorf("task %s: %w", a.Task, err)
		}
	}
	for i, m := range c.Models {
		if _, err := nullmodel.Lookup(m); err != nil {
			return err
		}
		if slices.Contains(c.Models[:i], m) {
			return fmt.Errorf("null model %s is given twice", quote.Text(m))
		}
	}
	for i, s := range c.Scales {
		if !(s > 0) || math.IsInf(s, 0) || slices.Contains(c.Scales[:i], s) {
			return fmt.Errorf("scale %v, expected finite numbers above 0, each once", s)
		}
	}
	if c.Graphs < 1 || c.Graphs > 1e6 || c.Seeds < 1 || c.Seeds > 1e4 {
		return fmt.Errorf("%d graphs and %d seeds, expected 1 to 1,000,000 and 1 to 10,000", c.Graphs, c.Seeds)
	}
	if !(c.Margin > 0 && c.Margin < 1) {
		return fmt.Errorf("margin %v, expected above 0 and below 1", c.Margin)
	}
	return nil
}

// Members returns the number of networks: that of the graph, and those of the null models.
func (c *Config) Members() int { return 1 + len(c.Models)*c.Graphs }

// member returns the null model and the number of its graph of network i; the first is the graph
// itself, which has no model. Graphs of the models take turns, so that a comparison that was
// stopped has about as many of each.
func (c *Config) member(i int) (model string, k int) {
	if i == 0 {
		return "", 0
	}
	return c.Models[(i-1)%len(c.Models)], (i - 1) / len(c.Models)
}
