package experiment

import (
	"fmt"
	"strings"
)

// title returns the name of a network for people.
func (res *Result) title(name string) string {
	for _, n := range res.Networks {
		if n.Name == name {
			return n.Title
		}
	}
	return name
}

// Verdict is the finding in one sentence, no stronger than the test behind it, which it names.
func (res *Result) Verdict() string {
	s := res.Headline()
	if n := res.Options.Seeds; n > 1 {
		s += fmt.Sprintf(" (Welch's t test over %d runs a network, Holm's adjustment for %d controls, level %v)", n, len(res.Comparisons), Alpha)
	}
	return s + "."
}

// Headline is the Verdict without the name of the test and without a full stop.
func (res *Result) Headline() string {
	worm := res.Accuracy(res.Networks[0].Name)
	s := fmt.Sprintf(res.claim, res.Percent(worm.Mean))
	if worm.N < 2 {
		return s + "; one run of each network says nothing about the differences between them"
	}
	var noise, above, below []string
	for _, c := range res.Comparisons {
		name := "the " + res.title(c.Control)
		switch {
		case !c.Significant():
			noise = append(noise, name)
		case c.Difference > 0:
			above = append(above, fmt.Sprintf("%s (by %s points)", name, res.Points(c.Difference)))
		default:
			below = append(below, fmt.Sprintf("%s (by %s points)", name, res.Points(-c.Difference)))
		}
	}
	var parts []string
	if len(above) > 0 {
		parts = append(parts, "it does better than "+list(above))
	}
	if len(below) > 0 {
		parts = append(parts, "it does worse than "+list(below))
	}
	if len(noise) > 0 {
		parts = append(parts, "its difference from "+list(noise)+" is within the noise of the runs")
	}
	return s + "; " + list(parts)
}

// Details has one sentence for each control.
func (res *Result) Details() []string {
	var lines []string
	for _, c := range res.Comparisons {
		what := "within noise"
		if c.Significant() {
			what = "beyond noise"
		}
		if c.DF == 0 {
			lines = append(lines, fmt.Sprintf("worm - %s: %s points, no test (the runs show no variation)", res.title(c.Control), res.signed(c.Difference)))
			continue
		}
		lines = append(lines, fmt.Sprintf("worm - %s: %s points (95 %% interval %s to %s), t(%.1f) = %.2f, p = %s, after Holm %s: %s; a difference below about %s points would mostly go unseen",
			res.title(c.Control), res.signed(c.Difference), res.signed(c.Difference-c.Half), res.signed(c.Difference+c.Half), c.DF, c.T, PValue(c.P), PValue(c.PHolm), what, res.Points(c.Detectable)))
	}
	return lines
}

func list(parts []string) string {
	switch n := len(parts); n {
	case 0:
		return ""
	case 1:
		return parts[0]
	default:
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
}

// Percent formats a share as a number of percent.
func (res *Result) Percent(share float64) string { return fmt.Sprintf("%.*f", res.Digits, 100*share) }

// Points formats a difference of shares as percentage points.
func (res *Result) Points(difference float64) string { return res.Percent(difference) }

func (res *Result) signed(difference float64) string {
	return fmt.Sprintf("%+.*f", res.Digits, 100*difference)
}

// PValue formats the probability of a test.
func PValue(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
