package measure

import (
	"context"

	"elegans/connectome"
)

// Summary is what `elegans connectome info` shows. Measures that were left out are absent.
type Summary struct {
	Name    string `json:"name"`
	Neurons int    `json:"neurons"`
	// Roles counts the neurons by role: sensory, inter (unknown ones included), motor.
	Roles    map[string]int `json:"roles"`
	NoRole   int            `json:"no_role"`
	Synapses float64        `json:"synapses"` // sum of chemical weights
	// Junctions is the sum of gap weights, loops included.
	Junctions     float64 `json:"junctions"`
	GapLoops      int     `json:"gap_loops"`
	ChemicalLoops int     `json:"chemical_loops"`
	// ParallelPairs counts ordered pairs with a chemical synapse and a gap junction.
	ParallelPairs int `json:"parallel_pairs"`
	// SpectralRadius is that of chemical and gap weights with loops; absent for more than
	// MaxSpectral neurons.
	SpectralRadius *float64 `json:"spectral_radius,omitempty"`
	// TwoHopPaths counts the shortest paths of two hops, parallel edges apart: see ShortestPaths.
	TwoHopPaths *int `json:"two_hop_paths,omitempty"`
	// TwoHopHomophily is the share of them with equal roles at both ends.
	TwoHopHomophily *float64 `json:"two_hop_homophily,omitempty"`
	// Projections are dir, chem, gap and und: see the package comment.
	Projections map[string]ProjectionSummary `json:"projections"`
	// LeftOut names the measures that a quick summary does not have.
	LeftOut []string `json:"left_out,omitempty"`
}

// ProjectionSummary holds the measures of one projection.
type ProjectionSummary struct {
	Edges       int     `json:"edges"`
	Density     float64 `json:"density"`
	Reciprocity float64 `json:"reciprocity"` // 1 if undirected
	// Clustering is the mean local one: Fagiolo's if directed, Watts and Strogatz' if not.
	Clustering          *float64   `json:"clustering,omitempty"`
	Transitivity        *float64   `json:"transitivity,omitempty"`
	Triangles           *int       `json:"triangles,omitempty"`
	Strong              int        `json:"strong_components"`
	LargestStrong       int        `json:"largest_strong_component"`
	Weak                int        `json:"weak_components"`
	LargestWeak         int        `json:"largest_weak_component"`
	Paths               *PathStats `json:"paths,omitempty"` // inside the largest strong component
	InDegree            Stats      `json:"in_degree"`
	OutDegree           Stats      `json:"out_degree"`
	DegreeAssortativity float64    `json:"degree_assortativity"`
	RoleAssortativity   float64    `json:"role_assortativity"`
	// share of arcs that join equal roles
	Homophily         float64 `json:"homophily"`
	HomophilyExpected float64 `json:"homophily_expected"` // by the row and column sums
}

// SlowMeasures are those whose cost grows faster than the graph, which a quick summary leaves out.
var SlowMeasures = []string{"spectral radius", "paths of two hops", "clustering", "transitivity", "triangles",
	"shortest paths"}

// Work estimates the steps of a full summary: visits of arcs. A machine makes some hundred million
// of them a second.
func Work(g *connectome.Graph) float64 {
	n, m := float64(g.Len()), 0.0
	for _, e := range g.Edges {
		if m++; e.Layer == connectome.Gap {
			m++
		}
	}
	return 4 * n * m // a breadth-first search a vertex, in four projections
}

// Options say what a summary holds. The zero value stands for everything.
type Options struct {
	// Quick leaves out the SlowMeasures.
	Quick bool
}

// Summarize computes all measures of the package, or those that Options ask for. It fails if
// eigenvalues do not converge, and with the error of the context soon after that is done; see
// connectome.WithProgress.
func Summarize(ctx context.Context, g *connectome.Graph, o Options) (*Summary, error) {
	s := &Summary{
		Name: g.Name, Neurons: g.Len(), Roles: map[string]int{},
		Synapses: g.Weight(connectome.Chemical), Junctions: g.Weight(connectome.Gap),
	}
	for _, r := range connectome.Roles {
		s.Roles[r.String()] = len(g.WithRole(r))
	}
	for i := range g.Neurons {
		if g.Neurons[i].Role == connectome.Unknown {
			s.NoRole++
		}
	}
	_, s.GapLoops = g.Count(connectome.Gap)
	_, s.ChemicalLoops = g.Count(connectome.Chemical)
	for _, e := range g.Edges {
		if e.Layer != connectome.Chemical {
			break // the chemical ones come first
		}
		if _, gap := g.Edge(connectome.Gap, e.Pre, e.Post); gap {
			s.ParallelPairs++
		}
	}
	if o.Quick {
		s.LeftOut = SlowMeasures
	} else if err := s.slow(ctx, g); err != nil {
		return nil, err
	}
	roles := Roles(g)
	s.Projections = map[string]ProjectionSummary{}
	// One after the other, so that only one of them takes memory.
	for _, of := range []struct {
		name       string
		undirected bool
		layers     []connectome.Layer
	}{
		{"dir", false, []connectome.Layer{connectome.Chemical, connectome.Gap}},
		{"chem", false, []connectome.Layer{connectome.Chemical}},
		{"gap", true, []connectome.Layer{connectome.Gap}},
		{"und", true, []connectome.Layer{connectome.Chemical, connectome.Gap}},
	} {
		p, err := g.Project(ctx, of.undirected, of.layers...)
		if err != nil {
			return nil, err
		}
		sum, err := summarizeProjection(p, roles, &watch{ctx: ctx, of: of.name}, o)
		if err != nil {
			return nil, err
		}
		s.Projections[of.name] = sum
	}
	return s, nil
}

// slow adds the measures of the whole graph that are slow.
func (s *Summary) slow(ctx context.Context, g *connectome.Graph) error {
	if g.Len() <= MaxSpectral {
		radius, err := SpectralRadius(g, false, false, connectome.Chemical, connectome.Gap)
		if err != nil {
			return err
		}
		s.SpectralRadius = &radius
	}
	paths, _, err := shortestPaths(g, 2, true, &watch{ctx: ctx})
	if err != nil {
		return err
	}
	total := paths.Total()
	share, _ := paths.Homophily()
	s.TwoHopPaths, s.TwoHopHomophily = &total, &share
	return nil
}

// SummarizeProjection computes all measures of one projection.
func SummarizeProjection(p *connectome.Projection, roles []connectome.Role) ProjectionSummary {
	s, _ := summarizeProjection(p, roles, unwatched(), Options{})
	return s
}

func summarizeProjection(p *connectome.Projection, roles []connectome.Role, w *watch, o Options) (ProjectionSummary,
	error) {
	reverse := p
	if !p.Undirected {
		reverse = p.Reverse()
	}
	strong := strongComponents(p, reverse, w)
	weak := strong
	if !p.Undirected {
		weak = weakComponents(p, reverse, w)
	}
	d := ProjectionSummary{
		Edges: p.Edges(), Density: Density(p), Reciprocity: reciprocity(p, w), Strong: len(strong), Weak: len(weak),
	}
	if err := w.ctx.Err(); err != nil {
		return d, err
	}
	d.DegreeAssortativity, d.RoleAssortativity = DegreeAssortativity(p), RoleAssortativity(p, roles)
	if len(strong) > 0 {
		d.LargestStrong, d.LargestWeak = len(strong[0]), len(weak[0])
	}
	in, out := Degrees(p)
	d.InDegree, d.OutDegree = Describe(in), Describe(out)
	d.Homophily, d.HomophilyExpected = RoleArcs(p, roles).Homophily()
	if err := w.ctx.Err(); err != nil || o.Quick {
		return d, err
	}
	if p.Undirected {
		count, err := triangles(p, w)
		if err != nil {
			return d, err
		}
		transitivity, n := transitivityOf(p, count)
		d.Transitivity, d.Triangles = &transitivity, &n
	}
	c, err := clustering(p, w)
	if err != nil {
		return d, err
	}
	d.Clustering, d.Paths = &c, &PathStats{}
	if len(strong) > 0 {
		giant := Induced(p, strong[0])
		count, err := distances(giant, w)
		if err != nil {
			return d, err
		}
		*d.Paths = pathStats(giant.Len(), count)
	}
	return d, nil
}
