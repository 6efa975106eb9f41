package experiment

import (
	"slices"
	"strings"
	"testing"

	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// invented returns a result of three runs an arm, whose accuracies scatter by a point around the
// given ones. It is complete but for the models.
func invented(text Text, model string, seeds int, means map[string]float64) *Result {
	c := Comparison{Arms: Digits(digitsRecipe()).Arms, Seeds: seeds, Text: text}
	if err := c.complete(); err != nil {
		panic(err)
	}
	res := &Result{Comparison: &c}
	for _, a := range c.Arms {
		res.Configs = append(res.Configs, recipe.Config{Model: zoo.Spec{Model: model}})
		for s, shift := range []float64{-.01, 0, .01}[:seeds] {
			res.Runs = append(res.Runs, Run{Arm: a.Name, Seed: uint64(s), Accuracy: means[a.Name] + shift})
		}
	}
	res.compare()
	return res
}

func TestVerdict(t *testing.T) {
	const (
		test = " (Welch's t test over 3 runs a network, Holm's adjustment for 3 controls, level 0.05)."
		none = "; its difference from the rewired worm, the random graph and the matched MLP is within the noise of " +
			"the runs" + test
	)
	alike := map[string]float64{"worm": .5, "rewired": .5, "random": .5, "mlp": .5}
	for _, c := range []struct {
		name  string
		text  Text
		model string
		means map[string]float64
		want  string
	}{
		{
			"one difference", Digits(digitsRecipe()).Text, "mlp",
			map[string]float64{"worm": .96, "rewired": .96, "random": .96, "mlp": .76},
			"The worm reads 96.00 % of the test digits; it does better than the matched MLP (by 20.00 points) and " +
				"its difference from the rewired worm and the random graph is within the noise of the runs" + test,
		},
		{
			"all kinds", Text{Finding: "It is %s %% right", Digits: 1}, "mlp",
			map[string]float64{"worm": .6, "rewired": .9, "random": .6, "mlp": .3},
			"It is 60.0 % right; it does better than the matched MLP (by 30.0 points), it does worse than the " +
				"rewired worm (by 30.0 points) and its difference from the random graph is within the noise of the " +
				"runs" + test,
		},
		{
			// Alone, it would have p = 0.04.
			"significant before the adjustment only", Text{Finding: "It is %s %% right"}, "mlp",
			map[string]float64{"worm": .6, "rewired": .6, "random": .6, "mlp": .575},
			"It is 60.00 % right" + none,
		},
		{"no text, classes", Text{}, "mlp", alike, "The C. elegans classifies 50.00 % of the test images right" + none},
		{"no text, pixels", Text{}, "m2-small", alike, "The C. elegans reconstructs 50.00 % of the test pixels right" + none},
	} {
		res := invented(c.text, c.model, 3, c.means)
		if got := res.Verdict(); got != c.want {
			t.Errorf("%s: %s\nexpected\n%s", c.name, got, c.want)
		}
		if d := res.Details(); len(d) != 3 || !strings.HasPrefix(d[0], "worm - rewired worm: ") {
			t.Errorf("%s: %v", c.name, d)
		}
	}
}

// TestVerdictOfOneRun finds nothing to compare.
func TestVerdictOfOneRun(t *testing.T) {
	res := invented(Text{}, "mlp", 1, map[string]float64{"worm": .9, "rewired": .5, "random": .5, "mlp": .5})
	const alone = "The C. elegans classifies 89.00 % of the test images right"
	const want = alone + "; one run of each network says nothing about the differences between them."
	if got := res.Verdict(); got != want {
		t.Errorf("%s\nexpected\n%s", got, want)
	}
	if d := res.Details(); d[2] != "worm - matched MLP: +40.00 points, no test (one run of each)" {
		t.Error(d[2])
	}
	res.Contrasts = nil // as with a single arm
	if got := res.Verdict(); got != alone+"." {
		t.Error(got)
	}
}

// TestVerdictWithoutScatter has runs that are all alike.
func TestVerdictWithoutScatter(t *testing.T) {
	res := invented(Text{}, "mlp", 3, map[string]float64{"worm": .9, "rewired": .5, "random": .5, "mlp": .5})
	for i := range res.Runs {
		res.Runs[i].Accuracy = .5
		if res.Runs[i].Arm == "worm" {
			res.Runs[i].Accuracy = .9
		}
	}
	res.Contrasts = nil
	res.compare()
	if d := res.Details(); d[0] != "worm - rewired worm: +40.00 points, no test (the runs show no variation)" {
		t.Error(d[0])
	}
}

// TestSummary has a row for every arm, in their order.
func TestSummary(t *testing.T) {
	s := invented(Text{}, "mlp", 3, map[string]float64{"worm": .9, "rewired": .5, "random": .4, "mlp": .3}).Summary()
	var names []string
	for _, r := range s.Networks {
		names = append(names, r.Name)
	}
	if !slices.Equal(names, []string{"worm", "rewired", "random", "mlp"}) || s.Networks[2].Accuracy.N != 3 {
		t.Errorf("%+v", s.Networks)
	}
	if len(s.Runs) != 12 || len(s.Comparisons) != 3 {
		t.Errorf("%d runs, %d comparisons", len(s.Runs), len(s.Comparisons))
	}
}
