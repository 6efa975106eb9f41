package connectome_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/connectome"
)

func edge(pre, post int, l connectome.Layer, weight float64) connectome.Edge {
	return connectome.Edge{Pre: pre, Post: post, Layer: l, Weight: weight}
}

func three(edges ...connectome.Edge) (*connectome.Graph, error) {
	return connectome.New("three", []connectome.Neuron{{Name: "a", Role: connectome.Sensory}, {Name: "b"}, {Name: "c", Role: connectome.Motor}}, edges)
}

func TestNewRefuses(t *testing.T) {
	const chem, gap = connectome.Chemical, connectome.Gap
	inf := math.Inf(1)
	for _, c := range []struct {
		edges []connectome.Edge
		want  string
	}{
		{[]connectome.Edge{edge(0, 3, chem, 1)}, "joins neurons 0 and 3"},
		{[]connectome.Edge{edge(-1, 0, chem, 1)}, "joins neurons -1 and 0"},
		{[]connectome.Edge{edge(0, 1, chem, 0)}, "weight 0"},
		{[]connectome.Edge{edge(0, 1, chem, -1)}, "weight -1"},
		{[]connectome.Edge{edge(0, 1, chem, inf)}, "weight +Inf"},
		{[]connectome.Edge{edge(0, 1, chem, inf-inf)}, "weight NaN"},
		{[]connectome.Edge{edge(0, 1, 2, 1)}, "unknown layer 2"},
		{[]connectome.Edge{edge(0, 1, chem, 1), edge(0, 1, chem, 2)}, "second chemical edge between a and b"},
		{[]connectome.Edge{edge(0, 1, gap, 1), edge(1, 0, gap, 1)}, "second gap edge between a and b"},
	} {
		if g, err := three(c.edges...); g != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.edges, err, c.want)
		}
	}
	for _, n := range []connectome.Neuron{
		{}, {Name: " x"}, {Name: "x\ty"}, {Name: "\xff"}, {Name: "x", Role: 9}, {Name: "x", Transmitters: []string{"a,b"}}, {Name: "x", Transmitters: []string{"a", "a"}},
		{Name: "x", Soma: connectome.Position{X: 1}}, {Name: "x", Extra: map[string]string{"role": "S"}}, {Name: "x", Extra: map[string]string{"k": ""}}, {Name: "x", Class: "a\nb"},
	} {
		if _, err := connectome.New("", []connectome.Neuron{n}, nil); err == nil {
			t.Errorf("%+v was accepted", n)
		}
	}
	if _, err := connectome.New("", []connectome.Neuron{{Name: "a"}, {Name: "a"}}, nil); err == nil {
		t.Error("two neurons of one name were accepted")
	}
}

func TestValidateFindsDamage(t *testing.T) {
	for name, damage := range map[string]func(*connectome.Graph){
		"order":   func(g *connectome.Graph) { g.Edges[0], g.Edges[1] = g.Edges[1], g.Edges[0] },
		"turned":  func(g *connectome.Graph) { e := &g.Edges[len(g.Edges)-1]; e.Pre, e.Post = e.Post, e.Pre },
		"removed": func(g *connectome.Graph) { g.Neurons = g.Neurons[:2] },
		"info":    func(g *connectome.Graph) { g.Info = map[string]string{"name": "x"} },
	} {
		g, err := three(edge(0, 1, connectome.Chemical, 1), edge(1, 0, connectome.Chemical, 1), edge(1, 2, connectome.Gap, 1))
		if err != nil {
			t.Fatal(err)
		}
		damage(g)
		if g.Validate() == nil {
			t.Errorf("%s: not found", name)
		}
	}
}

func TestSmallGraph(t *testing.T) {
	g, err := three(edge(2, 1, connectome.Gap, 5), edge(1, 1, connectome.Gap, 1), edge(2, 0, connectome.Chemical, 3), edge(0, 1, connectome.Chemical, 2), edge(1, 2, connectome.Chemical, 4))
	if err != nil {
		t.Fatal(err)
	}
	in, out := g.Degrees(connectome.Gap)
	if !slices.Equal(in, []int{0, 2, 1}) || !slices.Equal(out, in) {
		t.Errorf("gap degrees %v %v", in, out)
	}
	if got := g.Neighbours(connectome.Gap, connectome.Incoming, 1); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("gap neighbours %v", got)
	}
	if got := g.Neighbours(connectome.Chemical, connectome.Incoming, 0); !slices.Equal(got, []int{2}) {
		t.Errorf("presynaptic %v", got)
	}
	if got := g.Neighbours(connectome.Chemical, connectome.Outgoing, 0); !slices.Equal(got, []int{1}) {
		t.Errorf("postsynaptic %v", got)
	}
	if k, ok := g.Edge(connectome.Gap, 2, 1); !ok || g.Edges[k].Weight != 5 {
		t.Error("gap junction not found in the other direction")
	}
	if _, ok := g.Edge(connectome.Chemical, 2, 1); ok {
		t.Error("chemical edge that does not exist")
	}
	if g.RoleOf(1) != connectome.Inter || g.Neurons[1].Role != connectome.Unknown || !slices.Equal(g.WithRole(connectome.Inter), []int{1}) {
		t.Error("unknown role is not treated as interneuron")
	}
	bare := &connectome.Graph{Neurons: g.Neurons}
	for i, name := range []string{"a", "b", "c"} {
		for _, h := range []*connectome.Graph{g, bare, g.Clone()} {
			if k, ok := h.Index(name); !ok || k != i {
				t.Errorf("index of %s: %d", name, k)
			}
		}
	}
	if _, ok := g.Index("d"); ok {
		t.Error("index of a name that does not exist")
	}
	c := g.Clone()
	c.Edges[0].Weight, c.Neurons[0].Name = 9, "z"
	if g.Edges[0].Weight == 9 || g.Neurons[0].Name == "z" {
		t.Error("a clone shares memory")
	}
	if arcs := g.Arcs(); len(arcs) != 6 || arcs[2] != (edge(1, 2, connectome.Chemical, 4)) || arcs[3] != (edge(1, 2, connectome.Gap, 5)) {
		t.Errorf("arcs %v", arcs)
	}
	if u := g.Simple(connectome.Chemical, connectome.Gap); u.Edges() != 3 || !u.Has(1, 0) {
		t.Errorf("undirected projection %v", u.Adj)
	}
	if d := g.Directed(connectome.Chemical, connectome.Gap); d.Edges() != 4 || d.Has(1, 0) || !d.Has(2, 1) || !d.Reverse().Has(1, 0) {
		t.Errorf("directed projection %v", d.Adj)
	}
}

// TestCSR: the sparse matrix is the dense one of the definition, rows are receivers, and Outgoing
// is the transpose.
func TestCSR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphs().Draw(t, "graph")
		n := g.Len()
		for _, l := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
			want := make([]float64, n*n) // [post, pre]
			for _, e := range g.Edges {
				if e.Layer == l {
					want[e.Post*n+e.Pre] = e.Weight
					if l == connectome.Gap {
						want[e.Pre*n+e.Post] = e.Weight
					}
				}
			}
			in, out := g.Degrees(l)
			for _, d := range []connectome.Direction{connectome.Incoming, connectome.Outgoing} {
				m := g.CSR(l, d)
				got := make([]float64, n*n)
				degree := in
				if d == connectome.Outgoing {
					degree = out
				}
				for r := range n {
					row := m.Col[m.RowPtr[r]:m.RowPtr[r+1]]
					if len(row) != degree[r] || !slices.IsSorted(row) {
						t.Fatalf("row %d has columns %v, degree %d", r, row, degree[r])
					}
					for k := m.RowPtr[r]; k < m.RowPtr[r+1]; k++ {
						post, pre := r, int(m.Col[k])
						if d == connectome.Outgoing {
							post, pre = pre, post
						}
						got[post*n+pre] = m.Weight[k]
						if e := g.Edges[m.Edge[k]]; e.Layer != l || e.Weight != m.Weight[k] || !(e.Pre == pre && e.Post == post || l == connectome.Gap && e.Pre == post && e.Post == pre) {
							t.Fatalf("entry %d points to edge %+v", k, e)
						}
					}
				}
				if m.NNZ() != int(m.RowPtr[n]) || !slices.Equal(got, want) {
					t.Fatalf("%v: %v, want %v", l, got, want)
				}
			}
		}
	})
}

// TestNewOrder: the normal form does not depend on the order of the edges or the direction in which
// gap junctions are given.
func TestNewOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphs().Draw(t, "graph")
		edges := rapid.Permutation(g.Edges).Draw(t, "edges")
		for i, e := range edges {
			if e.Layer == connectome.Gap && rapid.Bool().Draw(t, "turn") {
				edges[i].Pre, edges[i].Post = e.Post, e.Pre
			}
		}
		if h, err := g.WithEdges(edges); err != nil || !h.Equal(g) {
			t.Fatalf("%v %v", h, err)
		}
	})
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		"nowhere.tsv":      "no such file, and not one of canonical",
		dir:                "found a folder",
		dir + "/x.graphml": "no such file",
	} {
		if _, _, err := connectome.Load(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	for _, path := range []string{dir + "/x.png", dir + "/missing/x.tsv"} {
		if err := connectome.Save(t.Context(), path, connectome.Canonical()); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	if _, err := connectome.Canonical().WithRoles("mine"); err == nil {
		t.Error("unknown role set")
	}
	if g, _ := three(); g == nil {
		t.Fatal("no graph")
	} else if _, err := g.WithRoles(connectome.RolesCook); err == nil {
		t.Error("roles for neurons that the worm does not have")
	}
}
