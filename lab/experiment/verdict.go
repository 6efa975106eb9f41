package experiment

import (
	"fmt"
	"strings"

	"elegans/lab/stats"
)

// Verdict is the result in one sentence, no stronger than the test behind it, which it names.
func (res *Result) Verdict() string {
	s := res.Headline()
	if n := res.Comparison.Seeds; n > 1 && len(res.Contrasts) > 0 {
		s += fmt.Sprintf(" (Welch's t test over %d runs a network, Holm's adjustment for %d controls, level %v)",
			n, len(res.Contrasts), stats.Alpha)
	}
	return s + "."
}

// Headline is the Verdict without the name of the test and without a full stop.
func (res *Result) Headline() string {
	s := fmt.Sprintf(res.finding(), res.Percent(res.Rows()[0].Accuracy.Mean))
	if against := res.Against(); against != "" {
		s += "; " + against
	}
	return s
}

// finding begins the verdict.
func (res *Result) finding() string {
	if f := res.Comparison.Text.Finding; f != "" {
		return f
	}
	title := strings.ReplaceAll(res.Comparison.Arms[0].Title, "%", "%%")
	if res.Reconstructs() {
		return "The " + title + " reconstructs %s %% of the test pixels right"
	}
	return "The " + title + " classifies %s %% of the test images right"
}

// Against says in which direction the subject differs from its controls, where it does.
func (res *Result) Against() string {
	if len(res.Contrasts) == 0 {
		return ""
	}
	if res.Comparison.Seeds < 2 {
		return "one run of each network says nothing about the differences between them"
	}
	var noise, above, below []string
	for _, c := range res.Contrasts {
		name := "the " + res.Arm(c.Control).Title
		switch {
		case !c.Significant():
			noise = append(noise, name)
		case c.Mean > 0:
			above = append(above, fmt.Sprintf("%s (by %s points)", name, res.Percent(c.Mean)))
		default:
			below = append(below, fmt.Sprintf("%s (by %s points)", name, res.Percent(-c.Mean)))
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
	return list(parts)
}

// Details has one sentence for each control.
func (res *Result) Details() []string {
	var lines []string
	for _, c := range res.Contrasts {
		s := fmt.Sprintf("%s - %s: %s points",
			res.Comparison.Arms[0].Name, res.Arm(c.Control).Title, res.Signed(c.Mean))
		switch {
		case res.Comparison.Seeds < 2:
			s += ", no test (one run of each)"
		case c.DF == 0:
			s += ", no test (the runs show no variation)"
		default:
			s += fmt.Sprintf(" (95 %% interval %s to %s), t(%.1f) = %.2f, p = %s, after Holm %s: %s",
				res.Signed(c.Mean-c.Half), res.Signed(c.Mean+c.Half), c.DF, c.T,
				stats.FormatP(c.P), stats.FormatP(c.PHolm), c.Noise())
			s += fmt.Sprintf("; a difference below about %s points would mostly go unseen", res.Percent(c.Detectable))
		}
		lines = append(lines, s)
	}
	return lines
}

// Noise says in two words whether the difference is significant.
func (c Contrast) Noise() string {
	if c.Significant() {
		return "beyond noise"
	}
	return "within noise"
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

// Percent formats a share, or a difference of shares, as a number of percent.
func (res *Result) Percent(share float64) string {
	return fmt.Sprintf("%.*f", res.Comparison.Text.Digits, 100*share)
}

// Signed is Percent with a sign.
func (res *Result) Signed(difference float64) string {
	return fmt.Sprintf("%+.*f", res.Comparison.Text.Digits, 100*difference)
}
