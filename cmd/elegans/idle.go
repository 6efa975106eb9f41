package main

import (
	"slices"
	"strings"

	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// idle refuses flags that would do nothing, since whoever gives them means something by them. What
// a configuration file says for another model or data set is left alone.
func (f *recipeFlags) idle(c *recipe.Config) error {
	arrays, images, divided := []string{"csv", "npy"}, []string{"folder"}, []string{"csv", "npy", "folder"}
	classifiers, autoencoders := []string{"worm", "worm-cnn", "cnn", "mlp", "lenet"}, []string{"m2-upstream", "m2-echo-upstream", "m2", "m2-echo", "m2-small"}
	// of autoencoders, but for "core none"
	cores := []string{"core worm", "core dense", "core published"}
	worms := slices.Concat(classifiers[:2], cores[:1])
	// the dense core has as many parameters as a worm's would
	sizes := slices.Concat(classifiers[:2], cores[:2])
	graphs := slices.Concat(classifiers[:2], cores)
	core := ""
	if zoo.IsAutoencoder(c.Model.Model) {
		core = "core " + string(c.Model.M2.Core)
	}
	for _, o := range []struct {
		flag  string
		given bool
		used  []string // data sets, models or cores that read it
	}{
		{"image-size", f.ImageSize != nil, images}, {"gray", f.Gray != nil, images}, {"shape", f.Shape != nil, arrays}, {"label-column", f.LabelColumn != nil, []string{"csv"}},
		{"test-fraction", f.TestFraction != nil, divided},
		{"hidden", f.Hidden != nil, []string{"mlp", "cnn", "worm-cnn"}}, {"graph", f.Graph != nil, graphs}, {"control", f.Control != nil, graphs}, {"graph-seed", f.GraphSeed != nil, graphs},
		{"core", f.Core != nil, autoencoders}, {"latent", f.Latent != nil, autoencoders}, {"heads", f.Heads != nil, cores}, {"penalties", f.Penalties != nil, autoencoders},
		{"dropout", f.Dropout != nil, classifiers[:4]}, {"label-smoothing", f.LabelSmoothing != nil, classifiers},
		{"width", f.Width != nil, sizes}, {"rounds", f.Rounds != nil, worms}, {"combine", f.Combine != nil, worms}, {"synaptic-weights", f.SynapticWeights != nil, sizes}, {"count-transform", f.CountTransform != nil, worms},
		{"synapses", f.Synapses != nil, sizes}, {"gap-junctions", f.GapJunctions != nil, worms}, {"sign", f.Sign != nil, worms}, {"drive", f.Drive != nil, worms}, {"unit-weights", f.UnitWeights != nil, sizes},
		{"activation", f.Activation != nil, worms}, {"norm", f.Norm != nil, sizes}, {"signal", f.Signal != nil, sizes}, {"readout", f.Readout != nil, worms[:2]},
		{"residual", f.Residual != nil, worms}, {"frozen", f.Frozen != nil, worms},
	} {
		if o.given && !slices.Contains(o.used, c.Data.Name) && !slices.Contains(o.used, c.Model.Model) && !slices.Contains(o.used, core) {
			return badf("--%s: does nothing with --data %s and --model %s, expected one of %s", o.flag, c.Data.Name, strings.TrimSpace(c.Model.Model+" "+core), strings.Join(o.used, ", "))
		}
	}
	if warm := []string{"one_cycle", "warmup_linear", "warmup_cosine"}; f.Warmup != nil && !slices.Contains(warm, c.Train.Schedule) {
		return badf("--warmup: does nothing with --schedule %s, expected one of %s", c.Train.Schedule, strings.Join(warm, ", "))
	}
	if control := c.Model.Graph.Control; f.GraphSeed != nil && (control == "" || control == "none") {
		return badf("--graph-seed: does nothing without a control, expected --control with it")
	}
	return nil
}
