package measure

import (
	"math"
	"slices"

	"elegans/connectome"
)

// Density returns the share of possible edges that exist: m / (n (n-1)) if directed, twice that if
// undirected.
func Density(p *connectome.Projection) float64 {
	n := float64(p.Len())
	m := float64(p.Edges())
	if p.Undirected {
		m *= 2
	}
	return ratio(m, n*(n-1))
}

// Dyads counts unordered pairs of a directed graph with arcs both ways, one way and not at all.
func Dyads(p *connectome.Projection) (mutual, asymmetric, null int) { return dyads(p, unwatched()) }

func dyads(p *connectome.Projection, w *watch) (mutual, asymmetric, null int) {
	for u, row := range p.Adj {
		if w.stopped(4 * len(row)) {
			break
		}
		for _, v := range row {
			if !p.Has(v, u) {
				asymmetric++
			} else if u < v {
				mutual++
			}
		}
	}
	return mutual, asymmetric, p.Len()*(p.Len()-1)/2 - mutual - asymmetric
}

// Reciprocity returns the share of arcs whose reverse exists too. An undirected graph has 1.
func Reciprocity(p *connectome.Projection) float64 { return reciprocity(p, unwatched()) }

func reciprocity(p *connectome.Projection, w *watch) float64 {
	mutual, asymmetric, _ := dyads(p, w)
	return ratio(2*float64(mutual), float64(2*mutual+asymmetric))
}

// Degrees returns the in- and out-degree of every vertex; both are the degree if the graph is
// undirected.
func Degrees(p *connectome.Projection) (in, out []int) {
	in, out = make([]int, p.Len()), make([]int, p.Len())
	for u, row := range p.Adj {
		out[u] = len(row)
		for _, v := range row {
			in[v]++
		}
	}
	return in, out
}

// Stats describes a sample; SD is the population's (divided by n).
type Stats struct {
	Mean   float64 `json:"mean"`
	SD     float64 `json:"sd"`
	Median float64 `json:"median"`
	Min    int     `json:"min"`
	Max    int     `json:"max"`
}

// Describe returns the statistics of a sample of integers, zeros for an empty one.
func Describe(values []int) Stats {
	if len(values) == 0 {
		return Stats{}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	s := Stats{Min: sorted[0], Max: sorted[n-1], Median: float64(sorted[(n-1)/2]+sorted[n/2]) / 2}
	for _, v := range sorted {
		s.Mean += float64(v) / float64(n)
	}
	for _, v := range sorted {
		s.SD += (float64(v) - s.Mean) * (float64(v) - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / float64(n))
	return s
}

// DegreeAssortativity returns Pearson's correlation, over the arcs u -> v, of the out-degree of u
// and the in-degree of v (Newman 2003, Phys Rev E 67:026126); over both directions of each edge if
// the graph is undirected.
func DegreeAssortativity(p *connectome.Projection) float64 {
	in, out := Degrees(p)
	var m, sx, sy, sxx, syy, sxy float64
	for u, row := range p.Adj {
		for _, v := range row {
			x, y := float64(out[u]), float64(in[v])
			m++
			sx += x
			sy += y
			sxx += x * x
			syy += y * y
			sxy += x * y
		}
	}
	return ratio(m*sxy-sx*sy, math.Sqrt(m*sxx-sx*sx)*math.Sqrt(m*syy-sy*sy))
}

// ratio returns a/b, or 0 if b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
