package experiment_test

import (
	"context"
	"fmt"

	"elegans/connectome/tensornet"
	"elegans/lab/experiment"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// Does the worm's wiring matter? Two small networks, one on the worm's graph, the other on graphs
// with the same degrees, two runs of each.
func ExampleComparison() {
	base := recipe.Default("worm")
	base.Train.Epochs = 1
	base.Model.Config = zoo.WormConfig{Network: tensornet.Config{Width: 2, Rounds: 2}}
	rewired := experiment.Variant(base, func(c *recipe.Config, seed uint64) error {
		return zoo.Edit(&c.Model, func(w *zoo.WormConfig) { w.Graph.Control, w.Graph.Seed = zoo.Rewired, seed })
	})
	res, err := experiment.Comparison{
		Arms: []experiment.Arm{
			{Name: "worm", Config: experiment.Variant(base, nil)},
			{Name: "rewired", Title: "rewired worm", Config: rewired},
		},
		Seeds: 2,
	}.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(res.Runs), "runs of", len(res.Comparison.Arms), "networks")
	fmt.Println(res.Against())
	// Output:
	// 4 runs of 2 networks
	// its difference from the rewired worm is within the noise of the runs
}
