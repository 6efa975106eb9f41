package experiment

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/stat"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/lab/recipe"
	"elegans/lab/stats"
	"elegans/lab/zoo"
)

// Result is what a comparison finds.
type Result struct {
	Comparison *Comparison     // what was compared, with defaults filled in
	Configs    []recipe.Config // of the first run of each arm, with what follows from the data
	Steps      []int           // of a run of each arm
	Runs       []Run           // by arm, then by seed
	Contrasts  []Contrast      // the subject against each control
	Sets       *recipe.Sets    // of the subject
	Seconds    float64

	// Parts; nil where none was asked for.
	Activation *Neurons
	Baselines  []Baseline
	Samples    []Sample
}

// Contrast is Welch's test of the subject's runs against those of a control.
type Contrast struct {
	Control string `json:"control"`
	stats.Difference
}

// Part measures something beside the scores when all runs are done, and adds it to the result.
type Part func(ctx context.Context, res *Result) error

// Neurons are the neurons of the subject's connectome, each with a number.
type Neurons struct {
	Graph  *connectome.Graph
	Values []float64 // by neuron
}

// compare tests the subject against each control.
func (res *Result) compare() {
	arms := res.Comparison.Arms
	subject := res.accuracies(arms[0].Name)
	var p []float64
	for _, a := range arms[1:] {
		c := Contrast{a.Name, stats.Welch(subject, res.accuracies(a.Name))}
		res.Contrasts = append(res.Contrasts, c)
		p = append(p, c.P)
	}
	for i, adjusted := range stats.Holm(p) {
		res.Contrasts[i].PHolm = adjusted
	}
}

// Reconstructs reports whether the networks reconstruct images instead of classifying them. An
// accuracy then is a share of pixels.
func (res *Result) Reconstructs() bool { return res.Configs[0].Model.Task() == zoo.Reconstruction }

// Arm returns the arm of that name. It must be there.
func (res *Result) Arm(name string) Arm {
	arms := res.Comparison.Arms
	return arms[slices.IndexFunc(arms, func(a Arm) bool { return a.Name == name })]
}

// Of returns the runs of an arm.
func (res *Result) Of(arm string) []Run {
	return slices.DeleteFunc(slices.Clone(res.Runs), func(r Run) bool { return r.Arm != arm })
}

func (res *Result) accuracies(arm string) []float64 {
	return over(res.Of(arm), func(r Run) float64 { return r.Accuracy })
}

func over(runs []Run, f func(r Run) float64) []float64 {
	x := make([]float64, len(runs))
	for i, r := range runs {
		x[i] = f(r)
	}
	return x
}

// Row summarises the runs of an arm.
type Row struct {
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	About    string         `json:"about,omitempty"`
	Accuracy stats.Estimate `json:"accuracy"`
	Loss     stats.Estimate `json:"loss"`
	Valid    stats.Estimate `json:"valid_accuracy"`
	// of the first run; all runs of an arm have as many, unless a random graph has fewer synapses
	Parameters int     `json:"parameters"`
	Seconds    float64 `json:"seconds"` // mean
}

// Rows summarises every arm.
func (res *Result) Rows() []Row {
	rows := make([]Row, len(res.Comparison.Arms))
	for i, a := range res.Comparison.Arms {
		runs := res.Of(a.Name)
		rows[i] = Row{
			Name: a.Name, Title: a.Title, About: a.About, Parameters: runs[0].Parameters,
			Accuracy: stats.NewEstimate(res.accuracies(a.Name)),
			Loss:     stats.NewEstimate(over(runs, func(r Run) float64 { return r.Loss })),
			Valid:    stats.NewEstimate(over(runs, func(r Run) float64 { return r.Valid })),
			Seconds:  stat.Mean(over(runs, func(r Run) float64 { return r.Seconds }), nil),
		}
	}
	return rows
}

// Summary is the result for programs.
type Summary struct {
	Networks    []Row      `json:"networks"`
	Runs        []Run      `json:"runs"`
	Baselines   []Baseline `json:"baselines,omitempty"`
	Comparisons []Contrast `json:"comparisons"`
	Verdict     string     `json:"verdict"`
}

// Summary returns the result for programs.
func (res *Result) Summary() Summary {
	return Summary{res.Rows(), res.Runs, res.Baselines, res.Contrasts, res.Verdict()}
}

// SaveSubject writes the checkpoint of the subject's first run.
func (res *Result) SaveSubject(path string) error {
	r := &res.Runs[0]
	return train.Save(path, nn.Params(r.Model), r.Config.JSON())
}
