package optim

import (
	"math"
	"slices"
)

// Constant is Base*Factor for the first Steps steps, then Base.
type Constant struct {
	Base   float64 `json:"-"`
	Factor float64 `json:"factor"`
	Steps  int     `json:"total_iters"`
}

// At implements Schedule.
func (s *Constant) At(k int) Rate {
	if k < s.Steps {
		return Rate{LR: s.Base * s.Factor}
	}
	return Rate{LR: s.Base}
}

func (s *Constant) validate() error {
	return firstError("constant", nonNegative("factor", s.Factor), count("total_iters", s.Steps))
}

// StepDecay is Base*Gamma^(k/Every), with k/Every rounded down.
type StepDecay struct {
	Base  float64 `json:"-"`
	Every int     `json:"step_size"`
	Gamma float64 `json:"gamma"`
}

// At implements Schedule.
func (s *StepDecay) At(k int) Rate {
	return Rate{LR: s.Base * math.Pow(s.Gamma, float64(k/s.Every))}
}

func (s *StepDecay) validate() error {
	return firstError("step", steps("step_size", s.Every), nonNegative("gamma", s.Gamma))
}

// MultiStep is Base*Gamma^n, with n the number of milestones that step k has reached.
type MultiStep struct {
	Base       float64 `json:"-"`
	Milestones []int   `json:"milestones"`
	Gamma      float64 `json:"gamma"`
}

// At implements Schedule.
func (s *MultiStep) At(k int) Rate {
	n := 0
	for _, m := range s.Milestones {
		if k >= m {
			n++
		}
	}
	return Rate{LR: s.Base * math.Pow(s.Gamma, float64(n))}
}

func (s *MultiStep) validate() error {
	return firstError("multistep", nonNegative("gamma", s.Gamma), check{"milestones (their number)", float64(len(s.Milestones)), len(s.Milestones) > 0, "at least 1"},
		check{"milestones (their least)", float64(slices.Min(append([]int{1}, s.Milestones...))), slices.Min(append([]int{1}, s.Milestones...)) > 0, "a step > 0"})
}

// Linear goes from Base*Start to Base*End in Steps steps, and stays there. With Start < End it is a
// warm-up.
type Linear struct {
	Base  float64 `json:"-"`
	Start float64 `json:"start_factor"`
	End   float64 `json:"end_factor"`
	Steps int     `json:"total_iters"`
}

// At implements Schedule.
func (s *Linear) At(k int) Rate {
	return Rate{LR: s.Base * (s.Start + (s.End-s.Start)*float64(min(k, s.Steps))/float64(s.Steps))}
}

func (s *Linear) validate() error {
	return firstError("linear", nonNegative("start_factor", s.Start), nonNegative("end_factor", s.End), steps("total_iters", s.Steps))
}

// Polynomial is Base*(1-k/Steps)^Power, and 0 after Steps steps.
type Polynomial struct {
	Base  float64 `json:"-"`
	Steps int     `json:"total_iters"`
	Power float64 `json:"power"`
}

// At implements Schedule.
func (s *Polynomial) At(k int) Rate {
	return Rate{LR: s.Base * math.Pow(1-float64(min(k, s.Steps))/float64(s.Steps), s.Power)}
}

func (s *Polynomial) validate() error {
	return firstError("polynomial", steps("total_iters", s.Steps), nonNegative("power", s.Power))
}

// Exponential is Base*Gamma^k.
type Exponential struct {
	Base  float64 `json:"-"`
	Gamma float64 `json:"gamma"`
}

// At implements Schedule.
func (s *Exponential) At(k int) Rate { return Rate{LR: s.Base * math.Pow(s.Gamma, float64(k))} }

func (s *Exponential) validate() error { return firstError("exponential", positive("gamma", s.Gamma)) }

// WarmupLinear is Base*min((k+1)/Steps, 1): it reaches Base at step Steps-1 and never is 0.
type WarmupLinear struct {
	Base  float64 `json:"-"`
	Steps int     `json:"steps"`
}

// At implements Schedule.
func (s *WarmupLinear) At(k int) Rate {
	return Rate{LR: s.Base * min(float64(k+1)/float64(s.Steps), 1)}
}

func (s *WarmupLinear) validate() error {
	return firstError("warmup_linear", steps("steps", s.Steps))
}
