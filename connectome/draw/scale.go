package draw

import (
	"bufio"
	"fmt"
	"math"
)

// scale maps values to colours: from pale to dark if none is negative, else from blue over pale to
// red with zero in the middle.
type scale struct {
	low, high float64
	stops     [][3]float64
}

var (
	rising    = [][3]float64{{253, 231, 170}, {250, 179, 90}, {226, 94, 83}, {150, 38, 108}, {59, 15, 92}}
	diverging = [][3]float64{{33, 79, 158}, {107, 163, 214}, {243, 240, 233}, {230, 138, 98}, {165, 28, 44}}
)

// newScale returns nil if there are no values.
func newScale(values []float64, n int) (*scale, error) {
	if values == nil {
		return nil, nil
	}
	if len(values) != n {
		return nil, fmt.Errorf("draw: %d values for %d neurons", len(values), n)
	}
	s := &scale{stops: rising}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("draw: value %v of neuron %d is not finite", v, i)
		}
		s.low, s.high = math.Min(s.low, v), math.Max(s.high, v)
	}
	if s.low < 0 {
		s.high = math.Max(s.high, -s.low)
		s.low, s.stops = -s.high, diverging
	}
	if s.high == s.low {
		s.high = s.low + 1
	}
	return s, nil
}

func (s *scale) colour(v float64) string {
	// Halved first, so that the difference cannot overflow.
	t := (v/2 - s.low/2) / (s.high/2 - s.low/2) * float64(len(s.stops)-1)
	t = math.Min(math.Max(t, 0), float64(len(s.stops)-1))
	k := min(int(t), len(s.stops)-2)
	f := t - float64(k)
	var c [3]int
	for i := range c {
		c[i] = int(math.Round(s.stops[k][i]*(1-f) + s.stops[k+1][i]*f))
	}
	return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
}

func (s *scale) legend(b *bufio.Writer, unit string, x, y, font float64) {
	fmt.Fprint(b, "<defs><linearGradient id=\"scale\">")
	for i := range s.stops {
		t := float64(i) / float64(len(s.stops)-1)
		fmt.Fprintf(b, "<stop offset=\"%.2f\" stop-color=\"%s\"/>", t, s.colour(s.low*(1-t)+s.high*t))
	}
	fmt.Fprintf(b, "</linearGradient></defs>\n<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.3g</text><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\" fill=\"url(#scale)\"/><text x=\"%.1f\" y=\"%.1f\">%.3g  %s</text>\n",
		x+4.5*font, y, s.low, x+5*font, y-.8*font, 16*font, .9*font, .3*font, x+22*font, y, s.high, escape(unit))
}
