package optim

import (
	"encoding/json"
	"fmt"
	"strings"

	"elegans/tensor"
)

// Schedule gives the learning rate of every step. All but Plateau are pure functions of the step,
// so that a resumed run needs no state; a step may be an update or an epoch, as the caller counts.
type Schedule interface {
	// At returns what is in force at step k = 0, 1, ...
	At(k int) Rate
}

// Rate is what a schedule sets.
type Rate struct {
	LR       float64
	Momentum float64 // meaningful if Cycled
	Cycled   bool    // the schedule sets the momentum too
}

// Apply sets the learning rate of step k, and the momentum if the schedule varies it and the method
// has one.
func Apply[T tensor.Float](o *Optimizer[T], s Schedule, k int) {
	r := s.At(k)
	o.SetLR(r.LR)
	if r.Cycled {
		o.SetMomentum(r.Momentum)
	}
}

// scheduleKind is an entry of the table of schedules.
type scheduleKind struct {
	name  string
	build func(base float64, options json.RawMessage) (Schedule, error)
}

// scheduleOf makes the entry of a schedule from its defaults; setBase puts the base learning rate
// into it.
func scheduleOf[S any, P interface {
	*S
	Schedule
	validate() error
}](name string, defaults S, setBase func(s *S, base float64)) scheduleKind {
	return scheduleKind{name, func(base float64, raw json.RawMessage) (Schedule, error) {
		s := defaults
		setBase(&s, base)
		if err := decodeOptions(name, raw, &s); err != nil {
			return nil, err
		}
		if err := P(&s).validate(); err != nil {
			return nil, err
		}
		return P(&s), nil
	}}
}

func scheduleKinds() []scheduleKind {
	return []scheduleKind{
		scheduleOf("constant", Constant{Factor: 1. / 3, Steps: 5}, func(s *Constant, b float64) { s.Base = b }),
		scheduleOf("step", StepDecay{Gamma: 0.1}, func(s *StepDecay, b float64) { s.Base = b }),
		scheduleOf("multistep", MultiStep{Gamma: 0.1}, func(s *MultiStep, b float64) { s.Base = b }),
		scheduleOf("linear", Linear{Start: 1. / 3, End: 1, Steps: 5}, func(s *Linear, b float64) { s.Base = b }),
		scheduleOf("polynomial", Polynomial{Steps: 5, Power: 1}, func(s *Polynomial, b float64) { s.Base = b }),
		scheduleOf("exponential", Exponential{}, func(s *Exponential, b float64) { s.Base = b }),
		scheduleOf("cosine", Cosine{}, func(s *Cosine, b float64) { s.Base = b }),
		scheduleOf("cosine_restarts", CosineRestarts{Mult: 1}, func(s *CosineRestarts, b float64) { s.Base = b }),
		scheduleOf("cyclic", Cyclic{Up: 2000, Mode: "triangular", Gamma: 1, CycleMomentum: true, LowMomentum: 0.8, HighMomentum: 0.9}, func(*Cyclic, float64) {}),
		scheduleOf("one_cycle", OneCycle{Warmup: 0.3, Div: 25, FinalDiv: 1e4, Anneal: "cos", CycleMomentum: true, LowMomentum: 0.85, HighMomentum: 0.95}, func(*OneCycle, float64) {}),
		scheduleOf("plateau", Plateau{Mode: "min", Factor: 0.1, Patience: 10, Threshold: 1e-4, ThresholdMode: "rel", Eps: 1e-8}, func(s *Plateau, b float64) { s.lr = b }),
		scheduleOf("warmup_linear", WarmupLinear{}, func(s *WarmupLinear, b float64) { s.Base = b }),
		scheduleOf("warmup_cosine", WarmupCosine{}, func(s *WarmupCosine, b float64) { s.Base = b }),
		{"sequential", newSequential},
	}
}

// ScheduleNames lists the schedules that NewSchedule knows.
func ScheduleNames() []string {
	var names []string
	for _, s := range scheduleKinds() {
		names = append(names, s.name)
	}
	return names
}

// NewSchedule returns the named schedule for a base learning rate, with options given as a JSON
// object; the names are the JSON names of the fields of the schedule's type, which are PyTorch's,
// and what is absent has PyTorch's default. Cyclic and OneCycle have their own rates and ignore the
// base.
func NewSchedule(name string, base float64, options json.RawMessage) (Schedule, error) {
	if err := firstError(name, nonNegative("base learning rate", base)); err != nil {
		return nil, err
	}
	for _, s := range scheduleKinds() {
		if s.name == name {
			return s.build(base, options)
		}
	}
	return nil, &OptionError{Of: fmt.Sprintf("%q", name), Found: "no such schedule", Want: "one of " + strings.Join(ScheduleNames(), ", ")}
}
