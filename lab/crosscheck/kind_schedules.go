package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"

	"elegans/autograd/optim"
	"elegans/internal/quote"
)

// scheduleEntry is a schedule with the values in force at steps 0, 1, ...
type scheduleEntry struct {
	Name     string                     `json:"name"`
	Schedule string                     `json:"schedule"`
	BaseLR   float64                    `json:"base_lr"`
	Options  map[string]json.RawMessage `json:"options"`
	LR       []float64                  `json:"lr"`
	Momentum []float64                  `json:"momentum"`
	Metric   []float64                  `json:"metric"` // what a plateau is told after each step
	Error    string                     `json:"error"`  // with which the reference refuses
	Note     string                     `json:"note"`   // for people
}

func (e *scheduleEntry) caseName() string { return e.Name }

func (e *scheduleEntry) check() error {
	switch {
	case e.Schedule == "":
		return errors.New("key \"schedule\": missing")
	case len(e.LR) == 0 && e.Error == "":
		return errors.New("key \"lr\": empty, expected at least one value")
	case e.Error != "" && len(e.LR) > 0:
		return errors.New("key \"lr\": given beside \"error\", but a refusal has no values")
	case len(e.Metric) > len(e.LR):
		return fmt.Errorf("key \"metric\": %d values, \"lr\" has %d", len(e.Metric), len(e.LR))
	case e.Momentum != nil && len(e.Momentum) != len(e.LR):
		return fmt.Errorf("key \"momentum\": %d values, \"lr\" has %d", len(e.Momentum), len(e.LR))
	}
	return nil
}

func runSchedules(m *manifest, rec *recorder) error {
	tol, err := m.single()
	if err != nil {
		return err
	}
	return eachCase(m, rec, func(e *scheduleEntry) { rec.schedule(e, tol) })
}

func (rec *recorder) schedule(e *scheduleEntry, tol tolerance) {
	if end := protect(func() error { rec.rates(e, tol); return nil }); end.kind != returned {
		rec.fail(end.text)
	}
}

func (rec *recorder) rates(e *scheduleEntry, tol tolerance) {
	options := map[string]json.RawMessage{}
	for k, v := range e.Options {
		if k != "formula" { // says in words what the other options say
			options[k] = v
		}
	}
	raw, err := json.Marshal(options)
	if err != nil {
		rec.skip(err.Error())
		return
	}
	s, err := optim.NewSchedule(e.Schedule, e.BaseLR, raw)
	if !rec.made(err, e.Error) {
		return
	}
	plateau, _ := s.(*optim.Plateau)
	if (plateau != nil) != (len(e.Metric) > 0) || plateau != nil && len(e.Metric) < len(e.LR)-1 {
		rec.skip(fmt.Sprintf("%d metrics for %d steps of schedule %s", len(e.Metric), len(e.LR), quote.Text(e.Schedule)))
		return
	}
	lr, momentum := make([]float64, len(e.LR)), make([]float64, len(e.LR))
	cycled := false
	for k := range lr {
		r := s.At(k)
		lr[k], momentum[k], cycled = r.LR, r.Momentum, r.Cycled
		if plateau != nil && k < len(e.Metric) {
			plateau.Report(e.Metric[k])
		}
	}
	rec.series("lr", lr, e.LR, tol)
	switch {
	case e.Momentum != nil && cycled:
		rec.series("momentum", momentum, e.Momentum, tol)
	case e.Momentum != nil:
		rec.fail("the schedule leaves the momentum alone, the reference varies it")
	}
}
