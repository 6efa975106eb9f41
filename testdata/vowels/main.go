// Vowels compares networks that tell nine speakers by the Japanese vowels, sequences of 7 to 29
// rows of 12 numbers: echo-state transformers, an LSTM and a plain transformer, of equal numbers of
// parameters. Run it from the root of the module:
//
//	go run ./testdata/vowels -path FOLDER -tune     settings, by the validation part
//	go run ./testdata/vowels -path FOLDER           the comparison, and a table of it
//
// The folder has the files that task japanese_vowels of package esn/task asks for. With -tune a
// network is trained on two thirds of the training sequences and judged by the others, and no test
// sequence is looked at. The comparison trains on all training sequences.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
	"time"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/esn/task"
	"elegans/lab/stats"
	"elegans/tensor"
)

// settings are what -tune looks for.
type settings struct {
	lr, dropout float64
}

// tried are the settings that -tune tries with every network.
func tried() (all []settings) {
	for _, lr := range []float64{.001, .003, .01, .03} {
		for _, dropout := range []float64{0, .2} {
			all = append(all, settings{lr, dropout})
		}
	}
	return all
}

func main() {
	path := flag.String("path", "", "folder with the files of the Japanese vowels")
	tune := flag.Bool("tune", false, "try settings and show what they give on the validation part")
	only := flag.String("only", "", "comma-separated names of networks; all by default")
	seeds := flag.Int("seeds", 3, "runs of each network")
	epochs := flag.Int("epochs", 60, "passes over the training sequences")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *path, *tune, *only, *seeds, *epochs); err != nil {
		fmt.Fprintln(os.Stderr, "vowels:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string, tune bool, only string, seeds, epochs int) error {
	if seeds < 1 || epochs < 1 {
		return errors.New("-seeds and -epochs: expected at least 1")
	}
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	vowels, err := task.Get("japanese_vowels")
	if err != nil {
		return err
	}
	// One split for all seeds, as there is one for -tune in the other comparisons.
	problem, err := vowels.Make(task.Options{Seed: 1, Path: path})
	if err != nil {
		return err
	}
	tensor.SetWorkers(1) // the products are small
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer w.Flush() // what is done, if an error ends the rest
	if tune {
		fmt.Fprintln(w, "network\tlearning rate\tdropout\tvalidation accuracy, %\tof each seed\tloss\tseconds a run")
	} else {
		fmt.Fprintln(w, "network\tparameters\tlearning rate\tdropout\ttest accuracy, %\tdeviation\tof each seed\tseconds a run")
	}
	var first []float64
	var others []string
	var p []float64 // of Welch's test of the first network against each of the others
	for _, n := range chosen {
		list := []settings{n.best}
		part, judge := problem.Fit(), problem.Test
		if tune {
			list, part, judge = tried(), problem.Train, problem.Validate
		}
		for _, s := range list {
			r, err := n.runs(ctx, s, newSpeech(part, len(problem.Classes)), newSpeech(judge, len(problem.Classes)), seeds, epochs)
			if err != nil {
				return fmt.Errorf("%s: %w", n.name, err)
			}
			e := stats.NewEstimate(r.accuracy)
			if tune {
				fmt.Fprintf(w, "%s\t%v\t%v\t%.2f\t%s\t%.4f\t%.1f\n", n.title, s.lr, s.dropout, e.Mean, r.each(), r.loss/float64(seeds), r.seconds/float64(seeds))
			} else {
				fmt.Fprintf(w, "%s\t%d\t%v\t%v\t%.2f\t%.2f\t%s\t%.1f\n", n.title, r.parameters, s.lr, s.dropout, e.Mean, e.SD, r.each(), r.seconds/float64(seeds))
			}
			switch {
			case tune || seeds < 2:
			case first == nil:
				first = r.accuracy
			default:
				others, p = append(others, n.title), append(p, stats.Welch(first, r.accuracy).P)
			}
		}
	}
	w.Flush()
	for i, adjusted := range stats.Holm(p) {
		fmt.Printf("%s against %s: p %s\n", chosen[0].title, others[i], stats.FormatP(adjusted))
	}
	return nil
}

// outcome are the runs of a network with some settings.
type outcome struct {
	accuracy   []float64 // %, of each seed
	loss       float64   // the sum over the seeds
	seconds    float64   // likewise
	parameters int
}

func (o *outcome) each() string {
	var b strings.Builder
	for _, a := range o.accuracy {
		fmt.Fprintf(&b, "%.2f ", a)
	}
	return strings.TrimSpace(b.String())
}

// runs trains a network from every seed, which decides about weights, reservoirs and order, and
// judges it after the last step by sequences that it was not trained on.
func (n *network) runs(ctx context.Context, s settings, part, judge *speech, seeds, epochs int) (outcome, error) {
	var o outcome
	for seed := range uint64(seeds) {
		seed++
		model, err := n.make(tensor.NewKey(seed, "model"), part.columns, part.classes, s.dropout)
		if err != nil {
			return o, err
		}
		o.parameters = nn.Count(model)
		begin := time.Now()
		t, err := part.trainer(model, seed, s.lr, epochs)
		if err != nil {
			return o, err
		}
		if _, err := t.Run(ctx); err != nil {
			return o, err
		}
		o.seconds += time.Since(begin).Seconds()
		b := judge.source(model, 0)
		m, err := train.Evaluate(autograd.NewTape[float32](), b, b)
		if err != nil {
			return o, err
		}
		accuracy, _ := m.Mean("accuracy")
		loss, _ := m.Mean("loss")
		o.accuracy, o.loss = append(o.accuracy, 100*accuracy), o.loss+loss
		fmt.Fprintf(os.Stderr, "%s, %v, seed %d: accuracy %.4f, loss %.4f\n", n.name, s, seed, accuracy, loss)
	}
	return o, nil
}
