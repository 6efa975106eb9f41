package inspect

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the report for reading.
func (r *Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "loss %.6g over %d images; %s parameters, %s of them trainable; %s multiply-accumulates an image\n\n", float64(r.Loss), r.Images, grouped(r.Parameters), grouped(r.Trainable), scale(r.MACs))
	wide := len("layer")
	for _, l := range r.Layers {
		wide = max(wide, len(l.Name))
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%-*s\t", wide, "layer")
	fmt.Fprintln(t, "shape\tparameters\tMAC/image\tmean\tstd\tabs max\tzeros\tgradient\tof weights\t")
	for _, l := range r.Layers {
		fmt.Fprintf(t, "%-*s\t%s\t%s\t%s\t", wide, l.Name, shape(l.Shape), count(l.Parameters), scale(l.MACs))
		if l.Stats != nil {
			fmt.Fprintf(t, "%s\t%s\t%s\t%.2f%%\t", short(l.Mean), short(l.Std), short(l.AbsMax), 100*float64(l.Zeros))
		} else {
			fmt.Fprint(t, "\t\t\t\t")
		}
		fmt.Fprintf(t, "%s\t%s\t", optional(l.Gradient), optional(l.Weights))
		if l.Stats != nil && l.NonFinite > 0 {
			fmt.Fprintf(t, "  %d not finite", l.NonFinite)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	b.WriteString("gradient: norm of the gradient of the layer's result; of weights: of that of its parameters; -: none is computed\n")
	for i := range r.Attentions {
		a := &r.Attentions[i]
		mean, low, high := a.Range()
		fmt.Fprintf(&b, "\n%s: entropy %.3f nats (%.3f to %.3f over %d heads), at most ln %d = %.3f\n", a.Layer, mean, low, high, a.Heads, a.Keys, math.Log(float64(a.Keys)))
	}
	if r.Neurons != nil {
		r.Neurons.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// most bounds the names of a list in the table; JSON has them all.
const most = 12

func (n *Neurons) write(b *strings.Builder) {
	var reached, missed []string
	for _, u := range n.Neurons {
		label := fmt.Sprintf("%s (%d)", u.Name, u.Vertex)
		if u.Gradient != 0 {
			reached = append(reached, label+" "+short(u.Gradient))
		} else {
			missed = append(missed, label)
		}
	}
	fmt.Fprintf(b, "\n%d of %d neuron layers receive a gradient (norm over their %s): %s\n", n.Reached, n.Layers, n.By, list(reached))
	if len(missed) > 0 {
		fmt.Fprintf(b, "%d receive exactly none: %s\n", len(missed), list(missed))
	}
	if n.Reading == nil {
		return
	}
	var some, none []string
	for _, m := range n.Reading.Motors {
		label := fmt.Sprintf("%s (%d)", m.Name, m.Vertex)
		if m.Share != 0 {
			some = append(some, fmt.Sprintf("%s %.3g%%", label, 100*float64(m.Share)))
		} else {
			none = append(none, label)
		}
	}
	fmt.Fprintf(b, "%d of %d motor neurons get attention in %s: %s\n", len(some), len(n.Reading.Motors), n.Reading.Layer, list(some))
	if len(none) > 0 {
		fmt.Fprintf(b, "%d get exactly none: %s\n", len(none), list(none))
	}
}

func list(names []string) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func shape(s []int) string {
	if s == nil {
		return ""
	}
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = strconv.Itoa(d)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// short writes three digits.
func short(n Number) string { return strconv.FormatFloat(float64(n), 'g', 3, 64) }

func optional(n *Number) string {
	if n == nil {
		return "-"
	}
	return short(*n)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return grouped(n)
}

// grouped writes a count with commas.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// scale writes a large count with a unit.
func scale(n float64) string {
	switch {
	case n == 0:
		return ""
	case n >= 1e7:
		return fmt.Sprintf("%.1f M", n/1e6)
	case n >= 1e4:
		return fmt.Sprintf("%.1f k", n/1e3)
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
