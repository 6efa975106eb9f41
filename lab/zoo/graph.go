package zoo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"elegans/connectome"
	"elegans/connectome/nullmodel"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Graph names a wiring.
type Graph struct {
	// Name is "canonical" (the default), "canonical-cook", "shipped", or the path of a file that
	// package connectome reads.
	Name string `json:"name,omitempty"`
	// Control stands for a graph made from it.
	Control Control `json:"control,omitempty"`
	// Seed is that of the control.
	Seed uint64 `json:"seed,omitempty"`
	// SHA256 is the sum of the graph as JSON, before the control is made. Load fills it in, and
	// checks it if it is there.
	SHA256 string `json:"sha256,omitempty"`
}

// Control is a graph that stands for another one, to which a network on it is compared.
type Control string

// Controls that are named in code; nullmodel.Names lists all that there are.
const (
	NoControl  Control = ""        // the graph itself; "none" means the same
	Rewired    Control = "rewired" // nullmodel.DegreePreserving
	ErdosRenyi Control = "er"      // nullmodel.ErdosRenyi
)

// Controls lists the names of the controls: "none", and those of the null models.
func Controls() []string { return append([]string{"none"}, nullmodel.Names()...) }

func (g *Graph) complete() error {
	if g.Name == "" {
		g.Name = "canonical"
	}
	if g.Control == "none" {
		g.Control = ""
	}
	if g.Control != "" && !slices.Contains(Controls(), string(g.Control)) {
		return unknownControl(g.Control)
	}
	return nil
}

// Load reads or makes the graph.
func (g *Graph) Load() (*connectome.Graph, error) {
	out, _, err := g.read(context.Background())
	return out, err
}

// read is Load with what the reader of the file says of it.
func (g *Graph) read(ctx context.Context) (*connectome.Graph, []connectome.Defect, error) {
	if err := g.complete(); err != nil {
		return nil, nil, err
	}
	base, defects, err := connectome.Load(ctx, g.Name)
	if err != nil {
		return nil, nil, err
	}
	h := sha256.New()
	if err := connectome.WriteJSON(h, base); err != nil {
		return nil, nil, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if g.SHA256 != "" && g.SHA256 != sum {
		return nil, nil, fmt.Errorf("graph %s has changed since the model was made: SHA-256 %s, expected %s",
			quote.Name(g.Name), sum, quote.Name(g.SHA256))
	}
	g.SHA256 = sum
	out, err := g.Control.Make(ctx, base, g.Seed)
	return out, defects, err
}

// Make returns the control of a graph; for NoControl it is the graph itself.
func (c Control) Make(ctx context.Context, base *connectome.Graph, seed uint64) (*connectome.Graph, error) {
	if c == NoControl || c == "none" {
		return base, nil
	}
	m, err := nullmodel.Lookup(string(c))
	if err != nil {
		return nil, unknownControl(c)
	}
	return m.Make(ctx, base, tensor.NewKey(seed, "control "+string(c)))
}

func unknownControl(c Control) error {
	return fmt.Errorf("control %s: unknown, expected one of %s", quote.Text(string(c)), strings.Join(Controls(), ", "))
}
