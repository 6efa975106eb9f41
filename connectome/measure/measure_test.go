package measure_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/connectome"
	"elegans/connectome/measure"
)

// TestSummary checks the values of the embedded worm that need no reference file: those published
// with the data or derived from its tables.
func TestSummary(t *testing.T) {
	for _, c := range []struct {
		graph    *connectome.Graph
		synapses float64
		radius   float64
		assort   float64
		homophil float64
	}{
		{connectome.Canonical(), 6394, 54.523399, .191272, .477258},
		{connectome.Shipped(), 5043, 47.999405, .150726, .452174},
	} {
		s, err := measure.Summarize(t.Context(), c.graph, measure.Options{})
		if err != nil {
			t.Fatal(err)
		}
		dir := s.Projections["dir"]
		near := func(name string, got, want float64) {
			if math.Abs(got-want) > 1e-6 {
				t.Errorf("%s %s: %v, want %v", c.graph.Name, name, got, want)
			}
		}
		near("synapses", s.Synapses, c.synapses)
		near("spectral radius", *s.SpectralRadius, c.radius)
		near("role assortativity", dir.RoleAssortativity, c.assort)
		near("homophily", dir.Homophily, c.homophil)
		near("density", dir.Density, .038550)
		near("reciprocity", dir.Reciprocity, .470234)
		near("clustering", *dir.Clustering, .243362)
		near("paths", dir.Paths.Mean, 2.871701)
		if *s.TwoHopPaths != 46737 || s.ParallelPairs != 232 || s.NoRole != 92 || dir.LargestStrong != 274 || *s.Projections["und"].Triangles != 4055 {
			t.Errorf("%s: %+v", c.graph.Name, s)
		}
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	}
}

// TestDegenerate: graphs with nothing in them give zeros, not NaN.
func TestDegenerate(t *testing.T) {
	for n := range 3 {
		neurons := make([]connectome.Neuron, n)
		for i := range neurons {
			neurons[i].Name = string(rune('a' + i))
		}
		g, err := connectome.New("", neurons, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := measure.Summarize(t.Context(), g, measure.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(s); err != nil { // refuses NaN
			t.Errorf("%d neurons: %v", n, err)
		}
	}
}

// projections draws a small directed graph.
func projections(t *rapid.T) *connectome.Projection {
	n := rapid.IntRange(1, 9).Draw(t, "n")
	p := &connectome.Projection{Adj: make([][]int, n)}
	for u := range n {
		for v := range n {
			if u != v && rapid.IntRange(0, 2).Draw(t, "arc") == 0 {
				p.Adj[u] = append(p.Adj[u], v)
			}
		}
	}
	return p
}

// TestAgainstDefinition compares clustering and components with literal, slow forms of their
// definitions.
func TestAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := projections(t)
		n := p.Len()
		a := func(i, j int) float64 {
			if p.Has(i, j) {
				return 1
			}
			return 0
		}
		want := 0.0
		for i := range n {
			triangles, d, both := 0.0, 0.0, 0.0
			for j := range n {
				d += a(i, j) + a(j, i)
				both += a(i, j) * a(j, i)
				for k := range n {
					triangles += (a(i, j) + a(j, i)) * (a(j, k) + a(k, j)) * (a(k, i) + a(i, k))
				}
			}
			if den := 2 * (d*(d-1) - 2*both); den > 0 {
				want += triangles / den / float64(n)
			}
		}
		if got := measure.Clustering(p); math.Abs(got-want) > 1e-12 {
			t.Fatalf("clustering %v, want %v", got, want)
		}
		reach := make([][]bool, n)
		for i := range n {
			reach[i] = make([]bool, n)
			reach[i][i] = true
			for _, j := range p.Adj[i] {
				reach[i][j] = true
			}
		}
		for k := range n {
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		component := make([]int, n)
		seen := 0
		for c, members := range measure.StrongComponents(p) {
			for _, u := range members {
				component[u] = c
				seen++
			}
		}
		pairs := 0
		for i := range n {
			for j := range n {
				if (reach[i][j] && reach[j][i]) != (component[i] == component[j]) {
					t.Fatalf("strong component of %d and %d", i, j)
				}
				if reach[i][j] {
					pairs++
				}
			}
		}
		total := 0
		for _, count := range measure.Distances(p) {
			total += count
		}
		if seen != n || total != pairs {
			t.Fatalf("%d vertices in components, %d reachable pairs; want %d, %d", seen, total, n, pairs)
		}
	})
}

func TestSpectralRadiusTooLarge(t *testing.T) {
	neurons := make([]connectome.Neuron, measure.MaxSpectral+1)
	for i := range neurons {
		neurons[i].Name = string(rune(0x4e00 + i))
	}
	g, err := connectome.New("", neurons, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := measure.SpectralRadius(g, true, false, connectome.Chemical); err == nil {
		t.Error("no error")
	}
	if s, err := measure.Summarize(t.Context(), g, measure.Options{}); err != nil || s.SpectralRadius != nil {
		t.Errorf("summary of a large graph: %v", err)
	}
}

func TestInduced(t *testing.T) {
	p := &connectome.Projection{Adj: [][]int{{1, 2}, {2}, {0}}}
	q := measure.Induced(p, []int{2, 0})
	if !slices.Equal(q.Adj[0], []int{1}) || !slices.Equal(q.Adj[1], []int{0}) {
		t.Errorf("%v", q.Adj)
	}
}
