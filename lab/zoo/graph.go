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
	// "canonical" (the default), "shipped", or the path of a file that package connectome reads
	Name string `json:"name,omitempty"`
	// a control made from it: one of Controls; empty or "none" for the graph itself
	Control string `json:"control,omitempty"`
	Seed    uint64 `json:"seed,omitempty"` // of the control
	// of the graph as JSON before the control is made; filled in by Load, and checked if present
	SHA256 string `json:"sha256,omitempty"`
}

// Controls lists the controls: degree-preserving rewiring of both layers, and graphs of matched
// size.
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
	if g.Control != "" && !slices.Contains(Controls(), g.Control) {
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
	key := tensor.NewKey(g.Seed, "control "+g.Control)
	spec := nullmodel.Matched(base)
	switch g.Control {
	case "rewired":
		r, _, err := nullmodel.DegreePreserving(base, swapsPerEdge, key)
		return r, err
	case "er":
		return nullmodel.ErdosRenyi(spec, key)
	case "ba":
		return nullmodel.BarabasiAlbert(spec, key)
	case "ws":
		return nullmodel.WattsStrogatz(spec, wattsStrogatzBeta, key)
	case "ring":
		return nullmodel.Ring(spec, key)
	case "complete":
		return nullmodel.Complete(spec)
	}
	return base, nil
}
