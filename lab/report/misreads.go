package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"elegans/lab/experiment"
	"elegans/lab/figure"
)

// misreads shows what the subject of classifiers gets wrong.
type misreads struct {
	Subject, Title    string // of the subject: its name and its title
	Runs, ControlRuns int
	Confusion         *confusion // nil if there are too many classes to show
	Count             int        // images that a run of the subject gets wrong
	Shown             []misread  // those that most runs get wrong first
}

// misread is a test image that the subject gets wrong.
type misread struct {
	Index                int
	Image                template.URL
	True                 string
	Read                 string // most frequent wrong answer
	Wrong, ControlsWrong int    // runs
	Confidence           string // mean probability of the wrong answers
}

const (
	shownMisreads = 48
	shownClasses  = 26
)

func newMisreads(res *experiment.Result) (*misreads, error) {
	if res.Runs[0].Test == nil {
		return nil, nil
	}
	subject := res.Of(res.Comparison.Arms[0].Name)
	controls := res.Runs[len(subject):]
	classes := res.Sets.Test.Classes()
	arm := res.Comparison.Arms[0]
	m := &misreads{Subject: arm.Name, Title: arm.Title, Runs: len(subject), ControlRuns: len(controls)}
	if len(classes) <= shownClasses {
		m.Confusion = newConfusion(m.Title, subject, classes)
	}
	var all []misread
	for i, label := range subject[0].Test.Labels {
		one := misread{Index: i, True: classes[label]}
		answers := make([]int, len(classes))
		sum := 0.0
		for _, r := range subject {
			if read := r.Test.Read[i]; read != label {
				one.Wrong++
				answers[read]++
				sum += r.Test.Probability[i]
			}
		}
		if one.Wrong == 0 {
			continue
		}
		for _, r := range controls {
			if r.Test.Read[i] != label {
				one.ControlsWrong++
			}
		}
		one.Read = classes[slices.Index(answers, slices.Max(answers))]
		one.Confidence = fmt.Sprintf("%.0f %%", 100*sum/float64(one.Wrong))
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b misread) int {
		return cmp.Or(cmp.Compare(b.Wrong, a.Wrong), cmp.Compare(b.ControlsWrong, a.ControlsWrong))
	})
	m.Count, m.Shown = len(all), all[:min(shownMisreads, len(all))]
	for i := range m.Shown {
		var err error
		if m.Shown[i].Image, err = picture(res.Sets.Test, m.Shown[i].Index); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// confusion counts what the runs of the subject read, by true class.
type confusion struct {
	Title              string
	Runs, Wrong, Total int
	Classes            []string
	Rows               []confusionRow
}

type confusionRow struct {
	Class string
	Cells []cell
}

type cell struct {
	Count int
	Style template.CSS
}

func newConfusion(title string, runs []experiment.Run, classes []string) *confusion {
	c := &confusion{Title: title, Runs: len(runs), Classes: classes}
	counts := make([][]int, len(classes))
	for i := range counts {
		counts[i] = make([]int, len(classes))
	}
	for _, r := range runs {
		for i, label := range r.Test.Labels {
			counts[label][r.Test.Read[i]]++
		}
		c.Total += len(r.Test.Labels)
		c.Wrong += len(r.Test.Labels) - r.Test.Correct()
	}
	worst := 1
	for i, row := range counts {
		for j, n := range row {
			if i != j {
				worst = max(worst, n)
			}
		}
	}
	for i, row := range counts {
		cells := make([]cell, len(row))
		for j, n := range row {
			cells[j].Count = n
			switch {
			case i == j:
				cells[j].Style = "background:#e4eee9;color:#4d6a5f"
			case n > 0:
				opacity := .12 + .6*float64(n)/float64(worst)
				style := fmt.Sprintf("background:rgba(192,57,43,%.2f);color:%s", opacity, figure.Colour(figure.Ink).CSS())
				cells[j].Style = template.CSS(style)
			default:
				cells[j].Style = "color:transparent"
			}
		}
		c.Rows = append(c.Rows, confusionRow{classes[i], cells})
	}
	return c
}
