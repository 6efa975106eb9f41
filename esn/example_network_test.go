package esn_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/gonum/floats"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// Forecast a chaotic series one step ahead: fit on its first two thirds, look at the rest.
func ExampleNetwork() {
	values, err := task.MackeyGlass(3001, 17, 500)
	check(err)
	series := tensor.FromSlice(task.Squash(values), 3001, 1)
	s, err := esn.Forecast(series, 1)
	check(err)

	c := esn.Defaults()
	c.Neurons, c.Leak, c.InputScale = 200, esn.Fixed(.7), .5
	net, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	check(net.Fit([]esn.Sequence{{Input: s.Input.Slice(0, 0, 2000, 1), Target: s.Target.Slice(0, 0, 2000, 1)}}))
	y, err := net.Predict(s.Input)
	check(err)
	e, err := task.Compare(s.Target.Slice(0, 2000, 3000, 1).Contiguous(), y.Slice(0, 2000, 3000, 1).Contiguous())
	check(err)
	fmt.Println("error below a thousandth of the deviation:", e.NRMSE() < .001)
	// Output: error below a thousandth of the deviation: true
}

// A network that has learnt to forecast goes on by itself: each output is the next input.
func ExampleNetwork_Generate() {
	wave := func(t int) float64 { return math.Sin(.2*float64(t)) + .5*math.Sin(.31*float64(t)) }
	series := tensor.New[float64](2000, 1)
	for t := range 2000 {
		series.Set(wave(t), t, 0)
	}
	s, err := esn.Forecast(series, 1)
	check(err)
	c := esn.Defaults()
	c.InputScale = .1 // nearly linear neurons, as a sum of sines wants them
	net, err := esn.NewNetwork[float64](c, 1, 1, &esn.RidgeReadout{Penalty: 1e-10})
	check(err)
	check(net.Fit([]esn.Sequence{s}))
	y, err := net.Generate(s.Input, 100)
	check(err)
	worst := 0.0
	for t := range 100 {
		worst = max(worst, math.Abs(y.At(t, 0)-wave(2000+t)))
	}
	fmt.Println("100 steps alone, off by less than a hundredth:", worst < .01)
	// Output: 100 steps alone, off by less than a hundredth: true
}

// The worm's memory: how much of an input of so many steps ago its motor neurons still tell, when
// its sensory neurons hear it.
func ExampleMemoryCapacity() {
	c := esn.Defaults()
	c.Topology, c.Neurons = "connectome", 0
	c.InputNeurons, c.InputScale, c.BiasScale = []string{"sensory"}, .1, 0
	worm, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	u := tensor.Uniform[float64](tensor.NewKey(1, "memory"), -1, 1, 4000, 1)
	states, err := worm.States(u)
	check(err)
	motor, err := c.Select([]string{"motor"}, 279)
	check(err)
	x := tensor.New[float64](4000, len(motor))
	for k, i := range motor {
		tensor.Copy(x.Slice(1, k, k+1, 1), states.Slice(1, i, i+1, 1))
	}
	lags := []int{1, 2, 5, 10, 40}
	capacity, err := esn.MemoryCapacity(x, u.Data(), lags, 100, 2000, 1e-12)
	check(err)
	fmt.Println("the last inputs are there:", capacity[0] > .9 && capacity[1] > .9)
	fmt.Println("those of long ago are not:", capacity[4] < .1)
	// Output:
	// the last inputs are there: true
	// those of long ago are not: true
}

// A stream learns while it predicts: the readout is there from the first row, and follows.
func ExampleStream_Learn() {
	net, err := esn.NewNetwork[float64](esn.Defaults(), 1, 1, &esn.RLSReadout{Alpha: .01, Forgetting: .999})
	check(err)
	s := net.Stream()
	early, late := 0.0, 0.0
	for t := range 1000 {
		row, next := []float64{math.Sin(.1 * float64(t))}, []float64{math.Sin(.1 * float64(t+1))}
		y, err := s.Step(row)
		check(err)
		switch {
		case t < 10:
			early += math.Abs(y[0]-next[0]) / 10
		case t >= 990:
			late += math.Abs(y[0]-next[0]) / 10
		}
		check(s.Learn(next))
	}
	fmt.Println("error at first above, in the end below a hundredth:", early > .01, late < .01)
	// Output: error at first above, in the end below a hundredth: true true
}

// A stream that is saved goes on with the same bits where it stopped, in another process or on
// another day. Other languages read the file as any safetensors file: see Network.Save.
func ExampleStream_Save() {
	net, err := esn.NewNetwork[float32](esn.Defaults(), 1, 1, esn.NewRLSReadout())
	check(err)
	run := func(s *esn.Stream[float32], from, to int) (outputs []float64) {
		for t := from; t < to; t++ {
			y, err := s.Step([]float64{math.Sin(float64(t))})
			check(err)
			outputs = append(outputs, y[0])
			check(s.Learn([]float64{math.Cos(float64(t))}))
		}
		return outputs
	}
	s := net.Stream()
	run(s, 0, 500)

	folder, err := os.MkdirTemp("", "esn")
	check(err)
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "stream.safetensors")
	check(s.Save(path))
	want := run(s, 500, 600)

	again, err := esn.LoadStream[float32](path)
	check(err)
	fmt.Println("the same bits:", slices.Equal(run(again, 500, 600), want))
	// Output: the same bits: true
}

// Intrinsic plasticity before the fit: the neurons move to outputs of a wanted spread.
func ExampleNetwork_Adapt() {
	c := esn.Defaults()
	c.InputScale = 5 // so much that the neurons are saturated
	net, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	u := tensor.Uniform[float64](tensor.NewKey(1, "input"), -1, 1, 2000, 1)
	spread := func() float64 {
		x, err := net.States(u)
		check(err)
		return floats.Sum(task.Deviations(x)) / 100
	}
	before := spread()
	a := esn.DefaultAdaptation()
	a.Epochs = 10
	check(net.Adapt([]esn.Sequence{{Input: u}}, a))
	after := spread()
	fmt.Println("wide before:", before > .5)
	fmt.Println("about 0.2 after:", math.Abs(after-.2) < .05)
	// Output:
	// wide before: true
	// about 0.2 after: true
}

// A next-generation reservoir is a network without neurons: the readout sees the last inputs and
// their products.
func ExampleNVAR() {
	flow := task.Lorenz63
	flow.Sub = 2 // a row every 0.02
	series := flow.Series(2000)
	s, err := esn.Forecast(series, 1)
	check(err)
	c := esn.Defaults()
	c.Neurons, c.NVAR = 0, esn.NVAR{Delay: 2, Stride: 1, Order: 2}
	net, err := esn.NewNetwork[float64](c, 3, 3, &esn.RidgeReadout{Penalty: 1e-10})
	check(err)
	check(net.Fit([]esn.Sequence{{Input: s.Input.Slice(0, 0, 1500, 1), Target: s.Target.Slice(0, 0, 1500, 1)}}))
	y, err := net.Predict(s.Input)
	check(err)
	e, err := task.Compare(s.Target.Slice(0, 1500, 1999, 1).Contiguous(), y.Slice(0, 1500, 1999, 1).Contiguous())
	check(err)
	fmt.Println(net.Features(), "features, error below a thousandth:", e.NRMSE() < .001)
	// Output: 27 features, error below a thousandth: true
}

// A Config in JSON: what it does not say is as in Defaults, and what is wrong is named.
func ExampleParseConfig() {
	c, err := esn.ParseConfig([]byte(`{"topology": "small_world", "degree": 6, "leak": [0.2, 0.9]}`))
	check(err)
	fmt.Println(c.Neurons, "neurons, leaks of", c.Leak.Low, "to", c.Leak.High)
	_, err = esn.ParseConfig([]byte(`{"topology": "ring", "scale": -1, "degree": 6}`))
	fmt.Println(err)
	// Output:
	// 100 neurons, leaks of 0.2 to 0.9
	// esn: degree is given, which the topology ring does not have
	// esn: scale -1, expected a finite number of at least 0
}
