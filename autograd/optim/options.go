package optim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"elegans/autograd"
	"elegans/tensor"
)

// OptionError says what is wrong with the options of an optimiser or a schedule.
type OptionError struct {
	Of     string // the optimiser or schedule: "adam"
	Option string // the option: "lr"; empty if the options as a whole are meant
	Found  string
	Want   string
}

// Error reads like "optim: adam: lr is -1, want a number >= 0".
func (e *OptionError) Error() string {
	s := "optim: " + e.Of + ": "
	if e.Option != "" {
		s += e.Option + " is "
	}
	s += e.Found
	if e.Want != "" {
		s += ", want " + e.Want
	}
	return s
}

// check is a condition on an option.
type check struct {
	option string
	value  float64
	ok     bool
	want   string
}

func nonNegative(option string, v float64) check {
	return check{option, v, v >= 0 && !math.IsInf(v, 0), "a finite number >= 0"}
}

func positive(option string, v float64) check {
	return check{option, v, v > 0 && !math.IsInf(v, 0), "a finite number > 0"}
}

func fraction(option string, v float64) check {
	return check{option, v, v >= 0 && v < 1, "a number in [0, 1)"}
}

func finite(option string, v float64) check {
	return check{option, v, !math.IsInf(v, 0) && !math.IsNaN(v), "a finite number"}
}

// maxSteps bounds the lengths of schedules, so that sums and products of them do not overflow.
const maxSteps = 1 << 40

func steps(option string, v int) check {
	return check{option, float64(v), v > 0 && v <= maxSteps, "a whole number > 0, at most 2^40"}
}

func count(option string, v int) check {
	return check{option, float64(v), v >= 0 && v <= maxSteps, "a whole number >= 0, at most 2^40"}
}

// firstError returns an OptionError for the first check that fails, or nil.
func firstError(of string, checks ...check) error {
	for _, c := range checks {
		if !c.ok {
			return &OptionError{Of: of, Option: c.option, Found: fmt.Sprint(c.value), Want: c.want}
		}
	}
	return nil
}

// must panics if the options of a constructor are wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// decodeOptions overwrites into, which holds the defaults, with a JSON object; nothing and null
// leave it as it is. Unknown names are refused.
func decodeOptions(of string, raw json.RawMessage, into any) error {
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = errors.New("more than one JSON value")
		}
	}
	if err == nil {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return &OptionError{Of: of, Option: wrong.Field, Found: "a JSON " + wrong.Value, Want: wrong.Type.String()}
	}
	return &OptionError{Of: of, Found: "options: " + strings.TrimPrefix(err.Error(), "json: ")}
}

// method is an entry of the table of optimisers.
type method[T tensor.Float] struct {
	name  string
	build func(params []*autograd.Var[T], options json.RawMessage) (*Optimizer[T], error)
}

// methodOf makes the entry of a method from its defaults and its constructor.
func methodOf[T tensor.Float, O interface{ Validate() error }](name string, defaults func() O, build func([]*autograd.Var[T], O) *Optimizer[T]) method[T] {
	return method[T]{name, func(params []*autograd.Var[T], raw json.RawMessage) (*Optimizer[T], error) {
		o := defaults()
		if err := decodeOptions(name, raw, &o); err != nil {
			return nil, err
		}
		if err := o.Validate(); err != nil {
			return nil, err
		}
		return build(params, o), nil
	}}
}

func methods[T tensor.Float]() []method[T] {
	return []method[T]{
		methodOf("sgd", SGDDefaults, SGD[T]),
		methodOf("adam", AdamDefaults, Adam[T]),
		methodOf("adamw", AdamWDefaults, Adam[T]),
		methodOf("rmsprop", RMSpropDefaults, RMSprop[T]),
		methodOf("adagrad", AdagradDefaults, Adagrad[T]),
		methodOf("nadam", NAdamDefaults, NAdam[T]),
		methodOf("radam", RAdamDefaults, RAdam[T]),
		methodOf("adamax", AdamaxDefaults, Adamax[T]),
		methodOf("adadelta", AdadeltaDefaults, Adadelta[T]),
		methodOf("rprop", RpropDefaults, Rprop[T]),
		methodOf("asgd", ASGDDefaults, ASGD[T]),
	}
}

// Names lists the optimisers that New knows.
func Names() []string {
	var names []string
	for _, m := range methods[float64]() {
		names = append(names, m.name)
	}
	return names
}

// New returns the named optimiser (case does not matter) with options given as a JSON object of
// PyTorch's names, such as {"lr": 0.1, "momentum": 0.9}; what is absent has PyTorch's default.
func New[T tensor.Float](name string, params []*autograd.Var[T], options json.RawMessage) (*Optimizer[T], error) {
	for _, m := range methods[T]() {
		if strings.EqualFold(m.name, name) {
			return m.build(params, options)
		}
	}
	return nil, &OptionError{Of: fmt.Sprintf("%q", name), Found: "no such optimiser", Want: "one of " + strings.Join(Names(), ", ")}
}
