// Rows compares networks that read the images of MNIST as sequences of their rows: echo-state
// transformers, an LSTM and a plain transformer, of equal numbers of parameters. Run it from the
// root of the module:
//
//	go run ./testdata/rows -data-dir FOLDER -tune     learning rates, by the validation part
//	go run ./testdata/rows -data-dir FOLDER           the comparison, and a table of it
//
// Every run has a folder in -out. Ctrl-C keeps what is done, and the same command goes on from
// there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"elegans/esn"
	"elegans/lab/experiment"
	"elegans/lab/recipe"
	"elegans/lab/stats"
	"elegans/lab/zoo"
	"elegans/tensor"
	"elegans/transformer"
)

// network is an arm of the comparison.
type network struct {
	name, title string
	lr          float64 // the best of rates for the validation part, see -tune
	spec        func(s *zoo.Spec) error
}

// rates are the learning rates that are tried.
var rates = []float64{.001, .003, .01, .03}

// networks have 42,000 trained parameters, to within 2 %.
var networks = []network{
	{"est", "Echo State Transformer", .003, func(s *zoo.Spec) error {
		return set(s, "est", map[string]any{"dim": 32, "units": 4, "neurons": 100})
	}},
	{"echo-vit", "reservoir as token mixer", .03, func(s *zoo.Spec) error {
		return set(s, "echo-vit", map[string]any{"patch": []int{1, 28}, "dim": 48, "depth": 1, "neurons": 220})
	}},
	{"echo-worm", "the same on the worm", .01, onWorm("")},
	{"echo-wiring", "the same on the worm's wiring, weights drawn", .03, onWorm(esn.NormalDraw)},
	{"lstm", "LSTM", .01, func(s *zoo.Spec) error {
		return set(s, "row-lstm", map[string]any{"units": 88})
	}},
	{"vit", "plain transformer", .01, func(s *zoo.Spec) error {
		return set(s, "vit", map[string]any{"patch": []int{1, 28}, "dim": 40, "depth": 2, "heads": 4, "pooling": string(transformer.PoolingMean)})
	}},
}

// onWorm describes a reservoir on the worm as token mixer, with its synapse counts or with weights
// that are drawn.
func onWorm(weights esn.Draw) func(s *zoo.Spec) error {
	return func(s *zoo.Spec) error {
		if err := set(s, "echo-vit", map[string]any{"patch": []int{1, 28}, "dim": 44, "depth": 1, "topology": "connectome"}); err != nil {
			return err
		}
		return zoo.Edit(s, func(c *zoo.EchoViTConfig) { c.Echo.Reservoir.Weights = weights })
	}
}

// set makes s the description of a model with some options.
func set(s *zoo.Spec, model string, options map[string]any) error {
	*s = recipe.Default(model).Model
	for name, value := range options {
		if err := s.Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	dir := flag.String("data-dir", "", "folder with the files of MNIST")
	out := flag.String("out", "runs/rows", "folder that keeps the runs")
	tune := flag.Bool("tune", false, "try learning rates and show what they give on the validation part")
	seeds := flag.Int("seeds", 3, "runs of each network")
	limit := flag.Int("limit", 20000, "train on the first so many images, less those of the validation part")
	epochs := flag.Int("epochs", 4, "passes over them")
	jobs := flag.Int("jobs", 1, "networks trained at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	tensor.SetWorkers(*jobs)
	c := experiment.Comparison{Seeds: *seeds, Seed: 1, Jobs: *jobs, Dir: *out, From: recipe.Source{Dir: *dir}}
	c.Hooks.Done = func(r experiment.Run, n int) {
		fmt.Fprintf(os.Stderr, "%d: %s, seed %d, validation %.4f, %.0f s\n", n, r.Arm, r.Seed, r.Valid, r.Seconds)
	}
	if *tune {
		c.Seeds = 1
	}
	for _, n := range networks {
		for _, lr := range rates {
			if !*tune && lr != n.lr {
				continue
			}
			name := n.name
			if *tune {
				name += fmt.Sprintf("-%g", 1e4*lr)
			}
			base, err := described(n, lr, *limit, *epochs)
			if err != nil {
				fail(err)
			}
			c.Arms = append(c.Arms, experiment.Arm{Name: name, Title: n.title, Config: experiment.Variant(base, nil)})
		}
	}
	res, err := c.Run(ctx)
	if err != nil {
		fail(err)
	}
	if !*tune {
		table(res)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "rows:", err)
	os.Exit(1)
}

// described returns how a network is trained.
func described(n network, lr float64, limit, epochs int) (recipe.Config, error) {
	c := recipe.Default("mlp")
	err := n.spec(&c.Model)
	c.Data.Name, c.Data.Limit, c.Data.ValidFraction = "mnist", limit, .1
	c.Train.Epochs, c.Train.LR, c.Train.Clip = epochs, lr, 1
	return c, err
}

// table prints a row for each network.
func table(res *experiment.Result) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "network\tparameters\tlearning rate\ttest accuracy, %\tdeviation\tof each seed\tminutes a run")
	for i, a := range res.Comparison.Arms {
		var accuracy []float64
		var each []string
		seconds := 0.0
		runs := res.Of(a.Name)
		for _, r := range runs {
			accuracy = append(accuracy, 100*r.Accuracy)
			each = append(each, fmt.Sprintf("%.2f", 100*r.Accuracy))
			seconds += r.Seconds / float64(len(runs))
		}
		e := stats.NewEstimate(accuracy)
		fmt.Fprintf(w, "%s\t%d\t%v\t%.2f\t%.2f\t%s\t%.1f\n", a.Title, runs[0].Parameters, res.Configs[i].Train.LR, e.Mean, e.SD, strings.Join(each, " "), seconds/60)
	}
	w.Flush()
}
