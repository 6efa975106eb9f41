package optim

import (
	"math"
)

// Cyclic goes from Low to High in Up steps and back in Down steps, again and again; the momentum
// goes the other way (Smith, "Cyclical learning rates for training neural networks", 2017). The
// height of the cycles stays ("triangular"), halves each time ("triangular2"), or is multiplied by
// Gamma^k ("exp_range").
type Cyclic struct {
	Low           float64 `json:"base_lr"`
	High          float64 `json:"max_lr"`
	Up            int     `json:"step_size_up"`
	Down          int     `json:"step_size_down"` // 0 stands for Up
	Mode          string  `json:"mode"`
	Gamma         float64 `json:"gamma"`
	CycleMomentum bool    `json:"cycle_momentum"`
	LowMomentum   float64 `json:"base_momentum"`
	HighMomentum  float64 `json:"max_momentum"`
}

// At implements Schedule.
func (s *Cyclic) At(k int) Rate {
	down := s.Down
	if down == 0 {
		down = s.Up
	}
	period := s.Up + down
	cycle, at := k/period, k%period
	height := float64(at) / float64(s.Up)
	if at > s.Up {
		height = float64(period-at) / float64(down)
	}
	switch s.Mode {
	case "triangular2":
		height *= math.Pow(2, -float64(cycle))
	case "exp_range":
		height *= math.Pow(s.Gamma, float64(k))
	}
	return Rate{
		LR:       s.Low + (s.High-s.Low)*height,
		Momentum: s.HighMomentum - (s.HighMomentum-s.LowMomentum)*height,
		Cycled:   s.CycleMomentum,
	}
}

func (s *Cyclic) validate() error {
	if s.Mode != "triangular" && s.Mode != "triangular2" && s.Mode != "exp_range" {
		return &OptionError{Of: "cyclic", Option: "mode", Found: s.Mode, Want: "triangular, triangular2 or exp_range"}
	}
	return firstError("cyclic", nonNegative("base_lr", s.Low), nonNegative("max_lr", s.High), steps("step_size_up", s.Up), count("step_size_down", s.Down),
		positive("gamma", s.Gamma), nonNegative("base_momentum", s.LowMomentum), nonNegative("max_momentum", s.HighMomentum))
}

// OneCycle rises from Max/Div to Max during the first part (Warmup) of Steps steps, then falls to
// Max/(Div*FinalDiv); with three phases it first falls back to where it began, in as many steps as
// it rose. The momentum goes the other way. After Steps steps it stays where it is (Smith and
// Topin, "Super-convergence", 2018).
type OneCycle struct {
	Max           float64 `json:"max_lr"`
	Steps         int     `json:"total_steps"`
	Warmup        float64 `json:"pct_start"`
	Div           float64 `json:"div_factor"`
	FinalDiv      float64 `json:"final_div_factor"`
	Anneal        string  `json:"anneal"` // "cos" or "linear"
	ThreePhase    bool    `json:"three_phase"`
	CycleMomentum bool    `json:"cycle_momentum"`
	LowMomentum   float64 `json:"base_momentum"`
	HighMomentum  float64 `json:"max_momentum"`
}

// At implements Schedule.
func (s *OneCycle) At(k int) Rate {
	start := s.Max / s.Div
	end := start / s.FinalDiv
	x, last := float64(k), float64(s.Steps-1)
	top := s.Warmup*float64(s.Steps) - 1 // where the maximum lies, in steps
	bottom := last
	if s.ThreePhase {
		bottom = 2*s.Warmup*float64(s.Steps) - 2
	}
	r := Rate{Cycled: s.CycleMomentum}
	switch {
	case x <= top:
		r.LR, r.Momentum = s.between(start, s.Max, x/top), s.between(s.HighMomentum, s.LowMomentum, x/top)
	case s.ThreePhase && x <= bottom:
		at := (x - top) / (bottom - top)
		r.LR, r.Momentum = s.between(s.Max, start, at), s.between(s.LowMomentum, s.HighMomentum, at)
	case s.ThreePhase:
		r.LR, r.Momentum = s.between(start, end, min((x-bottom)/(last-bottom), 1)), s.HighMomentum
	default:
		at := min((x-top)/(last-top), 1)
		r.LR, r.Momentum = s.between(s.Max, end, at), s.between(s.LowMomentum, s.HighMomentum, at)
	}
	return r
}

// between goes from a at x = 0 to b at x = 1.
func (s *OneCycle) between(a, b, x float64) float64 {
	if s.Anneal == "linear" {
		return a + (b-a)*x
	}
	return b + (a-b)*halfCosine(x)
}

func (s *OneCycle) validate() error {
	if s.Anneal != "cos" && s.Anneal != "linear" {
		return &OptionError{Of: "one_cycle", Option: "anneal", Found: s.Anneal, Want: "cos or linear"}
	}
	most := 1.0
	if s.ThreePhase {
		most = 0.5
	}
	return firstError("one_cycle", nonNegative("max_lr", s.Max), steps("total_steps", s.Steps),
		check{"pct_start", s.Warmup, s.Warmup*float64(s.Steps) > 1 && s.Warmup < most, "more than one step and less than the whole (half of it with three phases)"},
		positive("div_factor", s.Div), positive("final_div_factor", s.FinalDiv), nonNegative("base_momentum", s.LowMomentum), nonNegative("max_momentum", s.HighMomentum))
}
