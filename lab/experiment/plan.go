package experiment

import (
	"fmt"

	"elegans/connectome/tensornet"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// Options of the main job.
type Options struct {
	Seeds  int    // runs of each network
	Seed   uint64 // of the first run; the others follow
	Epochs int
	Batch  int
	Width  int // of a neuron's state
	Rounds int
	LR     float64
	Jobs   int // runs at a time
}

// Network names a wiring and says what it stands for.
type Network struct {
	Name  string // in tables and files
	Title string
	About string
}

// Networks are what is compared: the worm first, then its controls.
func Networks() []Network {
	return []Network{
		{"worm", "C. elegans", "the worm's own wiring: 279 neurons, 2,194 chemical synaptic connections, 514 gap junctions"},
		{"rewired", "rewired worm", "both layers rewired at random, the in- and out-degree of every neuron kept (10 accepted swaps a connection)"},
		{"random", "random graph", "as many neurons, roles, connections and weights, everything else random (Erdős–Rényi, each layer)"},
		{"mlp", "matched MLP", "no graph: two hidden layers of ReLU with as many parameters, to within 2 %"},
	}
}

// splitSeed draws the validation part; it does not depend on the seed of a run.
const splitSeed = 1998

// config describes one run.
func (o *Options) config(network string, seed uint64) (recipe.Config, error) {
	c := recipe.Default("worm")
	c.Data = recipe.Data{Name: "digits", ValidFraction: 0.15, SplitSeed: splitSeed, Normalize: true}
	c.Train.Epochs, c.Train.Batch, c.Train.LR, c.Train.Seed = o.Epochs, o.Batch, o.LR, seed
	worm := zoo.Spec{Model: "worm", Input: [3]int{1, 8, 8}, Classes: 10, Seed: seed, Network: tensornet.Config{Width: o.Width, Rounds: o.Rounds}}
	c.Model = worm
	switch network {
	case "worm":
	case "rewired":
		c.Model.Graph = zoo.Graph{Control: "rewired", Seed: seed}
	case "random":
		c.Model.Graph = zoo.Graph{Control: "er", Seed: seed}
	case "mlp":
		m, err := zoo.MatchedMLP(worm)
		if err != nil {
			return c, err
		}
		c.Model = m
	default:
		panic(fmt.Sprintf("experiment: no network %q", network))
	}
	return c, c.Complete()
}
