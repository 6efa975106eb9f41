package measure_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/connectome/measure"
)

// TestQuick: a quick summary has the other measures as they are, names those that it leaves out,
// and gives no zeros in their place.
func TestQuick(t *testing.T) {
	worm := connectome.Canonical()
	full, err := measure.Summarize(t.Context(), worm, measure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	quick, err := measure.Summarize(t.Context(), worm, measure.Options{Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(quick.LeftOut, measure.SlowMeasures) || full.LeftOut != nil {
		t.Errorf("left out: %v, and of the full summary %v", quick.LeftOut, full.LeftOut)
	}
	b, err := json.Marshal(quick)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"clustering", "transitivity", "triangles", `"paths"`, "two_hop", "spectral_radius"} {
		if text, _, _ := strings.Cut(string(b), `"left_out"`); strings.Contains(text, key) {
			t.Errorf("a quick summary has %s", key)
		}
	}
	full.LeftOut, full.SpectralRadius, full.TwoHopPaths, full.TwoHopHomophily = quick.LeftOut, nil, nil, nil
	for name, p := range full.Projections {
		p.Clustering, p.Transitivity, p.Triangles, p.Paths = nil, nil, nil, nil
		full.Projections[name] = p
	}
	if a, err := json.Marshal(full); err != nil || string(a) != string(b) {
		t.Errorf("%s\nwant %s", b, a)
	}
}

// TestStop: a summary ends with its context, and so does each of the slow measures.
func TestStop(t *testing.T) {
	worm := connectome.Canonical()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, o := range []measure.Options{{}, {Quick: true}} {
		if s, err := measure.Summarize(stopped, worm, o); s != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestDegreeAssortativityOfDirected compares with networkx 3.6.1, degree_assortativity_coefficient
// with x="out" and y="in"; the other pairings of degrees give -0.146, -0.282 and 0.165.
func TestDegreeAssortativityOfDirected(t *testing.T) {
	p := &connectome.Projection{Adj: [][]int{{1, 2, 3, 6}, {2, 6}, {0, 6}, {4}, {0, 5}, {6}, {4}}}
	if got, want := measure.DegreeAssortativity(p), -0.22972972972973016; math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}
