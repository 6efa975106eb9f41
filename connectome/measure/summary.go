package measure

import "elegans/connectome"

// Summary is what `elegans connectome info` shows.
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
	// ShortestPaths of 2 hops, parallel edges apart
	TwoHopPaths int `json:"two_hop_paths"`
	// TwoHopHomophily is the share of them with equal roles at both ends.
	TwoHopHomophily float64 `json:"two_hop_homophily"`
	// Projections are dir, chem, gap and und: see the package comment.
	Projections map[string]ProjectionSummary `json:"projections"`
}

// ProjectionSummary holds the measures of one projection.
type ProjectionSummary struct {
	Edges       int     `json:"edges"`
	Density     float64 `json:"density"`
	Reciprocity float64 `json:"reciprocity"` // 1 if undirected
	// Clustering is the mean local one: Fagiolo's if directed, Watts and Strogatz' if not.
	Clustering          float64   `json:"clustering"`
	Transitivity        *float64  `json:"transitivity,omitempty"`
	Triangles           *int      `json:"triangles,omitempty"`
	Strong              int       `json:"strong_components"`
	LargestStrong       int       `json:"largest_strong_component"`
	Weak                int       `json:"weak_components"`
	LargestWeak         int       `json:"largest_weak_component"`
	Paths               PathStats `json:"paths"` // inside the largest strong component
	InDegree            Stats     `json:"in_degree"`
	OutDegree           Stats     `json:"out_degree"`
	DegreeAssortativity float64   `json:"degree_assortativity"`
	RoleAssortativity   float64   `json:"role_assortativity"`
	Homophily           float64   `json:"homophily"`          // share of arcs that join equal roles
	HomophilyExpected   float64   `json:"homophily_expected"` // by the row and column sums
}

// Summarize computes all measures of the package. It fails only if eigenvalues do not converge.
func Summarize(g *connectome.Graph) (*Summary, error) {
	s := &Summary{
		Name: g.Name, Neurons: g.Len(), Roles: map[string]int{}, Synapses: g.Weight(connectome.Chemical), Junctions: g.Weight(connectome.Gap),
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
		if _, gap := g.Edge(connectome.Gap, e.Pre, e.Post); gap && e.Layer == connectome.Chemical {
			s.ParallelPairs++
		}
	}
	if g.Len() <= MaxSpectral {
		radius, err := SpectralRadius(g, false, false, connectome.Chemical, connectome.Gap)
		if err != nil {
			return nil, err
		}
		s.SpectralRadius = &radius
	}
	paths, _ := ShortestPaths(g, 2, true)
	s.TwoHopPaths = paths.Total()
	s.TwoHopHomophily, _ = paths.Homophily()
	roles := Roles(g)
	s.Projections = map[string]ProjectionSummary{
		"dir":  SummarizeProjection(g.Directed(connectome.Chemical, connectome.Gap), roles),
		"chem": SummarizeProjection(g.Directed(connectome.Chemical), roles),
		"gap":  SummarizeProjection(g.Simple(connectome.Gap), roles),
		"und":  SummarizeProjection(g.Simple(connectome.Chemical, connectome.Gap), roles),
	}
	return s, nil
}

// SummarizeProjection computes the measures of one projection.
func SummarizeProjection(p *connectome.Projection, roles []connectome.Role) ProjectionSummary {
	strong, weak := StrongComponents(p), WeakComponents(p)
	d := ProjectionSummary{
		Edges: p.Edges(), Density: Density(p), Reciprocity: Reciprocity(p), Clustering: Clustering(p), Strong: len(strong), Weak: len(weak),
		DegreeAssortativity: DegreeAssortativity(p), RoleAssortativity: RoleAssortativity(p, roles),
	}
	if p.Undirected {
		transitivity, triangles := Transitivity(p)
		d.Transitivity, d.Triangles = &transitivity, &triangles
	}
	if len(strong) > 0 {
		d.LargestStrong, d.LargestWeak = len(strong[0]), len(weak[0])
		d.Paths = Paths(Induced(p, strong[0]))
	}
	in, out := Degrees(p)
	d.InDegree, d.OutDegree = Describe(in), Describe(out)
	d.Homophily, d.HomophilyExpected = RoleArcs(p, roles).Homophily()
	return d
}
