package optim

import "math"

// halfCosine falls from 1 at x = 0 to 0 at x = 1.
func halfCosine(x float64) float64 { return (1 + math.Cos(math.Pi*x)) / 2 }

// Cosine is Min + (Base-Min)*(1+cos(pi*k/Steps))/2. After Steps steps it rises again, with period
// 2*Steps, as PyTorch's does (Loshchilov and Hutter, "SGDR", 2017).
type Cosine struct {
	Base  float64 `json:"-"`
	Steps int     `json:"T_max"`
	Min   float64 `json:"eta_min"`
}

// At implements Schedule.
func (s *Cosine) At(k int) Rate {
	return Rate{LR: s.Min + (s.Base-s.Min)*halfCosine(float64(k%(2*s.Steps))/float64(s.Steps))}
}

func (s *Cosine) validate() error {
	return firstError("cosine", steps("T_max", s.Steps), nonNegative("eta_min", s.Min))
}

// CosineRestarts falls from Base to Min in First steps along a half cosine, jumps back to Base, and
// so on; each period is Mult times as long as the one before (Loshchilov and Hutter, "SGDR:
// stochastic gradient descent with warm restarts", 2017).
type CosineRestarts struct {
	Base  float64 `json:"-"`
	First int     `json:"T_0"`
	Mult  int     `json:"T_mult"`
	Min   float64 `json:"eta_min"`
}

// At implements Schedule.
func (s *CosineRestarts) At(k int) Rate {
	period := s.First
	if s.Mult == 1 {
		k %= period
	}
	for k >= period {
		k -= period
		period *= s.Mult
	}
	return Rate{LR: s.Min + (s.Base-s.Min)*halfCosine(float64(k)/float64(period))}
}

func (s *CosineRestarts) validate() error {
	return firstError("cosine_restarts", steps("T_0", s.First), check{"T_mult", float64(s.Mult), s.Mult > 0 && s.Mult <= 1<<20, "a whole number > 0, at most 2^20"}, nonNegative("eta_min", s.Min))
}

// WarmupCosine rises linearly from 0 to Base in Warmup steps, then falls to 0 along a half cosine
// until step Total, and stays there.
type WarmupCosine struct {
	Base   float64 `json:"-"`
	Warmup int     `json:"warmup"`
	Total  int     `json:"total"`
}

// At implements Schedule.
func (s *WarmupCosine) At(k int) Rate {
	if k < s.Warmup {
		return Rate{LR: s.Base * float64(k) / float64(s.Warmup)}
	}
	return Rate{LR: s.Base * halfCosine(min(float64(k-s.Warmup)/float64(s.Total-s.Warmup), 1))}
}

func (s *WarmupCosine) validate() error {
	return firstError("warmup_cosine", count("warmup", s.Warmup), check{"total", float64(s.Total), s.Total > s.Warmup && s.Total <= maxSteps, "more than warmup, at most 2^40"})
}
