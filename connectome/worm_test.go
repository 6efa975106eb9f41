package connectome_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/internal/reference"
)

func TestCanonicalCounts(t *testing.T) {
	g := connectome.Canonical()
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
	chem, chemLoops := g.Count(connectome.Chemical)
	gap, gapLoops := g.Count(connectome.Gap)
	got := []any{g.Len(), chem, chemLoops, g.Weight(connectome.Chemical), gap, gapLoops, g.Weight(connectome.Gap)}
	want := []any{279, 2194, 0, 6394.0, 517, 3, 890.0}
	if !slices.Equal(got, want) {
		t.Errorf("neurons, arcs, loops, synapses, gap pairs, loops, junctions: %v, want %v", got, want)
	}
	for role, n := range map[connectome.Role]int{connectome.Sensory: 98, connectome.Inter: 92, connectome.Motor: 89} {
		if got := len(g.WithRole(role)); got != n {
			t.Errorf("%v: %d neurons, want %d", role, got, n)
		}
	}
	cook, err := g.WithRoles(connectome.RolesCook)
	if err != nil {
		t.Fatal(err)
	}
	for role, n := range map[connectome.Role]int{connectome.Sensory: 83, connectome.Inter: 81, connectome.Motor: 115} {
		if got := len(cook.WithRole(role)); got != n {
			t.Errorf("Cook's %v: %d neurons, want %d", role, got, n)
		}
	}
	back, err := cook.WithRoles(connectome.RolesCanonical)
	if err != nil || !back.Equal(g) {
		t.Errorf("roles canonical -> cook -> canonical changed the graph (%v)", err)
	}
}

// TestCanonicalTables compares with the reference tables: every neuron's role and soma order, every
// edge.
func TestCanonicalTables(t *testing.T) {
	g := connectome.Canonical()
	rows := strings.Split(strings.TrimSpace(string(reference.Read(t, "connectome/canonical_neurons.tsv"))), "\n")[1:]
	if len(rows) != g.Len() {
		t.Fatalf("%d neurons, reference has %d", g.Len(), len(rows))
	}
	splitClass := 0
	for i, row := range rows {
		f := strings.Split(row, "\t")
		n := g.Neurons[i]
		if n.ID != f[0] || n.Name != f[1] || n.Role.Letter() != f[3] {
			t.Errorf("neuron %d: id %s, name %s, role %q, want %s", i, n.ID, n.Name, n.Role.Letter(), row)
		}
		if n.Class != f[2] {
			if f[2] != n.Name {
				t.Errorf("%s: class %s, want %s", n.Name, n.Class, f[2])
			}
			splitClass++
		}
	}
	if splitClass != 7 {
		t.Errorf("%d classes differ, expected the cells of RIV and SAB, RMED and RMEV", splitClass)
	}
	var got, want []string
	for _, e := range g.Edges {
		got = append(got, fmt.Sprintf("%s\t%s\t%s\t%g", g.Neurons[e.Pre].Name, g.Neurons[e.Post].Name, e.Layer.Letter(), e.Weight))
	}
	want = strings.Split(strings.TrimSpace(string(reference.Read(t, "connectome/canonical_edges.tsv"))), "\n")[1:]
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("edges differ from canonical_edges.tsv")
	}
	reference.Compared(t, "connectome/canonical_*.tsv", len(rows)+len(want), 279+2711)
}

// TestCanonicalHash compares the SHA-256 of the edge table in the reference's serialisation.
func TestCanonicalHash(t *testing.T) {
	var ref struct {
		Datasets map[string]struct {
			Bytes      int    `json:"bytes"`
			BodySHA256 string `json:"body_sha256"`
		} `json:"datasets"`
	}
	reference.Decode(t, "connectome/expected_counts.json", &ref)
	var b strings.Builder
	if err := connectome.WriteEdges(&b, connectome.Canonical(), '\t'); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	sum := sha256.Sum256([]byte(body))
	reference.Compared(t, "connectome/expected_counts.json", 1, 1)
	want := ref.Datasets["varshney2011"]
	if got := hex.EncodeToString(sum[:]); got != want.BodySHA256 || b.Len() != want.Bytes {
		t.Errorf("edge table: SHA-256 %s, %d bytes; want %s, %d", got, b.Len(), want.BodySHA256, want.Bytes)
	}
}

type publishedFile struct {
	Graph struct {
		Nodes []publishedItem `xml:"node"`
		Edges []publishedItem `xml:"edge"`
	} `xml:"graph"`
}

type publishedItem struct {
	Source string `xml:"source,attr"`
	Target string `xml:"target,attr"`
	Data   []struct {
		Key  string `xml:"key,attr"`
		Text string `xml:",chardata"`
	} `xml:"data"`
}

func (p publishedItem) get(key string) string {
	for _, d := range p.Data {
		if d.Key == key {
			return d.Text
		}
	}
	return ""
}

// TestShippedIsThePublishedFile compares every vertex and every edge, in order, without our own
// reader.
func TestShippedIsThePublishedFile(t *testing.T) {
	raw, err := os.ReadFile(reference.Optional(t, "celegans_upstream.graphml"))
	if err != nil {
		t.Fatal(err)
	}
	var file publishedFile
	if err := xml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	g := connectome.Shipped()
	if len(file.Graph.Nodes) != g.Len() {
		t.Fatalf("%d vertices, want %d", g.Len(), len(file.Graph.Nodes))
	}
	for i, node := range file.Graph.Nodes {
		n := g.Neurons[i]
		role, err := connectome.ParseRole(node.get("v_role"))
		if err != nil {
			t.Fatal(err)
		}
		if n.ID != node.get("v_name") || n.Name != node.get("v_cell_name") || n.Class != node.get("v_cell_class") || n.Role != role {
			t.Errorf("vertex %d: %s %s %s %v, want %v", i, n.ID, n.Name, n.Class, n.Role, node.Data)
		}
	}
	arcs := connectome.ShippedArcs()
	if len(arcs) != len(file.Graph.Edges) {
		t.Fatalf("%d arcs, want %d", len(arcs), len(file.Graph.Edges))
	}
	sum := 0.0
	for i, edge := range file.Graph.Edges {
		a := arcs[i]
		weight, _ := strconv.ParseFloat(edge.get("e_weight"), 64)
		if fmt.Sprintf("n%d", a.Pre) != edge.Source || fmt.Sprintf("n%d", a.Post) != edge.Target || a.Layer.Letter() != edge.get("e_synapse_type") || a.Weight != weight {
			t.Fatalf("arc %d: %+v, want %+v", i, a, edge)
		}
		if a.Layer == connectome.Chemical {
			sum += a.Weight
		}
	}
	if sum != 5043 || g.Weight(connectome.Chemical) != sum {
		t.Errorf("chemical weights sum to %v, graph %v, want 5043", sum, g.Weight(connectome.Chemical))
	}
}

// TestShippedByID: joined by cell id the published graph has the topology of the canonical one; 172
// names are displaced and 26 roles wrong.
func TestShippedByID(t *testing.T) {
	c, s := connectome.Canonical(), connectome.Shipped()
	cell := make([]int, s.Len())
	names, roles := 0, 0
	for v, n := range s.Neurons {
		id, err := strconv.Atoi(n.ID)
		if err != nil {
			t.Fatal(err)
		}
		cell[v] = id - 1
		if c.Neurons[id-1].Name != n.Name {
			names++
		}
		if c.Neurons[id-1].Role != n.Role {
			roles++
		}
	}
	if names != 172 || roles != 26 {
		t.Errorf("%d names displaced, %d roles wrong; want 172, 26", names, roles)
	}
	wrong := 0
	for _, e := range s.Edges {
		k, ok := c.Edge(e.Layer, cell[e.Pre], cell[e.Post])
		if !ok {
			t.Fatalf("edge %+v is not in the canonical graph", e)
		}
		if c.Edges[k].Weight != e.Weight {
			wrong++
		}
	}
	if wrong != 379 || len(s.Edges) != len(c.Edges) {
		t.Errorf("%d of %d weights differ, want 379 of %d", wrong, len(s.Edges), len(c.Edges))
	}
}
