package task

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elegans/esn"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Kind says what a network does with the sequences of a task.
type Kind string

// The kinds.
const (
	// Regression: row t of the output is compared with row t of the target.
	Regression Kind = "regression"
	// Generation: the network reads the rows before and at Washout, and from then on its own
	// outputs in place of the rows of the input.
	Generation Kind = "generation"
	// Classification: the network reads the whole sequence and says of which class it is.
	Classification Kind = "classification"
)

// Task makes problems. A task registers itself in the file that holds it.
type Task struct {
	// Name is what the task is asked for by: lower case, digits and underscores.
	Name string `json:"name"`
	// Doc says in a line what the task is.
	Doc  string `json:"doc"`
	Kind Kind   `json:"kind"`
	// Inputs and Outputs are the widths of the sequences; 0 where a file decides.
	Inputs  int `json:"inputs"`
	Outputs int `json:"outputs"`
	// Metric is the figure that the task is known by.
	Metric Metric `json:"metric"`
	// Alignment says which value row t of the output stands for.
	Alignment string `json:"alignment"`
	// Time belongs to a series of a dynamical system, else it is zero.
	Time Time `json:"time,omitzero"`
	// Needs says which file the task reads and how one gets it; empty where it needs none.
	Needs string `json:"needs,omitempty"`
	// Recipe returns a network for the task and its readout, with settings that were found on parts
	// Train and Validate alone; nil stands for none that were looked for. Its washout is to be
	// replaced by that of the problem. What it reaches is in the README of this package.
	Recipe func() (esn.Config, esn.Readout) `json:"-"`
	// Make returns the problem of a seed. The same options give the same problem on every machine.
	Make func(o Options) (Problem, error) `json:"-"`
}

// Options of Task.Make.
type Options struct {
	Seed uint64
	// Path is the file or folder of a task that needs one.
	Path string
}

// Time is the scale of time of a dynamical system.
type Time struct {
	// Step is the time between two rows.
	Step float64 `json:"step"`
	// Lyapunov is the largest Lyapunov exponent in units of 1/time, 0 if the system is not chaotic,
	// and Source says where the number comes from.
	Lyapunov float64 `json:"lyapunov"`
	Source   string  `json:"source,omitempty"`
}

// LyapunovTimes returns how many Lyapunov times so many rows last.
func (t Time) LyapunovTimes(rows float64) float64 { return rows * t.Step * t.Lyapunov }

// Problem is what a network is trained and tried on.
type Problem struct {
	Task *Task
	// Train fits the readout, Validate chooses the settings, Test is looked at once.
	Train, Validate, Test []esn.Sequence
	// Washout rows at the beginning of every sequence bring the network into step and are neither
	// fitted nor scored. In a regression they are the last rows of the part before, so that a run
	// from the zero state arrives where one run over the whole series would be.
	Washout int
	// Classes are the names of the classes of a classification, in the order of the columns of the
	// targets.
	Classes []string
	// Refit says that the readout that is tested is fitted to Train and Validate together.
	Refit bool
	// InputScale and TargetScale are how the columns were standardised; nil where they were not.
	InputScale, TargetScale *Standard
	// Notes say what was decided by looking at the data, or left out.
	Notes []string
}

// Fit returns the sequences that the readout is fitted to which is tested, once the settings are
// chosen.
func (p *Problem) Fit() []esn.Sequence {
	if p.Refit {
		return slices.Concat(p.Train, p.Validate)
	}
	return p.Train
}

var registry = map[string]*Task{}

// Register adds a task. A name that is taken, or a task without one, is a fault of the program.
func Register(t Task) {
	if t.Name == "" || registry[t.Name] != nil {
		tensor.PanicUsage("task.Register", fmt.Sprintf("task %q: no name, or one that is taken", t.Name))
	}
	inner := t.Make
	t.Make = func(o Options) (Problem, error) {
		p, err := inner(o)
		if err != nil {
			return Problem{}, fmt.Errorf("task %s: %w", t.Name, err)
		}
		p.Task = &t
		return p, nil
	}
	registry[t.Name] = &t
}

// Names returns the names of all tasks, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Get returns the task of a name.
func Get(name string) (*Task, error) {
	t := registry[name]
	if t == nil {
		return nil, fmt.Errorf("task %s, expected one of %s", quote.Text(name), strings.Join(Names(), ", "))
	}
	return t, nil
}

// Sequence is that of package esn.
type Sequence = esn.Sequence
