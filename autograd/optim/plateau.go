package optim

import (
	"fmt"
	"math"
)

// Plateau multiplies the learning rate by Factor when a metric has not improved for more than
// Patience reports. It has state, unlike the other schedules: call Report with the metric after
// each epoch, and save State.
type Plateau struct {
	Mode          string  `json:"mode"` // "min" or "max": what is better
	Factor        float64 `json:"factor"`
	Patience      int     `json:"patience"`
	Threshold     float64 `json:"threshold"`      // by how much a metric must beat the best one
	ThresholdMode string  `json:"threshold_mode"` // "rel" or "abs"
	// Cooldown is the number of reports after a reduction of which none counts as bad.
	Cooldown int     `json:"cooldown"`
	Min      float64 `json:"min_lr"`
	Eps      float64 `json:"eps"` // least change of the learning rate worth making

	lr            float64
	best          float64
	reported      bool // best is valid
	bad, cooldown int
}

// At returns the learning rate in force, whatever the step.
func (s *Plateau) At(int) Rate { return Rate{LR: s.lr} }

// Report tells the metric of an epoch.
func (s *Plateau) Report(metric float64) {
	if s.better(metric) {
		s.best, s.reported, s.bad = metric, true, 0
	} else {
		s.bad++
	}
	if s.cooldown > 0 {
		s.cooldown--
		s.bad = 0
	}
	if s.bad > s.Patience {
		if lr := max(s.lr*s.Factor, s.Min); s.lr-lr > s.Eps {
			s.lr = lr
		}
		s.cooldown, s.bad = s.Cooldown, 0
	}
}

func (s *Plateau) better(metric float64) bool {
	if !s.reported {
		return !math.IsNaN(metric) && !math.IsInf(metric, 0)
	}
	switch {
	case s.Mode == "min" && s.ThresholdMode == "rel":
		return metric < s.best*(1-s.Threshold)
	case s.Mode == "min":
		return metric < s.best-s.Threshold
	case s.ThresholdMode == "rel":
		return metric > s.best*(1+s.Threshold)
	}
	return metric > s.best+s.Threshold
}

// State returns what must be saved to continue exactly. "best" is absent before the first report.
func (s *Plateau) State() map[string]float64 {
	st := map[string]float64{"lr": s.lr, "bad": float64(s.bad), "cooldown": float64(s.cooldown)}
	if s.reported {
		st["best"] = s.best
	}
	return st
}

// SetState restores what State returned.
func (s *Plateau) SetState(st map[string]float64) error {
	for _, name := range []string{"lr", "bad", "cooldown"} {
		if _, ok := st[name]; !ok {
			return fmt.Errorf("plateau state: no number %q", name)
		}
	}
	s.lr, s.bad, s.cooldown = st["lr"], int(st["bad"]), int(st["cooldown"])
	s.best, s.reported = st["best"], false
	if _, ok := st["best"]; ok {
		s.reported = true
	}
	return nil
}

func (s *Plateau) validate() error {
	if s.Mode != "min" && s.Mode != "max" {
		return &OptionError{Of: "plateau", Option: "mode", Found: s.Mode, Want: "min or max"}
	}
	if s.ThresholdMode != "rel" && s.ThresholdMode != "abs" {
		return &OptionError{Of: "plateau", Option: "threshold_mode", Found: s.ThresholdMode, Want: "rel or abs"}
	}
	return firstError("plateau", fraction("factor", s.Factor), count("patience", s.Patience), nonNegative("threshold", s.Threshold),
		count("cooldown", s.Cooldown), nonNegative("min_lr", s.Min), nonNegative("eps", s.Eps))
}
