package reservoir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/internal/choice"
	"elegans/internal/memory"
	"elegans/lab/jobs"
	"elegans/lab/stats"
	"elegans/tensor"
)

// Search looks for the settings of a recipe with the best score on the validation part, by
// successive halving (K. Jamieson and A. Talwalkar, AISTATS 2016): all trials are tried on a part
// of the rows with one seed, the best third of them on all rows, the best third of these with all
// seeds. The test part is not looked at.
type Search struct {
	Task   string   `json:"task"`
	Recipe Recipe   `json:"recipe"`
	Space  []string `json:"space"`  // see ParseDimension
	Method string   `json:"method"` // random or grid
	Trials int      `json:"trials"` // of a grid, the most
	Seed   uint64   `json:"seed"`   // of the draws
	// Seeds are those of the recipe and the ones after it, with which the last trials are scored.
	Seeds int `json:"seeds"`
	// Data is the sum of the problem of the first seed, which Run fills in.
	Data string `json:"data_sha256"`
}

// Methods of a search.
const (
	RandomSearch = "random"
	GridSearch   = "grid"
)

// Files of a search.
const (
	SearchFile = "search.json"  // the Search
	TrialsFile = "trials.jsonl" // a Trial a line, in the order in which they were done
)

// Trial is what settings reached on a rung.
type Trial struct {
	Rung     int       `json:"rung"`
	Trial    int       `json:"trial"`
	Settings []Setting `json:"settings"`
	// Score is the mean over the seeds of that of the validation part, null where outputs are not
	// finite.
	Score   *float64 `json:"score"`
	Seconds float64  `json:"seconds"`
}

// Found is the end of a search.
type Found struct {
	Metric task.Metric `json:"metric"`
	// Settings is how many there were, of which Best are the best.
	Settings int     `json:"settings"`
	Best     Trial   `json:"best"`
	Trials   []Trial `json:"trials"` // by rung and number
	Recipe   Recipe  `json:"recipe"`
}

// SearchOptions are those of Search.Run.
type SearchOptions struct {
	Path string // of a task that reads a file
	Dir  string // keeps the trials; a folder that is there
	Jobs int    // trials at a time; 0 stands for the number of workers
	// Start is told how many trials there are and how many are there already, Done each new one.
	Start func(total, kept int)
	Done  func(t Trial)
}

// rung says how much is spent on a trial.
type rung struct {
	seeds int
	rows  float64 // part of the rows
	keep  int     // trials that go there
}

// rungs of a search: each has a third of the trials of the one before.
func rungs(trials, seeds int) []rung {
	third := func(n int) int { return max(1, (n+2)/3) }
	if trials < 3 {
		return []rung{{seeds, 1, trials}}
	}
	second := third(trials)
	list := []rung{{1, 1. / 3, trials}, {1, 1, second}}
	if seeds > 1 {
		list = append(list, rung{seeds, 1, third(second)})
	}
	return list
}

// Run makes the trials that are not in the folder yet and returns the best of the last rung. The
// result does not depend on how many are made at a time, or on interruptions.
func (s *Search) Run(ctx context.Context, t *task.Task, o SearchOptions) (*Found, error) {
	settings, err := s.settings()
	if err != nil {
		return nil, err
	}
	if err := s.Recipe.load(ctx); err != nil {
		return nil, err
	}
	problems := make([]task.Problem, s.Seeds)
	for i := range problems {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if problems[i], err = t.Make(task.Options{Seed: s.Recipe.Reservoir.Seed + uint64(i), Path: o.Path}); err != nil {
			return nil, err
		}
	}
	s.Data = sum(&problems[0])
	ledger, kept, err := s.open(o.Dir)
	if err != nil {
		return nil, err
	}
	defer ledger.Close() // again, where the end below is not reached
	ladder := rungs(len(settings), s.Seeds)
	total := 0
	for _, r := range ladder {
		total += r.keep
	}
	if o.Start != nil {
		o.Start(total, len(kept))
	}
	if o.Jobs == 0 {
		o.Jobs = tensor.Workers()
	}
	found := &Found{Metric: t.Metric, Settings: len(settings)}
	left := make([]int, len(settings))
	for i := range left {
		left[i] = i
	}
	for level, step := range ladder {
		left = left[:step.keep]
		slices.Sort(left)
		results := make([]Trial, len(left))
		err := jobs.Run(ctx, len(left), o.Jobs, func(ctx context.Context, i int, locked func(func())) error {
			number := left[i]
			if before, ok := kept[[2]int{level, number}]; ok {
				results[i] = before
				return nil
			}
			trial, err := s.try(ctx, problems, step, settings[number])
			if err != nil {
				return fmt.Errorf("trial %d: %w", number, err)
			}
			trial.Rung, trial.Trial = level, number
			locked(func() {
				results[i] = trial
				if err = ledger.Add(trial); err == nil && o.Done != nil {
					o.Done(trial)
				}
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		found.Trials = append(found.Trials, results...)
		slices.SortStableFunc(results, func(a, b Trial) int { return compareTrials(t.Metric, a, b) })
		for i, r := range results {
			left[i] = r.Trial
		}
		found.Best = results[0]
	}
	if found.Best.Score == nil {
		return nil, errors.New("no trial has a finite score: the states or outputs of all grow without bound")
	}
	if err := ledger.Close(); err != nil {
		return nil, err
	}
	found.Recipe, err = s.with(found.Best.Settings)
	return found, err
}

// compareTrials orders trials, the best first.
func compareTrials(m task.Metric, a, b Trial) int {
	switch {
	case a.Score == nil && b.Score == nil:
		return cmp.Compare(a.Trial, b.Trial)
	case a.Score == nil:
		return 1
	case b.Score == nil:
		return -1
	}
	order := cmp.Compare(*a.Score, *b.Score)
	if m.HigherIsBetter() {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(a.Trial, b.Trial))
}

// settings returns those of all trials.
func (s *Search) settings() ([][]Setting, error) {
	if err := choice.Complete(choice.Of("method", &s.Method, RandomSearch, GridSearch)); err != nil {
		return nil, err
	}
	if s.Trials < 1 || s.Trials > 1e6 || s.Seeds < 1 || s.Seeds > 1e4 {
		return nil, fmt.Errorf("%d trials with %d seeds, expected 1 to 1,000,000 and 1 to 10,000", s.Trials, s.Seeds)
	}
	if len(s.Space) == 0 {
		return nil, errors.New("no space, expected at least one field to vary")
	}
	if err := s.Recipe.Validate(); err != nil {
		return nil, err
	}
	var space []Dimension
	for _, text := range s.Space {
		d, err := ParseDimension(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(space, func(e Dimension) bool { return e.Key == d.Key }) {
			return nil, fmt.Errorf("space: %s twice", d.Key)
		}
		space = append(space, d)
	}
	var list [][]Setting
	if s.Method == GridSearch {
		if list = gridOf(space, s.Trials); list == nil {
			return nil, fmt.Errorf("the grid has more points than the %d trials", s.Trials)
		}
	} else {
		for i := range s.Trials {
			list = append(list, draw(space, s.Seed, i))
		}
	}
	for i, settings := range list { // before anything is computed
		r, err := s.with(settings)
		if err == nil {
			err = r.Validate()
		}
		if err != nil {
			return nil, fmt.Errorf("trial %d: %w", i, err)
		}
	}
	return list, nil
}

// with returns the recipe with settings.
func (s *Search) with(settings []Setting) (Recipe, error) {
	r := s.Recipe
	for _, v := range settings {
		if err := r.Set(v.Key, v.Value); err != nil {
			return r, err
		}
	}
	return r, nil
}

// try scores settings on the validation part.
func (s *Search) try(ctx context.Context, problems []task.Problem, step rung, settings []Setting) (Trial, error) {
	began := time.Now()
	out := Trial{Settings: settings}
	r, err := s.with(settings)
	if err != nil {
		return out, err
	}
	var scores []float64
	for i := range step.seeds {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		p := shorter(problems[i], step.rows)
		r.Reservoir.Seed, r.Reservoir.Washout = s.Recipe.Reservoir.Seed+uint64(i), p.Washout
		var run Run
		if r.Precision == Float32 {
			_, err = fit[float32](&run, r, &p)
		} else {
			_, err = fit[float64](&run, r, &p)
		}
		var unfit *fitError
		if errors.As(err, &unfit) && !errors.Is(err, memory.ErrLimit) {
			scores = append(scores, math.NaN())
			break
		}
		if err != nil {
			return out, err
		}
		scores = append(scores, run.Valid.Value)
	}
	if mean := stats.NewEstimate(scores).Mean; !math.IsNaN(mean) && !math.IsInf(mean, 0) {
		out.Score = &mean
	}
	out.Seconds = time.Since(began).Seconds()
	return out, nil
}

// shorter returns a problem with a part of the rows, or of the sequences if there are many, to
// train on.
func shorter(p task.Problem, part float64) task.Problem {
	if part == 1 {
		return p
	}
	if n := len(p.Train); n > 1 {
		p.Train = p.Train[:max(1, int(part*float64(n)))]
		return p
	}
	s := p.Train[0]
	rows := p.Washout + max(1, int(part*float64(s.Input.Dim(0)-p.Washout)))
	p.Train = []esn.Sequence{{Input: s.Input.Slice(0, 0, rows, 1), Target: s.Target.Slice(0, 0, rows, 1)}}
	return p
}

// open returns the ledger of the folder and the trials of this search that it holds.
func (s *Search) open(dir string) (*jobs.Ledger, map[[2]int]Trial, error) {
	kept := map[[2]int]Trial{}
	l := &jobs.Ledger{Dir: dir, Description: SearchFile, Lines: TrialsFile}
	return l, kept, l.Open(s, func(line []byte) error {
		var t Trial
		err := jobs.Decode(line, &t)
		kept[[2]int{t.Rung, t.Trial}] = t
		return err
	})
}
