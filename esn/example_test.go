package esn_test

import (
	"fmt"

	"gonum.org/v1/gonum/floats"

	"elegans/connectome"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// A worm forecasts a chaotic series: its synapses are the recurrent weights, every neuron hears the
// series, and a readout of all neurons says what comes next.
func Example() {
	series, err := task.MackeyGlass(3001, 17, 500)
	check(err)
	u := tensor.FromSlice(task.Squash(series), 3001, 1)

	w, err := esn.FromGraph[float64](connectome.Canonical(), esn.Wiring{Inhibits: esn.ReleasesGABA})
	check(err)
	radius, err := esn.SpectralRadius(esn.Weights[float64]{Sparse: w})
	check(err)
	floats.Scale(.9/radius, w.Val)
	key := tensor.NewKey(1, "example")
	worm := &esn.Reservoir[float64]{
		W: esn.Weights[float64]{Sparse: w}, Activation: esn.Tanh,
		Input: tensor.Uniform[float64](key, -1, 1, 279, 1), Leak: tensor.FromSlice([]float64{.6}, 1),
	}
	states, err := worm.Run(u.Slice(0, 0, 3000, 1), esn.Options[float64]{})
	check(err)
	next := u.Slice(0, 1, 3001, 1)
	readout, err := esn.Ridge(states.Slice(0, 0, 2000, 1), next.Slice(0, 0, 2000, 1), 200, 1e-8, esn.Centred)
	check(err)
	e, err := task.Compare(next.Slice(0, 2000, 3000, 1), readout.Predict(states.Slice(0, 2000, 3000, 1)))
	check(err)
	fmt.Println("radius of the synapse counts above 50:", radius > 50)
	fmt.Println("error below a hundredth of the deviation:", e.NRMSE() < .01)
	// Output:
	// radius of the synapse counts above 50: true
	// error below a hundredth of the deviation: true
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
