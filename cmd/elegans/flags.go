package main

import (
	"errors"
	"time"

	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// saveEvery is the time between checkpoints within an epoch.
const saveEvery = time.Minute

// recipeFlags change a recipe.Config. A flag that is not given is nil and changes nothing, so that
// flags can go before a file and the file before the defaults.
type recipeFlags struct {
	Data          *string  `help:"Data set: ${dataNames} (default: digits; mnist for autoencoders)." placeholder:"NAME" group:"Data"`
	DataDir       *string  `help:"Folder or file to read it from." placeholder:"PATH" group:"Data"`
	ImageSize     []int    `help:"Height and width for the images of a folder, such as 32,32." placeholder:"H,W" group:"Data"`
	Gray          *bool    `help:"Turn the images of a folder to one channel." group:"Data"`
	Shape         []int    `help:"Channels, height and width of the rows of a CSV or NPY file." placeholder:"C,H,W" group:"Data"`
	LabelColumn   *int     `help:"Column of a CSV file that holds the label; negative counts from the end." placeholder:"N" group:"Data"`
	TestFraction  *float64 `help:"Share that becomes the test set where the data have none of their own (default: 0.2)." placeholder:"F" group:"Data"`
	ValidFraction *float64 `help:"Share of the training part kept for validation (default: 0.1; 1/12 for autoencoders)." placeholder:"F" group:"Data"`
	SplitSeed     *uint64  `help:"Seed of these divisions (default: 1998)." placeholder:"N" group:"Data"`
	Limit         *int     `help:"Train on the first N images only." placeholder:"N" group:"Data"`
	Normalize     *bool    `help:"Subtract the mean, divide by the deviation of each channel (default: yes; no for autoencoders)." negatable:"" group:"Data"`
	Binarize      *float64 `help:"Values of at least this become 1 and the others 0 (default: 0.3 for autoencoders, else none)." placeholder:"X" group:"Data"`
	Augment       []string `help:"Augmentations in their order, separated by commas: ${augmentHelp}." placeholder:"LIST" group:"Data"`

	Model           *string  `help:"Another way to name the model." placeholder:"NAME" group:"Model"`
	Core            *string  `help:"What stands between encoder and decoder of an autoencoder: published, worm, dense, none." placeholder:"KIND" group:"Model"`
	Latent          *int     `help:"Channels of the 4x4 image from which an autoencoder's decoder grows." placeholder:"N" group:"Model"`
	Heads           *int     `help:"Heads of the attention in an autoencoder." placeholder:"N" group:"Model"`
	Penalties       *bool    `help:"Add the penalties of the published program to the loss of an autoencoder." negatable:"" group:"Model"`
	Hidden          []int    `help:"Widths of the hidden layers of an mlp, channels of the stages of a cnn." placeholder:"N,..." group:"Model"`
	Dropout         *float64 `help:"Dropout before the last map." placeholder:"P" group:"Model"`
	Graph           *string  `help:"Wiring: canonical, canonical-cook, shipped, or a file (default: canonical; shipped for the upstream models)." placeholder:"NAME" group:"Model"`
	Control         *string  `help:"Use a control made from the wiring: ${controls}." placeholder:"KIND" group:"Model"`
	GraphSeed       *uint64  `help:"Seed of the control (default: 0)." placeholder:"N" group:"Model"`
	Width           *int     `help:"Numbers that make up the state of a neuron (default: 16; 64 in m2, 8 in m2-small)." placeholder:"N" group:"Model"`
	Rounds          *int     `help:"Synapses that a signal travels (default: 4; 6 in autoencoders)." placeholder:"N" group:"Model"`
	Combine         *string  `help:"Combination along synapses: sum, product." placeholder:"KIND" group:"Model"`
	SynapticWeights *string  `aliases:"weights" help:"Coefficients of the synapses: learned, counts." placeholder:"KIND" group:"Model"`
	CountTransform  *string  `aliases:"counts" help:"What stands for a synapse count: log1p, count, sqrt, binary." placeholder:"KIND" group:"Model"`
	Synapses        *string  `aliases:"layers" help:"Synapses used: both, chemical, gap." placeholder:"KIND" group:"Model"`
	GapJunctions    *string  `aliases:"gap" help:"What a gap junction carries: sum, diffusive." placeholder:"KIND" group:"Model"`
	Sign            *string  `help:"Sign of the synapses: transmitter, none." placeholder:"KIND" group:"Model"`
	Drive           *string  `aliases:"inject" help:"When the input drives the sensory neurons: every, first." placeholder:"KIND" group:"Model"`
	UnitWeights     *string  `aliases:"unit" help:"Weights of the neurons: own, shared." placeholder:"KIND" group:"Model"`
	Activation      *string  `help:"tanh, relu, gelu, silu, elu, sigmoid, identity." placeholder:"KIND" group:"Model"`
	Norm            *string  `help:"Normalisation in the neurons: none, layer." placeholder:"KIND" group:"Model"`
	Signal          *string  `aliases:"input" help:"Signal of the sensory neurons: shared, each (its own)." placeholder:"KIND" group:"Model"`
	Readout         *string  `help:"Readout of the motor neurons: concat, mean, attention." placeholder:"KIND" group:"Model"`
	Residual        *bool    `help:"Add the state before the round to that after it." negatable:"" group:"Model"`
	Frozen          *bool    `help:"Keep neurons and synapses as they were drawn (a reservoir)." negatable:"" group:"Model"`

	Epochs         *int     `help:"Passes over the training images (default: 20)." placeholder:"N" group:"Training"`
	Batch          *int     `help:"Images a step (default: 64)." placeholder:"N" group:"Training"`
	Optimizer      *string  `help:"${optimizers} (default: adamw)." placeholder:"NAME" group:"Training"`
	LR             *float64 `name:"lr" help:"Learning rate, the largest of the schedule (default: 0.003)." placeholder:"X" group:"Training"`
	WeightDecay    *float64 `help:"Weight decay (default: 0.01)." placeholder:"X" group:"Training"`
	Schedule       *string  `help:"Of the learning rate: ${schedules} (default: one_cycle)." placeholder:"NAME" group:"Training"`
	Warmup         *float64 `help:"Share of the steps in which the learning rate rises (default: 0.2)." placeholder:"F" group:"Training"`
	Clip           *float64 `help:"Largest norm of all gradients together." placeholder:"X" group:"Training"`
	EMA            *float64 `name:"ema" help:"Decay of an average of the parameters, which is then what is evaluated." placeholder:"X" group:"Training"`
	LabelSmoothing *float64 `help:"Share of the target that is spread over all classes." placeholder:"F" group:"Training"`
	Patience       *int     `help:"Stop after so many epochs without a better validation accuracy." placeholder:"N" group:"Training"`
	From           *string  `help:"Start from the parameters of this checkpoint of the same model, the averaged ones if it has them, with a new optimiser and schedule." placeholder:"FILE" group:"Training"`
	Seed           *uint64  `help:"Seed of weights, order, augmentation and dropout (default: 1)." placeholder:"N" group:"Training"`
}

// set copies a flag that was given.
func set[T any](dst *T, flag *T) {
	if flag != nil {
		*dst = *flag
	}
}

// setText copies a flag that names one of a few values.
func setText[T ~string](dst *T, flag *string) {
	if flag != nil {
		*dst = T(*flag)
	}
}

// setList copies a flag of a fixed number of numbers.
func setList(name string, dst, flag []int) error {
	if flag != nil && len(flag) != len(dst) {
		return badf("--%s: found %d numbers, expected %d", name, len(flag), len(dst))
	}
	copy(dst, flag)
	return nil
}

// setSize copies the flag of a size, of which 0 would mean the default.
func setSize(name string, dst, flag *int) error {
	if flag != nil && *flag < 1 {
		return badf("--%s %d: expected at least 1", name, *flag)
	}
	set(dst, flag)
	return nil
}

// apply changes what the given flags name.
func (f *recipeFlags) apply(c *recipe.Config) error {
	if f.Data != nil && *f.Data != c.Data.Name { // what was measured on other data does not hold
		c.Data.Mean, c.Data.Std, c.Data.Classes, c.Model.Input, c.Model.Classes = nil, nil, nil, [3]int{}, 0
	}
	set(&c.Data.Name, f.Data)
	set(&c.Data.Dir, f.DataDir)
	if err := errors.Join(setList("image-size", c.Data.Size[:], f.ImageSize), setList("shape", c.Data.Shape[:], f.Shape)); err != nil {
		return err
	}
	set(&c.Data.Gray, f.Gray)
	set(&c.Data.LabelColumn, f.LabelColumn)
	set(&c.Data.TestFraction, f.TestFraction)
	set(&c.Data.ValidFraction, f.ValidFraction)
	set(&c.Data.SplitSeed, f.SplitSeed)
	set(&c.Data.Limit, f.Limit)
	set(&c.Data.Normalize, f.Normalize)
	set(&c.Data.Binarize, f.Binarize)

	set(&c.Model.Model, f.Model)
	if f.Hidden != nil {
		c.Model.Hidden = f.Hidden
	}
	set(&c.Model.Dropout, f.Dropout)
	if f.Graph != nil {
		c.Model.Graph.Name, c.Model.Graph.SHA256 = *f.Graph, ""
	}
	set(&c.Model.Graph.Control, f.Control)
	set(&c.Model.Graph.Seed, f.GraphSeed)
	setText(&c.Model.M2.Core, f.Core)
	if f.Penalties != nil {
		c.Model.M2.NoPenalties = !*f.Penalties
	}
	n := &c.Model.Network
	if zoo.IsAutoencoder(c.Model.Model) {
		n = &c.Model.M2.Network
	}
	m := &c.Model.M2
	if err := errors.Join(setSize("latent", &m.Latent, f.Latent), setSize("heads", &m.Heads, f.Heads), setSize("width", &n.Width, f.Width), setSize("rounds", &n.Rounds, f.Rounds)); err != nil {
		return err
	}
	setText(&n.Combine, f.Combine)
	setText(&n.SynapticWeights, f.SynapticWeights)
	setText(&n.CountTransform, f.CountTransform)
	setText(&n.Synapses, f.Synapses)
	setText(&n.GapJunctions, f.GapJunctions)
	setText(&n.Sign, f.Sign)
	setText(&n.Drive, f.Drive)
	setText(&n.UnitWeights, f.UnitWeights)
	setText(&n.Activation, f.Activation)
	setText(&n.Norm, f.Norm)
	setText(&n.Signal, f.Signal)
	setText(&n.Readout, f.Readout)
	set(&n.Residual, f.Residual)
	set(&n.Frozen, f.Frozen)

	t := &c.Train
	set(&t.Epochs, f.Epochs)
	set(&t.Batch, f.Batch)
	set(&t.Optimizer, f.Optimizer)
	set(&t.LR, f.LR)
	set(&t.WeightDecay, f.WeightDecay)
	set(&t.Schedule, f.Schedule)
	set(&t.Warmup, f.Warmup)
	set(&t.Clip, f.Clip)
	set(&t.EMA, f.EMA)
	set(&t.LabelSmoothing, f.LabelSmoothing)
	set(&t.Patience, f.Patience)
	if f.From != nil {
		t.From, t.FromSHA256 = *f.From, ""
	}
	if f.Augment != nil {
		t.Augment = f.Augment
	}
	if f.Seed != nil {
		t.Seed, c.Model.Seed = *f.Seed, *f.Seed
	}
	return nil
}
