package optim

import (
	"encoding/json"
	"fmt"
)

// Sequential is one schedule after another: part i begins, at its own step 0, when step
// Milestones[i-1] is reached.
type Sequential struct {
	Parts      []Schedule
	Milestones []int // one less than Parts, increasing
}

// At implements Schedule.
func (s *Sequential) At(k int) Rate {
	part, start := 0, 0
	for i, m := range s.Milestones {
		if k >= m {
			part, start = i+1, m
		}
	}
	return s.Parts[part].At(k - start)
}

// newSequential decodes {"parts": [["linear", {...}], ["cosine", {...}]], "milestones": [10]}.
func newSequential(base float64, raw json.RawMessage) (Schedule, error) {
	const name = "sequential"
	var o struct {
		Parts      [][]json.RawMessage `json:"parts"`
		Milestones []int               `json:"milestones"`
	}
	if err := decodeOptions(name, raw, &o); err != nil {
		return nil, err
	}
	if len(o.Parts) == 0 || len(o.Milestones) != len(o.Parts)-1 {
		return nil, &OptionError{Of: name, Option: "milestones", Found: fmt.Sprintf("%v for %d parts", o.Milestones, len(o.Parts)), Want: "one less than parts"}
	}
	s := &Sequential{Milestones: o.Milestones}
	before := 0
	for _, m := range o.Milestones {
		if m <= before {
			return nil, &OptionError{Of: name, Option: "milestones", Found: fmt.Sprint(o.Milestones), Want: "increasing steps > 0"}
		}
		before = m
	}
	for i, p := range o.Parts {
		var kind string
		if len(p) < 1 || len(p) > 2 || json.Unmarshal(p[0], &kind) != nil {
			return nil, &OptionError{Of: name, Option: fmt.Sprintf("parts[%d]", i), Found: fmt.Sprintf("%s", p), Want: `a pair such as ["linear", {"total_iters": 10}]`}
		}
		if kind == "plateau" {
			return nil, &OptionError{Of: name, Option: fmt.Sprintf("parts[%d]", i), Found: kind, Want: "a schedule that is a function of the step"}
		}
		var options json.RawMessage
		if len(p) == 2 {
			options = p[1]
		}
		part, err := NewSchedule(kind, base, options)
		if err != nil {
			return nil, err
		}
		s.Parts = append(s.Parts, part)
	}
	return s, nil
}
