package main

import (
	"strings"

	"elegans/connectome"
	"elegans/esn"
	"elegans/esn/task"
)

// row is a network on a task.
type row struct {
	task, name string
	published  string // what others report, with its source
	network    func() (esn.Config, esn.Readout)
	single     bool // states in float32
	box        box
}

// shape is what of a network is not searched.
type shape struct {
	topology        string
	neurons, degree int
	weights         esn.Draw
	connectome      esn.Connectome
	activation      string
}

// of returns a network with settings.
func of(h shape, s settings) func() (esn.Config, esn.Readout) {
	return func() (esn.Config, esn.Readout) {
		c := esn.Defaults()
		c.Topology, c.Neurons, c.Degree, c.Weights = h.topology, h.neurons, h.degree, h.weights
		if h.topology == "connectome" {
			c.Connectome = h.connectome
			c.Connectome.Graph = connectome.Canonical()
		}
		if h.activation != "" {
			c.Activation = h.activation
		}
		return s.apply(c, esn.NewRidgeReadout())
	}
}

// rows returns all networks.
func rows() []row {
	var list []row
	list = append(list, narma()...)
	list = append(list, memory()...)
	return append(list, others()...)
}

func random(n int) shape { return shape{topology: "random", neurons: n, degree: min(10, n/20)} }

func ring(n int) shape { return shape{topology: "ring", neurons: n} }

func worm(weights esn.Draw, count esn.Count, signs esn.Signs) shape {
	return shape{topology: "connectome", weights: weights, connectome: esn.Connectome{Count: count, Signs: signs}}
}

// network is a shape with what was found for it.
type network struct {
	name      string
	shape     shape
	published string
	found     settings
}

func narma() []row {
	b := box{scale: [2]float64{.5, 1.1}, input: [2]float64{.003, .3}, bias: [2]float64{0, .5}, leak: [2]float64{1, 1}, penalty: [2]float64{1e-15, 1e-7}}
	var list []row
	for _, n := range []network{
		{"delay_line_20", shape{topology: "delay_line", neurons: 20, activation: "linear"}, ".168 ± .013", settings{1, 1, 0, 1, 1e-8}},
		{"delay_line_50", shape{topology: "delay_line", neurons: 50, activation: "linear"}, ".151 ± .009", settings{1, 1, 0, 1, 1e-8}},
		{"random_100", random(100), ".073 ± .022", settings{.8212, .01288, .3358, 1, 5e-13}},
		{"random_200", random(200), ".0245 ± .006", settings{.8212, .01288, .3358, 1, 5e-13}},
		{"random_400", random(400), ".0143 ± .0075", settings{.9244, .007414, .334, 1, 1.1e-12}},
		{"ring_100", ring(100), ".079 ± .015", settings{.5777, .02225, .4513, 1, 3.7e-14}},
		{"ring_200", ring(200), ".0233 ± .007", settings{.7294, .005552, .3688, 1, 1.2e-12}},
		{"ring_400", ring(400), "", settings{.8212, .01288, .3358, 1, 5e-13}},
		{"worm_gaussian", worm(esn.NormalDraw, "", ""), ".0226 ± .007", settings{.8777, .01623, .2411, 1, 2.3e-12}},
		{"worm_counts", worm(esn.Kept, esn.Synapses, esn.Positive), ".099", settings{1.82, .04531, .2244, 1, 6.3e-13}},
		{"worm_counts_gaba", worm(esn.Kept, esn.Synapses, esn.ByTransmitter), ".097", settings{1.925, .1509, .3436, 1, 2.3e-13}},
		{"worm_counts_random_signs", worm(esn.Kept, esn.Synapses, esn.DrawnSigns), ".077", settings{.9547, .1316, .1136, 1, 1.9e-12}},
		{"worm_log1p", worm(esn.Kept, esn.Log1p, esn.Positive), ".141", settings{1.561, .007414, .334, 1, 1.1e-12}},
	} {
		wide := b
		if n.shape.topology == "connectome" {
			wide.scale, wide.input, wide.bias = [2]float64{.85, 2.1}, [2]float64{.005, .2}, [2]float64{0, .6}
		}
		list = append(list, row{task: "narma10", name: n.name, published: n.published, network: of(n.shape, n.found), box: wide})
	}
	return list
}

func memory() []row {
	b := box{scale: [2]float64{.6, 1.1}, input: [2]float64{1e-5, .1}, bias: [2]float64{0, 0}, leak: [2]float64{1, 1}, penalty: [2]float64{1e-15, 1e-9}}
	var list []row
	for _, n := range []network{
		{"random_100", random(100), "37.7", settings{.9948, .0003921, 0, 1, 4.4e-13}},
		{"random_200", random(200), "58.8", settings{.9948, .0003921, 0, 1, 4.4e-13}},
		{"random_400", random(400), "83.2", settings{.9948, .0003921, 0, 1, 4.4e-13}},
		{"ring_100", ring(100), "98.9", settings{.9287, .000151, 0, 1, 3e-13}},
		{"ring_200", ring(200), "196.3", settings{.9287, .000151, 0, 1, 3e-13}},
		{"worm_gaussian", worm(esn.NormalDraw, "", ""), "39.1", settings{.8872, .0003938, 0, 1, 1.8e-11}},
		{"worm_counts", worm(esn.Kept, esn.Synapses, esn.Positive), "11.6", settings{1.486, .000151, 0, 1, 3e-13}},
		{"worm_counts_gaba", worm(esn.Kept, esn.Synapses, esn.ByTransmitter), "11.8", settings{1.884, 8.444e-05, 0, 1, 6.7e-13}},
		{"worm_counts_random_signs", worm(esn.Kept, esn.Synapses, esn.DrawnSigns), "18.1", settings{.8872, .0003938, 0, 1, 1.8e-11}},
		{"worm_log1p", worm(esn.Kept, esn.Log1p, esn.Positive), "10.1", settings{1.486, .000151, 0, 1, 3e-13}},
	} {
		wide := b
		if n.shape.topology == "connectome" {
			wide.scale = [2]float64{.5, 1.9}
		}
		list = append(list, row{task: "memory", name: n.name, published: n.published, network: of(n.shape, n.found), box: wide})
	}
	return list
}

// others are the recipes of the tasks.
func others() []row {
	chaos := box{scale: [2]float64{.1, 1.2}, input: [2]float64{.05, 1}, bias: [2]float64{0, 1}, leak: [2]float64{.3, 1}, penalty: [2]float64{1e-15, 1e-7}}
	var list []row
	for _, name := range task.Names() {
		t, err := task.Get(name)
		if err != nil {
			panic(err)
		}
		if t.Recipe == nil || name == "narma10" || name == "memory" {
			continue
		}
		b := chaos
		if _, readout := t.Recipe(); readout.Kind() == "qr" {
			b.penalty = [2]float64{1e-20, 1e-11}
		}
		if t.Kind == task.Regression {
			b.input, b.leak = [2]float64{.003, 2}, [2]float64{1, 1}
		}
		list = append(list, row{task: name, name: "recipe", published: published[name], network: t.Recipe, single: strings.HasPrefix(name, "mnist"), box: b})
	}
	for _, n := range []network{
		{"random_50", random(50), "", settings{.4527, .1221, .1855, .8661, 9.7e-11}},
		{"random_100", random(100), ".0043", settings{.8362, .3487, .4711, .8442, 2.1e-11}},
		{"random_400", random(400), ".0041", settings{.9877, .614, .5856, .9775, 4.5e-8}},
	} {
		n.shape.degree = 10
		list = append(list, row{task: "santa_fe", name: n.name, published: n.published, network: of(n.shape, n.found), box: chaos})
	}
	return list
}

// published are figures of others for the tasks whose recipe is a row.
var published = map[string]string{
	"mackey_glass":     "2.8e-4 with 400 neurons (Jaeger 2001)",
	"mackey_glass_21k": "1.2e-4 with 400 neurons (Jaeger 2001)",
	"santa_fe":         ".0038 with 200 neurons",
	"japanese_vowels":  "3.4 ± 1.1 wrong of 370 with 100 neurons",
}
