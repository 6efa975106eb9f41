package experiment

import (
	"math"
	"testing"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol }

// Reference values: scipy.stats.ttest_ind(a, b, equal_var=False) and t.interval.
func TestWelch(t *testing.T) {
	a := []float64{27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4}
	// the second example of the article on Welch's test
	b := []float64{27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4}
	c := welch(a, b)
	t.Logf("%+v", c)
	if !near(c.T, -2.8, .06) || !near(c.P, .0095, .0015) || c.DF < 25 || c.DF > 29 || c.Half <= 0 {
		t.Errorf("%+v", c)
	}
	if c := welch([]float64{1, 2, 3}, []float64{1, 2, 3}); c.P != 1 || c.Difference != 0 {
		t.Errorf("equal samples: %+v", c)
	}
	if c := welch([]float64{1}, []float64{2, 3}); c.P != 1 || c.DF != 0 {
		t.Errorf("one run: %+v", c)
	}
	if c := welch([]float64{2, 2}, []float64{1, 1}); c.P != 0 || c.DF != 0 {
		t.Errorf("no variation: %+v", c)
	}
}

func TestHolm(t *testing.T) {
	cs := []Comparison{{P: .04}, {P: .01}, {P: .03}}
	holm(cs)
	for i, want := range []float64{.06, .03, .06} {
		if !near(cs[i].PHolm, want, 1e-12) {
			t.Errorf("comparison %d: %v, expected %v", i, cs[i].PHolm, want)
		}
	}
}

func TestEstimate(t *testing.T) {
	e := NewEstimate([]float64{1, 2, 3, 4, 5})
	// t quantile for 4 degrees of freedom 2.776445, standard deviation sqrt(2.5)
	if !near(e.Mean, 3, 1e-12) || !near(e.Half, 2.776445*math.Sqrt(2.5/5), 1e-6) {
		t.Errorf("%+v", e)
	}
	if e := NewEstimate([]float64{1}); e.Half != 0 || e.HalfText(1, 2) != "-" {
		t.Errorf("%+v", e)
	}
}

func TestVerdict(t *testing.T) {
	res := &Result{Digits: 2, claim: digitsClaim, Networks: Networks(), Options: Options{Seeds: 3}}
	for _, n := range res.Networks {
		for s, a := range []float64{.95, .96, .97} {
			if n.Name == "mlp" {
				a -= .2
			}
			res.Runs = append(res.Runs, Run{Network: n.Name, Seed: uint64(s), Accuracy: a})
		}
	}
	for _, n := range res.Networks[1:] {
		c := welch(res.accuracies("worm"), res.accuracies(n.Name))
		c.Control = n.Name
		res.Comparisons = append(res.Comparisons, c)
	}
	holm(res.Comparisons)
	const want = "The worm reads 96.00 % of the test digits; it does better than the matched MLP (by 20.00 points) and its difference from the rewired worm and the random graph is within the noise of the runs " +
		"(Welch's t test over 3 runs a network, Holm's adjustment for 3 controls, level 0.05)."
	if got := res.Verdict(); got != want {
		t.Errorf("%s\nexpected\n%s", got, want)
	}
	if d := res.Details(); len(d) != 3 {
		t.Errorf("%v", d)
	}
}
