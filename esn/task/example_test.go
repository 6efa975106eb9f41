package task_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"elegans/esn"
	"elegans/esn/task"
)

// A network is trained with the settings that were found for a task, and scored on what it has not
// seen.
func Example() {
	narma, err := task.Get("narma10")
	check(err)
	p, err := narma.Make(task.Options{Seed: 1})
	check(err)

	config, readout := narma.Recipe()
	config.Washout = p.Washout
	net, err := esn.NewNetwork[float64](config, narma.Inputs, narma.Outputs, readout)
	check(err)
	check(net.Fit(p.Train))

	score, err := task.Evaluate(&p, net, p.Test)
	check(err)
	fmt.Println(narma.Alignment)
	fmt.Printf("%s below .04: %v\n", score.Metric, score.Value < .04)
	// Output:
	// row t predicts y[t], after the network has read u[t]; predicting y[t+1] is easier
	// nmse below .04: true
}

// A series of one's own: the column is forecast three rows ahead, and the output brought back to
// its units.
func ExampleFromFile() {
	dir, err := os.MkdirTemp("", "series")
	check(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tide.csv")
	f, err := os.Create(path)
	check(err)
	fmt.Fprintln(f, "date,level")
	for i, v := range task.MSO(600, []float64{.2, .311}) {
		fmt.Fprintf(f, "day %d,%v\n", i, 300+40*v)
	}
	check(f.Close())

	tide, err := task.FromFile(path, task.SeriesOptions{Target: "level", Horizon: 3})
	check(err)
	p, err := tide.Make(task.Options{})
	check(err)
	config := esn.Defaults()
	config.Washout = p.Washout
	net, err := esn.NewNetwork[float64](config, tide.Inputs, tide.Outputs, nil)
	check(err)
	check(net.Fit(p.Train))

	s := p.Test[0]
	y, err := task.Predict(&p, net, s)
	check(err)
	guess, truth := p.TargetScale.Undo(y), p.TargetScale.Undo(s.Target)
	last := truth.Dim(0) - 1
	fmt.Println(tide.Alignment)
	fmt.Println(p.Notes[0][len(path)+2:])
	fmt.Printf("levels of 220 to 380, the last one off by less than 2: %v\n", math.Abs(truth.At(last, 0)-guess.At(last, 0)) < 2)
	// Output:
	// row t predicts column "level" at t+3
	// columns without numbers are not used: "date"
	// levels of 220 to 380, the last one off by less than 2: true
}

// The exponent of a flow says how long a forecast can last.
func ExampleExponent() {
	x := []float64{1, 1, 1}
	step := task.Lorenz63.Stepper()
	for range 1000 { // until the state is on the attractor
		step(x)
	}
	fmt.Printf("%.1f\n", task.Exponent(step, x, task.Lorenz63.Step, 200000))
	// Output:
	// 0.9
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
