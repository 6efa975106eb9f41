package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"elegans/connectome"
	"elegans/connectome/nullmodel"
	"elegans/tensor"
)

// Graph names a wiring.
type Graph struct {
	// Name is "canonical" (the default), "shipped", or the path of a file that package connectome
	// reads.
	Name string `json:"name,omitempty"`
	// Control stands for a graph made from it.
	Control Control `json:"control,omitempty"`
	Seed    uint64  `json:"seed,omitempty"` // of the control
	// SHA256 is the sum of the graph as JSON, before the control is made. Load fills it in, and
	// checks it if it is there.
	SHA256 string `json:"sha256,omitempty"`
}

// Control is a graph that stands for another one, to which a network on it is compared.
type Control string

// The controls. All but Rewired have as many neurons of each role and as many edges as the graph,
// but for Complete, which has all edges.
const (
	NoControl      Control = ""         // the graph itself; "none" means the same
	Rewired        Control = "rewired"  // both layers rewired, the degrees of every neuron kept
	ErdosRenyi     Control = "er"       // edges at random
	BarabasiAlbert Control = "ba"       // preferential attachment
	WattsStrogatz  Control = "ws"       // a small world
	Ring           Control = "ring"     // every neuron linked to the next ones
	Complete       Control = "complete" // every neuron linked to all
)

// Controls lists the names of the controls.
func Controls() []string { return []string{"none", "rewired", "er", "ba", "ws", "ring", "complete"} }

// swapsPerEdge is the number of accepted swaps an edge in a rewiring.
const swapsPerEdge = 10

// wattsStrogatzBeta is the share of edges that a Watts-Strogatz control redraws.
const wattsStrogatzBeta = 0.1

func (g *Graph) complete() error {
	if g.Name == "" {
		g.Name = "canonical"
	}
	if g.Control == "none" {
		g.Control = ""
	}
	if g.Control != "" && !slices.Contains(Controls(), string(g.Control)) {
		return fmt.Errorf("control %q: unknown, expected one of %s", g.Control, strings.Join(Controls(), ", "))
	}
	return nil
}

// Load reads or makes the graph.
func (g *Graph) Load() (*connectome.Graph, error) {
	if err := g.complete(); err != nil {
		return nil, err
	}
	base, _, err := connectome.Load(g.Name)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	if err := connectome.WriteJSON(h, base); err != nil {
		return nil, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if g.SHA256 != "" && g.SHA256 != sum {
		return nil, fmt.Errorf("graph %s has changed since the model was made: SHA-256 %s, expected %s", g.Name, sum, g.SHA256)
	}
	g.SHA256 = sum
	key := tensor.NewKey(g.Seed, "control "+string(g.Control))
	spec := nullmodel.Matched(base)
	switch g.Control {
	case Rewired:
		r, _, err := nullmodel.DegreePreserving(base, swapsPerEdge, key)
		return r, err
	case ErdosRenyi:
		return nullmodel.ErdosRenyi(spec, key)
	case BarabasiAlbert:
		return nullmodel.BarabasiAlbert(spec, key)
	case WattsStrogatz:
		return nullmodel.WattsStrogatz(spec, wattsStrogatzBeta, key)
	case Ring:
		return nullmodel.Ring(spec, key)
	case Complete:
		return nullmodel.Complete(spec)
	}
	return base, nil
}
