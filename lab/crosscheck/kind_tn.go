package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet/published"
	"elegans/tensor"
)

// tnEntry is a case of a manifest of kind "tn": one setting of a published tensor network on the
// shipped worm, with weights, input and cotangent that a formula makes. Its tensors are NAME/...
type tnEntry struct {
	Name         string             `json:"name"`
	Impl         string             `json:"impl"` // "eager" or "functional"
	Knobs        json.RawMessage    `json:"knobs"`
	InputShape   []int              `json:"input_shape"`
	OutputShape  []int              `json:"output_shape"`
	Dtype        string             `json:"dtype"`
	Error        string             `json:"error"`       // with which the reference refuses
	NoGradient   string             `json:"no_gradient"` // nothing is differentiable: a reservoir
	Units        []int              `json:"units"`
	UnitsWithout []int              `json:"units_without_gradient"`
	GradUnits    []int              `json:"grad_units_order"` // the units of NAME/grad_units/...
	Other        []tnParam          `json:"other_params"`
	OtherWithout []string           `json:"other_without_gradient"`
	PerUnit      int                `json:"params_per_unit"`
	ParamCount   *int               `json:"param_count"`
	Ignored      *int               `json:"ignored_connections"`
	Agreement    map[string]float64 `json:"agreement"` // of two other programs
	tnRemarks
}

// tnRemarks are the keys of a case that are not compared.
type tnRemarks struct {
	Note     string          `json:"note"`
	ErrorAt  string          `json:"error_at"` // "build" or "forward"
	Finite   *bool           `json:"finite"`
	Loss     *float64        `json:"loss"`
	Unnamed  json.RawMessage `json:"unnamed_params"`
	Networks json.RawMessage `json:"recurrent_networks_built"`
}

func (e *tnEntry) caseName() string { return e.Name }

func (e *tnEntry) check() error {
	if err := checkAgreement(e.Agreement, tnAgreements); err != nil {
		return err
	}
	switch {
	case e.Error != "" && (len(e.OutputShape) > 0 || len(e.Agreement) > 0):
		return errors.New("key \"output_shape\" or \"agreement\": given beside \"error\", but a refusal has no results")
	case e.Error != "":
		return nil
	case len(e.InputShape) == 0:
		return errors.New("key \"input_shape\": empty")
	case e.PerUnit < 1 || e.PerUnit > len(unitParams):
		return fmt.Errorf("key \"params_per_unit\" is %d, expected 1 to %d", e.PerUnit, len(unitParams))
	case len(e.OutputShape) == 0:
		return errors.New("key \"output_shape\": empty")
	}
	return nil
}

// tnAgreements are the keys of tnEntry.Agreement.
var tnAgreements = []string{"output", "grad_input", "grad_probe", "motors_stack"}

// tnParam is a parameter that belongs to no unit.
type tnParam struct {
	name  string
	shape []int
}

// UnmarshalJSON reads [name, shape].
func (p *tnParam) UnmarshalJSON(b []byte) error {
	pair := [2]any{&p.name, &p.shape}
	return json.Unmarshal(b, &pair)
}

func (e *tnEntry) agreements() map[string]float64 { return e.Agreement }

// tnMeta says how the numbers of a manifest of kind "tn" were made.
type tnMeta struct {
	formulaMeta
	Fill string `json:"fill"`
}

func runTN(m *manifest, rec *recorder) error {
	man, err := readFormula[tnMeta, tnEntry](m)
	if err != nil {
		return err
	}
	file, err := m.open()
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	r64 := &tnRunner[float64]{autograd.NewTape[float64](), file, rec, man.Meta.Seed, 0}
	r32 := &tnRunner[float32]{autograd.NewTape[float32](), file, rec, man.Meta.Seed, man.Tolerance.Float32.Rtol}
	err = eachCase(m, rec, func(e *tnEntry) {
		file.name(e.tensors(file)...)
		rec.inPrecision(e.Dtype, func() { r64.run(e) }, func() { r32.run(e) })
	})
	if err == nil {
		rec.unnamed(file)
	}
	return err
}

// tensors returns the names of the tensors in a file that belong to the case.
func (e *tnEntry) tensors(file *tensorFile) []string {
	names := []string{e.Name + "/output", e.Name + "/motors_stack"}
	if e.NoGradient == "" {
		names = append(names, e.Name+"/grad_norm", e.Name+"/grad_probe")
	}
	for _, n := range file.Names() {
		full, units := strings.HasPrefix(n, e.Name+"/grad/"), strings.HasPrefix(n, e.Name+"/grad_units/")
		if e.NoGradient == "" && (full || units && len(e.GradUnits) > 0) {
			names = append(names, n)
		}
	}
	return names
}

// tnRunner runs the cases of one element type.
type tnRunner[T tensor.Float] struct {
	tape *autograd.Tape[T]
	file *tensorFile
	rec  *recorder
	seed uint64
	tol  float64 // relative to the largest element; 0: by the entry
}

// config returns the configuration of a case: the knobs over the defaults.
func (e *tnEntry) config() (published.Config, error) {
	c := published.Default(published.Variant("torch-"+e.Impl), 1, 1)
	err := decodeStrictly(e.Knobs, &c)
	c.Reservoir = e.NoGradient != ""
	return c, err
}

func (r *tnRunner[T]) run(e *tnEntry) {
	c, err := e.config()
	if err != nil {
		r.rec.skip(fmt.Sprintf("knobs: %v", err))
		return
	}
	var net *published.Network[T]
	var x, y *autograd.Var[T]
	r.tape.Reset()
	r.tape.KeepMarks = true
	end := protect(func() error {
		checkTNSize(c, e.InputShape)
		if net, err = published.New[T](connectome.Shipped(), c, tensor.NewKey(0, "crosscheck")); err != nil {
			return err
		}
		net.FillWeights(r.seed)
		x = r.tape.Variable(r.filled("input", e.InputShape))
		y = net.Forward(r.tape, x)
		return nil
	})
	if !r.rec.judge(end, e.Error) {
		return
	}
	end = protect(func() error { // shapes of parameters come from the manifest
		r.structure(e, net)
		r.compare(e, net, x, y)
		return nil
	})
	if end.kind != returned {
		r.rec.fail(end.text)
	}
}

// maxTNNumbers bounds the parameters and the values of a network, whose lengths a manifest names,
// before anything is allocated.
const maxTNNumbers = 1 << 27

// checkTNSize skips a case whose network is larger.
func checkTNSize(c published.Config, input []int) {
	d, units, attention := float64(c.EmbeddingDim), float64(connectome.Shipped().Len()), 4.0
	for _, n := range []*int{c.NHeads, c.HeadDim} {
		if n != nil {
			attention *= float64(*n)
		}
	}
	rows := 1.0
	for _, n := range input[:max(0, len(input)-1)] {
		rows *= float64(n)
	}
	if parameters, values := units*d*d+attention*d+float64(c.InputDim)*d, rows*units*d; max(parameters, values) > maxTNNumbers {
		skip("input_shape %v and embedding_dim %d make about %.3g parameters and %.3g values, expected at most %d of each", input, c.EmbeddingDim, parameters, values, maxTNNumbers)
	}
}

// filled returns a tensor made by the formula, with elements in [-1, 1).
func (r *tnRunner[T]) filled(name string, shape []int) *tensor.Tensor[T] {
	return filled[T](r.seed, name, shape)
}

// structure compares what exists: units, parameters, connections.
func (r *tnRunner[T]) structure(e *tnEntry, net *published.Network[T]) {
	times := 1
	if net.Config.RecurrenceType != "" {
		times = e.InputShape[1]
	}
	r.rec.numbers("units", net.Units(), e.Units)
	if e.NoGradient == "" {
		r.rec.numbers("units_without_gradient", net.UnitsWithoutGradient(times), e.UnitsWithout)
	}
	if e.Ignored != nil {
		r.rec.numbers("ignored_connections", []int{net.IgnoredConnections()}, []int{*e.Ignored})
	}
	shapes := map[string][]int{}
	for _, p := range nn.Params[T](net) {
		shapes[p.Path] = p.Shape()
	}
	count := len(e.Units) * r.perUnit(e, net)
	for _, p := range e.Other {
		if !slices.Equal(shapes[p.name], p.shape) {
			r.rec.compare(p.name, wrongShape(shapes[p.name], p.shape))
		}
		count += product(p.shape)
	}
	if e.ParamCount != nil {
		r.rec.numbers("param_count", []int{count}, []int{*e.ParamCount})
	}
}

// perUnit returns the number of scalars of a unit.
func (r *tnRunner[T]) perUnit(e *tnEntry, net *published.Network[T]) int {
	d := net.Config.EmbeddingDim
	return d*d + (e.PerUnit-1)*d
}

// numbers compares lists of whole numbers.
func (rec *recorder) numbers(name string, ours, want []int) {
	a, b := make([]float64, len(ours)), make([]float64, len(want))
	for i, v := range ours {
		a[i] = float64(v)
	}
	for i, v := range want {
		b[i] = float64(v)
	}
	rec.series(name, a, b, tolerance{})
}

// compare compares the output, differentiates, and compares the gradients.
func (r *tnRunner[T]) compare(e *tnEntry, net *published.Network[T], x, y *autograd.Var[T]) {
	r.tensor(e, "output", "output", y.Value)
	for _, m := range r.tape.Marks() {
		if m.Name == "motors_stack" && r.file.Has(e.Name+"/motors_stack") {
			// recorded as the keys of an attention
			r.tensor(e, "motors_stack", "motors_stack", m.Var.Value)
		}
	}
	if e.NoGradient != "" {
		if y.RequiresGrad() {
			r.rec.fail("the output is differentiable, that of the reference is not: " + e.NoGradient)
		}
		return
	}
	if !slices.Equal(y.Shape(), e.OutputShape) {
		r.rec.compare("output_shape", wrongShape(y.Shape(), e.OutputShape))
		return
	}
	r.tape.BackwardFrom([]*autograd.Var[T]{y}, []*tensor.Tensor[T]{r.filled("cotangent", e.OutputShape)})
	grads := map[string]*tensor.Tensor[T]{"input": x.Grad()} // nil where there is no gradient
	for _, p := range nn.Params[T](net) {
		grads[p.Path] = p.Grad()
	}
	r.gradients(e, net, grads)
}

// unitParams are the parameters of a unit by their names after unit.V., of which a unit without
// normalisation has the first two.
var unitParams = []string{"weight", "bias", "norm.weight", "norm.bias"}

// gradients compares the gradients, of all parameters by two numbers each and of some in full. A
// parameter that ours does not have, because it reaches no output, has none.
func (r *tnRunner[T]) gradients(e *tnEntry, net *published.Network[T], grads map[string]*tensor.Tensor[T]) {
	for _, name := range e.OtherWithout {
		if grads[name] != nil {
			r.rec.compare("grad "+name, difference{abs: math.Inf(1), rel: math.Inf(1), detail: "there is a gradient, the reference has none"})
		}
	}
	d := net.Config.EmbeddingDim
	var norms, probes []float64
	add := func(name string, shape ...int) {
		norm, probe := 0.0, 0.0
		if g := grads[name]; g != nil {
			norm = math.Sqrt(tensor.SumSquares(g))
			probe = tensor.Dot(g, r.filled("probe/"+name, shape))
		}
		norms, probes = append(norms, norm), append(probes, probe)
	}
	for _, v := range e.Units {
		for i, name := range unitParams[:e.PerUnit] {
			shape := []int{d, d}
			if i > 0 {
				shape = shape[:1]
			}
			add(fmt.Sprintf("unit.%d.%s", v, name), shape...)
		}
	}
	for _, p := range e.Other {
		add(p.name, p.shape...)
	}
	r.series(e, "grad_norm", norms)
	r.series(e, "grad_probe", probes)

	for _, full := range r.file.Names() {
		if name, ok := strings.CutPrefix(full, e.Name+"/grad/"); ok {
			kind := "grad_probe"
			if name == "input" {
				kind = "grad_input"
			}
			r.tensor(e, "grad/"+name, kind, grads[name])
		}
	}
	if len(e.GradUnits) > 0 {
		for _, name := range unitParams[:e.PerUnit] {
			var all []float64
			for _, v := range e.GradUnits {
				if g := grads[fmt.Sprintf("unit.%d.%s", v, name)]; g != nil {
					for _, x := range g.Data() {
						all = append(all, float64(x))
					}
				}
			}
			r.series(e, "grad_units/"+name, all)
		}
	}
}

// series compares a list of numbers with the tensor NAME/what of the reference.
func (r *tnRunner[T]) series(e *tnEntry, what string, ours []float64) {
	r.rec.seriesOf(r.file, e.Name, what, ours, r.bound(e, "grad_probe"))
}

// tensor compares ours with the tensor NAME/what of the reference, within the tolerance that the
// entry has for kind.
func (r *tnRunner[T]) tensor(e *tnEntry, what, kind string, ours *tensor.Tensor[T]) {
	tensorOf(r.rec, r.file, e.Name, what, ours, slices.Equal[[]int], r.bound(e, kind))
}

// bound returns the tolerance of a kind for the numbers of the reference. A case that does not say
// so of the motors means that they agree as well as the outputs.
func (r *tnRunner[T]) bound(e *tnEntry, kind string) func(want []float64) tolerance {
	agreement, given := e.Agreement[kind]
	if !given && kind == "motors_stack" {
		agreement = e.Agreement["output"]
	}
	return func(want []float64) tolerance { return formulaTolerance(want, r.tol, agreement) }
}
