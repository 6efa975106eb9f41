package measure_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/connectome/measure"
	"elegans/internal/reference"
)

// worms holds what the reference calls shipped and fixed, with their projections.
type worm struct {
	graph *connectome.Graph
	roles []connectome.Role
	p     map[string]*connectome.Projection
}

func newWorm(g *connectome.Graph) worm {
	return worm{g, measure.Roles(g), map[string]*connectome.Projection{
		"dir": g.Directed(connectome.Chemical, connectome.Gap), "chem": g.Directed(connectome.Chemical),
		"gap": g.Simple(connectome.Gap), "und": g.Simple(connectome.Chemical, connectome.Gap), "gapE": nil,
	}}
}

func roleTable(m measure.RoleMatrix) map[string]float64 {
	out := map[string]float64{}
	for a, row := range m {
		for b, n := range row {
			out["SIM"[a:a+1]+"SIM"[b:b+1]] = float64(n)
		}
	}
	return out
}

func stats(values []int) map[string]float64 {
	s := measure.Describe(values)
	return map[string]float64{"mean": s.Mean, "sd_pop": s.SD, "median": s.Median, "min": float64(s.Min), "max": float64(s.Max)}
}

// compute returns our value for a reference name and graph, a number or a map of numbers, or nil
// for a measure that the package does not have.
func compute(t *testing.T, name, graph string, worms map[string]worm) any {
	base, view, _ := strings.Cut(graph, "/")
	w, ok := worms[view]
	if !ok {
		w = worms["shipped"]
	}
	if base == "gapE" {
		return gapBothDirections(name, w)
	}
	if v := ofWorm(t, name, graph, worms); v != nil {
		return v
	}
	var hops int
	if strings.HasPrefix(name, "shortest_paths_") {
		fmt.Sscanf(name, "shortest_paths_%dhops", &hops)
		paths, _ := measure.ShortestPaths(w.graph, hops, base == "shipped_multi")
		if strings.HasSuffix(name, "by_end_roles") {
			return roleTable(paths)
		}
		return float64(paths.Total())
	}
	p := w.p[base]
	if p == nil {
		return nil
	}
	strong, weak := measure.StrongComponents(p), measure.WeakComponents(p)
	in, out := measure.Degrees(p)
	giant := measure.Paths(measure.Induced(p, strong[0]))
	share, expected := measure.RoleArcs(p, w.roles).Homophily()
	switch name {
	case "m":
		return float64(p.Edges())
	case "density":
		return measure.Density(p)
	case "degree_in":
		return stats(in)
	case "degree_out", "degree":
		return stats(out)
	case "degree_all":
		for i := range in {
			in[i] += out[i]
		}
		return stats(in)
	case "reciprocity":
		return measure.Reciprocity(p)
	case "dyad_census":
		m, a, n := measure.Dyads(p)
		return map[string]float64{"mutual": float64(m), "asymmetric": float64(a), "null": float64(n)}
	case "avg_clustering_fagiolo", "avg_clustering":
		return measure.Clustering(p)
	case "transitivity":
		v, _ := measure.Transitivity(p)
		return v
	case "triangles":
		_, n := measure.Transitivity(p)
		return float64(n)
	case "clustering_giant":
		return measure.Clustering(measure.Induced(p, strong[0]))
	case "largest_scc", "largest_cc":
		return float64(len(strong[0]))
	case "n_scc", "n_cc", "gap_laplacian_zero_eigs":
		return float64(len(strong))
	case "largest_wcc":
		return float64(len(weak[0]))
	case "n_wcc":
		return float64(len(weak))
	case "aspl_giant":
		return giant.Mean
	case "diameter_giant":
		return float64(giant.Diameter)
	case "global_efficiency_giant":
		return giant.Efficiency
	case "aspl_reachable":
		return measure.Paths(p).Mean
	case "distance_hist":
		out := map[string]float64{}
		for d, n := range measure.Distances(p) {
			out[fmt.Sprint(d)] = float64(n)
		}
		return out
	case "pairs_at_distance_1", "pairs_at_distance_2", "pairs_at_distance_3", "pairs_at_distance_4":
		_, pairs := measure.ShortestPaths(w.graph, int(name[len(name)-1]-'0'), false)
		return float64(pairs)
	case "degree_assortativity":
		return measure.DegreeAssortativity(p)
	case "role_assortativity":
		return measure.RoleAssortativity(p, w.roles)
	case "role_modularity", "role_modularity_directed":
		return measure.RoleModularity(p, w.roles)
	case "role_pair_arcs":
		return roleTable(measure.RoleArcs(p, w.roles))
	case "homophilic_fraction":
		return share
	case "homophilic_fraction_expected":
		return expected
	case "ei_index":
		return 1 - 2*share
	}
	return nil
}

// ofWorm handles what the reference files under another name than that of a projection.
func ofWorm(t *testing.T, name, graph string, worms map[string]worm) any {
	counts := func(view string) any {
		out := map[string]float64{}
		for _, r := range connectome.Roles {
			out[r.Letter()] = float64(len(worms[view].graph.WithRole(r)))
		}
		return out
	}
	radius := func(view string, binary, noLoops bool, layers ...connectome.Layer) any {
		v, err := measure.SpectralRadius(worms[view].graph, binary, noLoops, layers...)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const c, e = connectome.Chemical, connectome.Gap
	shipped, fixed := worms["shipped"].graph, worms["fixed"].graph
	switch name + " " + graph {
	case "n all":
		return float64(fixed.Len())
	case "m shipped_multi":
		return float64(len(connectome.ShippedArcs()))
	case "chem_weight_sum shipped":
		return shipped.Weight(c)
	case "chem_weight_sum fixed":
		return fixed.Weight(c)
	case "gap_weight_sum shipped=fixed":
		return shipped.Weight(e)
	case "role_counts shipped":
		return counts("shipped")
	case "role_counts fixed":
		return counts("fixed")
	case "get_triplet_list_len shipped_multi":
		paths, _ := measure.ShortestPaths(shipped, 2, true)
		return float64(paths.Total())
	case "get_triplet_list_pairs shipped_multi":
		_, pairs := measure.ShortestPaths(shipped, 2, true)
		return float64(pairs)
	case "spectral_radius chem binary":
		return radius("fixed", true, true, c)
	case "spectral_radius chem weighted shipped":
		return radius("shipped", false, false, c)
	case "spectral_radius chem weighted fixed":
		return radius("fixed", false, false, c)
	case "spectral_radius dir binary":
		return radius("fixed", true, true, c, e)
	case "spectral_radius dir binary with loops":
		return radius("shipped", true, false, c, e)
	case "spectral_radius chem+gap weighted shipped":
		return radius("shipped", false, false, c, e)
	case "spectral_radius chem+gap weighted shipped no loops":
		return radius("shipped", false, true, c, e)
	case "spectral_radius chem+gap weighted fixed":
		return radius("fixed", false, false, c, e)
	case "spectral_radius chem+gap weighted fixed no loops":
		return radius("fixed", false, true, c, e)
	case "spectral_radius gap binary":
		return radius("fixed", true, true, e)
	case "spectral_radius und binary":
		v, err := measure.ProjectionRadius(worms["fixed"].p["und"])
		if err != nil {
			t.Fatal(err)
		}
		return v
	case "spectral_radius gap weighted":
		return radius("fixed", false, true, e)
	}
	return nil
}

// gapBothDirections handles the reference's gapE: both directions of every junction, loops once.
func gapBothDirections(name string, w worm) any {
	var m measure.RoleMatrix
	for _, e := range w.graph.Edges {
		if e.Layer == connectome.Gap {
			a, b := w.roles[e.Pre]-1, w.roles[e.Post]-1
			m[a][b]++
			if e.Pre != e.Post {
				m[b][a]++
			}
		}
	}
	share, expected := m.Homophily()
	return map[string]any{"role_pair_arcs": roleTable(m), "homophilic_fraction": share, "homophilic_fraction_expected": expected, "ei_index": 1 - 2*share}[name]
}

// absent lists the recorded values, by name or by name and graph, of measures that the package does
// not have.
var absent = []string{
	"authors_avg_degree", "authors_edge_num", "authors_median_degree", "betweenness", "betweenness_top10",
	"clustering_varshney", "degree_stats", "density shipped_multi", "largest_scc shipped_multi",
	"leading_eigenvector_membership", "leading_eigenvector_modularity", "louvain_membership",
	"louvain_modularity_best_of_200", "omega_analytic", "omega_ensemble", "ordered_pairs_both_types",
	"ordered_pairs_with_loops", "reciprocity shipped_multi", "rich_club_phi",
	"role_assortativity shipped_multi/fixed", "role_assortativity shipped_multi/shipped", "role_pair_edges",
	"role_pair_ordered_pairs", "role_pair_weight", "sigma_analytic_ER", "sigma_ensemble",
	"spectral_radius shipped_multi count", "triad_census", "triad_census_igraph", "two_hop_role_triples",
}

// TestGolden compares every value of golden_graph_metrics.json that the package can compute.
func TestGolden(t *testing.T) {
	var ref struct {
		Metrics []struct {
			Name, Graph string
			Value       any
		}
	}
	reference.Decode(t, "connectome/golden_graph_metrics.json", &ref)
	worms := map[string]worm{"shipped": newWorm(connectome.Shipped()), "fixed": newWorm(connectome.Canonical())}
	compared := 0
	worst := 0.0
	check := func(name string, got, want float64) {
		d := math.Abs(got-want) / max(1, math.Abs(want))
		worst = max(worst, d)
		if !(d <= 1e-11) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for _, m := range ref.Metrics {
		switch got := compute(t, m.Name, m.Graph, worms).(type) {
		case nil:
			if !slices.Contains(absent, m.Name) && !slices.Contains(absent, m.Name+" "+m.Graph) {
				t.Errorf("recorded value %s of graph %s: unknown", m.Name, m.Graph)
			}
			continue
		case float64:
			check(m.Name+" "+m.Graph, got, m.Value.(float64))
		case map[string]float64:
			for k, v := range got {
				check(m.Name+" "+m.Graph+" "+k, v, m.Value.(map[string]any)[k].(float64))
			}
		}
		compared++
	}
	t.Logf("%d of %d values compared, largest relative difference %.2g", compared, len(ref.Metrics), worst)
	reference.Compared(t, "connectome/golden_graph_metrics.json", compared, 149)
}
