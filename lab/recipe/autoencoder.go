package recipe

import (
	"elegans/lab/zoo"
)

// inkThreshold is the grey value from which the published program takes a pixel for ink.
const inkThreshold = 0.3

// defaultAutoencoder is Default for the models of package m2. The published ones train as their
// program does; the sound ones by a recipe of our own.
func defaultAutoencoder(model string) Config {
	c := Config{
		Data:  Data{Name: "mnist", ValidFraction: 1. / 12, SplitSeed: 1998, Binarize: inkThreshold},
		Model: zoo.Preset(model, 1),
	}
	switch model {
	case "m2-upstream", "m2-echo-upstream":
		c.Train = Train{Epochs: 1000, Batch: 128, Seed: 1, Optimizer: "adam", OptimizerMore: []byte(`{"eps":1e-7,"epsilon_hat":true}`), LR: 1e-3, Schedule: "none"}
	case "m2-small":
		c.Train = Train{Epochs: 10, Batch: 128, Seed: 1, Optimizer: "adamw", LR: 1e-2, WeightDecay: 1e-4, Schedule: "one_cycle", Warmup: 0.2, Clip: 1, EMA: 0.999}
	default:
		c.Train = Train{Epochs: 16, Batch: 64, Seed: 1, Optimizer: "adamw", LR: 1.5e-3, WeightDecay: 1e-4, Schedule: "one_cycle", Warmup: 0.2, Clip: 1, EMA: 0.999}
	}
	return c
}
