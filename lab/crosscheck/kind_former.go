package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/connectome/tensornet/published"
	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// formerEntry is a transformer, a mixer or a mixture of the published programs, with weights,
// input, cotangent and noise that a formula makes. Its tensors are NAME/...
type formerEntry struct {
	Name       string           `json:"name"`
	Arch       string           `json:"arch"`   // one of formerArchs
	Config     json.RawMessage  `json:"config"` // see formerArchs
	InputShape []int            `json:"input_shape"`
	Labels     []int            `json:"labels"` // the loss is then a cross entropy
	Mode       string           `json:"mode"`   // "train" or "eval"
	Loss       *float64         `json:"loss"`
	Outputs    map[string][]int `json:"outputs"` // shapes, by name
	Params     []formerParam    `json:"params"`
	// of tensor networks, by the prefix of their names
	Units          map[string][]int    `json:"units"`
	ParamCount     int                 `json:"param_count"`
	WithoutNonunit []string            `json:"without_gradient_nonunit"`
	Without        int                 `json:"n_without_gradient"`
	Frozen         int                 `json:"n_frozen"`
	Agreement      map[string]*float64 `json:"agreement"` // of two other programs
	Error          string              `json:"error"`     // with which the reference stops
	Note           string              `json:"note"`      // for people
	ErrorAt        string              `json:"error_at"`  // for people
}

func (e *formerEntry) caseName() string { return e.Name }

func (e *formerEntry) check() error {
	if err := checkAgreement(e.Agreement, formerAgreements); err != nil {
		return err
	}
	if e.Mode != "" && e.Mode != "train" && e.Mode != "eval" {
		return fmt.Errorf("key \"mode\" is %s, expected train or eval", quote.Text(e.Mode))
	}
	switch {
	case e.Error != "" && (len(e.Outputs) > 0 || e.Loss != nil || len(e.Params) > 0):
		return errors.New("key \"outputs\", \"loss\" or \"params\": given beside \"error\", but a refusal has no results")
	case e.Error != "":
		return nil
	case len(e.InputShape) == 0:
		return errors.New("key \"input_shape\": empty")
	case len(e.Outputs) == 0:
		return errors.New("key \"outputs\": empty")
	case len(e.Params) == 0:
		return errors.New("key \"params\": empty")
	case e.Loss == nil:
		return errors.New("key \"loss\": missing")
	}
	return nil
}

// formerAgreements are the keys of formerEntry.Agreement.
var formerAgreements = []string{"output", "grad_input", "grad_probe", "loss"}

// formerParam says how a parameter was made: its elements are offset + scale*u, with u in [-1, 1)
// from the formula for its name. One without a shape stands for the units of a tensor network,
// whose names begin with its own.
type formerParam struct {
	name          string
	shape         []int
	scale, offset float64
}

// UnmarshalJSON reads [name, shape, scale, offset], or ["@units", prefix].
func (p *formerParam) UnmarshalJSON(b []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	into := []any{&p.name, &p.shape, &p.scale, &p.offset}
	units := len(list) == 2 && string(list[0]) == `"@units"`
	if units {
		list, into = list[1:], into[:1]
	}
	if len(list) != len(into) {
		return fmt.Errorf("key \"params\": a list of %d, expected [name, shape, scale, offset] or [\"@units\", prefix]", len(list))
	}
	for i, raw := range list {
		if err := json.Unmarshal(raw, into[i]); err != nil {
			return err
		}
	}
	if !units && len(p.shape) == 0 {
		return fmt.Errorf("key \"params\": %s has no shape", quote.Text(p.name))
	}
	return nil
}

// parameters returns all parameters of the case, with those of units in full.
func (e *formerEntry) parameters() []formerParam {
	var config struct {
		Network struct {
			Width int  `json:"embedding_dim"`
			Norm  bool `json:"norm_tensor_unit"`
		} `json:"tensornet_config"`
	}
	if err := json.Unmarshal(e.Config, &config); err != nil {
		skip("key \"config\": %v", err)
	}
	d, per := config.Network.Width, 2
	if config.Network.Norm {
		per = len(unitParams)
	}
	in := 1 / math.Sqrt(float64(d))
	var all []formerParam
	for _, p := range e.Params {
		if p.shape != nil {
			all = append(all, p)
			continue
		}
		for _, v := range e.Units[p.name] {
			unit := []formerParam{{"weight", []int{d, d}, in, 0}, {"bias", []int{d}, in, 0}, {"norm.weight", []int{d}, .25, 1}, {"norm.bias", []int{d}, .25, 0}}
			for _, u := range unit[:per] {
				u.name = fmt.Sprintf("%s.unit.%d.%s", p.name, v, u.name)
				all = append(all, u)
			}
		}
	}
	return all
}

// agreements leaves out what there is nothing to agree on in.
func (e *formerEntry) agreements() map[string]float64 {
	given := map[string]float64{}
	for key, v := range e.Agreement {
		if v != nil {
			given[key] = *v
		}
	}
	return given
}

// formerMeta says how the numbers of a manifest of kind "former" were made.
type formerMeta struct {
	formulaMeta
	Dtype string `json:"dtype"`
}

// runFormer runs a manifest of kind "former".
func runFormer(m *manifest, rec *recorder) error {
	man, err := readFormula[formerMeta, formerEntry](m)
	if err != nil {
		return err
	}
	limit, err := memory.Limit()
	if err != nil {
		return err
	}
	file, err := m.open()
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	err = eachCase(m, rec, func(e *formerEntry) {
		file.name(e.tensors()...)
		rec.inPrecision(man.Meta.Dtype, func() {
			runFormerAs[float64](e, file, rec, man.Meta.Seed, limit, 0)
		}, func() {
			runFormerAs[float32](e, file, rec, man.Meta.Seed, limit, man.Tolerance.Float32.Rtol)
		})
	})
	if err == nil {
		rec.unnamed(file)
	}
	return err
}

// tensors returns the names of the tensors that belong to the case.
func (e *formerEntry) tensors() []string {
	if e.Error != "" {
		return nil
	}
	names := []string{e.Name + "/grad_norm", e.Name + "/grad_probe", e.Name + "/grad_samples"}
	if e.inputGradient() {
		names = append(names, e.Name+"/grad/input0")
	}
	for name := range e.Outputs {
		names = append(names, e.Name+"/"+name)
	}
	return names
}

// inputGradient reports whether the input has a gradient: a case in which it has none says that
// there is nothing on which two programs could agree.
func (e *formerEntry) inputGradient() bool {
	agreement, given := e.Agreement["grad_input"]
	return !given || agreement != nil
}

// formerRun is a case at work in one element type.
type formerRun[T tensor.Float] struct {
	*formerEntry
	file *tensorFile
	rec  *recorder
	seed uint64
	tol  float64 // relative to the largest element; 0: by the entry

	tape   *autograd.Tape[T]
	model  *formerModel[T]
	params map[string]formerVar[T] // by their names
	x, y   *autograd.Var[T]
	loss   *autograd.Var[T]
}

func runFormerAs[T tensor.Float](e *formerEntry, file *tensorFile, rec *recorder, seed uint64, limit int64, tol float64) {
	r := &formerRun[T]{formerEntry: e, file: file, rec: rec, seed: seed, tol: tol, tape: autograd.NewTape[T]()}
	r.tape.MaxBytes = int(limit)
	r.tape.KeepMarks = true
	r.tape.Training = e.Mode != "eval"
	end := protect(func() error {
		if err := r.build(); err != nil {
			return err
		}
		r.fill()
		return r.forward()
	})
	if e.Error != "" && end.kind == returned {
		r.learns()
		return
	}
	if !rec.judge(end, e.Error) {
		return
	}
	if end := protect(func() error { r.compare(); return nil }); end.kind != returned {
		rec.judge(end, "")
	}
}

// maxFormerNumbers bounds the parameters of a model, whose lengths a manifest names, before any is
// made.
const maxFormerNumbers = 1 << 24

// build makes the model that the configuration describes.
func (r *formerRun[T]) build() error {
	arch := formerArchs[T]()[r.Arch]
	if arch == nil {
		skip("unknown arch %s", quote.Text(r.Arch))
	}
	var err error
	if r.model, err = arch(r.formerEntry); err != nil {
		return err
	}
	r.params, err = r.model.vars()
	return err
}

// fill gives the parameters their values, by the list of the case. Parameters that the list lacks
// may have no gradient.
func (r *formerRun[T]) fill() {
	if r.Error != "" {
		return // no parameters are listed: those that were drawn will do
	}
	for _, p := range r.parameters() {
		v, ours := r.params[p.name]
		if !ours {
			continue
		}
		if n := product(p.shape); n != v.value.Len() {
			skip("parameter %s has shape %v, ours has %v", quote.Text(p.name), p.shape, v.value.Shape())
		}
		published.HashFill(v.value, r.seed, p.name, p.scale, p.offset)
	}
}

// forward computes the output and the loss.
func (r *formerRun[T]) forward() error {
	shape := r.InputShape
	if len(shape) == 0 {
		shape = r.model.input
	}
	r.x = r.tape.Variable(r.filled("input", shape))
	if shape := r.Outputs["noise"]; shape != nil && r.model.mixture != nil {
		noise := r.filled("noise0", shape)
		published.HashFill(noise, r.seed, "noise0", 1.5, 0)
		r.model.mixture.Noise = noise
	}
	r.y = r.model.module.Forward(r.tape, r.x)
	switch {
	case len(r.Labels) > 0:
		r.loss = r.tape.CrossEntropy(r.y, r.Labels, autograd.CrossEntropyOptions[T]{})
	default:
		r.loss = r.tape.Sum(r.tape.Mul(r.y, r.tape.Input(r.filled("cotangent", r.y.Shape()))))
	}
	r.loss = r.tape.WithAddedLosses(r.loss)
	return nil
}

// filled returns a tensor made by the formula, with elements in [-1, 1).
func (r *formerRun[T]) filled(name string, shape []int) *tensor.Tensor[T] {
	return filled[T](r.seed, name, shape)
}

// learns judges a model that the reference cannot run by its loss and its gradients.
func (r *formerRun[T]) learns() {
	r.tape.Backward(r.loss)
	with, all := 0, 0
	for _, v := range r.params {
		if v.frozen {
			continue
		}
		if all++; v.grad() != nil {
			with++
		}
	}
	loss := float64(r.loss.Value.Item())
	if math.IsNaN(loss) || math.IsInf(loss, 0) || r.x.Grad() == nil || !tensor.AllFinite(r.x.Grad()) {
		r.rec.fail(fmt.Sprintf("runs, but with a loss of %v and without a finite gradient of the input; the reference stops: %s", loss, r.Error))
		return
	}
	r.rec.sound(fmt.Sprintf("runs, with a gradient of %d of %d parameters and of the input; the reference stops: %s", with, all, r.Error))
}

// compare compares the outputs and the loss, differentiates, and compares the gradients.
func (r *formerRun[T]) compare() {
	for _, name := range sortedKeys(r.Outputs) {
		v := r.model.output(r.tape, name, r.y)
		if v == nil {
			r.rec.fail("key \"outputs\": " + quote.Text(name) + " is no result of this model")
			continue
		}
		r.tensor(name, "output", v.Value, r.Outputs[name])
	}
	r.rec.series("loss", []float64{float64(r.loss.Value.Item())}, []float64{*r.Loss}, r.bound("loss")([]float64{*r.Loss}))
	r.tape.Backward(r.loss)
	if !r.inputGradient() {
		if r.x.Grad() != nil {
			r.rec.fail("the input has a gradient, that of the reference has none")
		}
	} else {
		r.tensor("grad/input0", "grad_input", r.x.Grad(), r.InputShape)
	}
	r.gradients()
}

// gradients compares those of the parameters, by two numbers and four samples each, and which of
// them there are.
func (r *formerRun[T]) gradients() {
	reference, err := safetensors.Get[float64](r.file.File, r.Name+"/grad_norm")
	if err != nil {
		r.rec.fail(err.Error())
		return
	}
	var norms, probes, samples []float64
	var without []string
	unlisted := maps.Clone(r.params)
	missing, frozen, count := 0, 0, 0
	for i, p := range r.parameters() {
		delete(unlisted, p.name)
		n := product(p.shape)
		if n < 0 {
			skip("parameter %s has shape %v", quote.Text(p.name), p.shape)
		}
		count += n
		v, ours := r.params[p.name]
		var g *tensor.Tensor[T]
		if ours {
			g = v.grad()
		}
		switch {
		case ours && v.frozen:
			frozen++
		case ours && g == nil && i < reference.Len() && reference.Data()[i] != 0:
			// Ours computes no gradient, since the parameter has no influence: the bias of the keys
			// of an attention. What the reference computes must then be rounding errors.
		case g == nil:
			missing++
			if !strings.Contains(p.name, ".unit.") {
				without = append(without, p.name)
			}
		}
		norm, probe := 0.0, 0.0
		at := [4]float64{}
		if g != nil {
			flat := g.Contiguous().Reshape(n)
			norm, probe = math.Sqrt(tensor.SumSquares(flat)), tensor.Dot(flat, r.filled("probe/"+p.name, []int{n}))
			for k, j := range [4]int{0, n / 3, 2 * n / 3, n - 1} {
				at[k] = float64(flat.Data()[j])
			}
		}
		norms, probes, samples = append(norms, norm), append(probes, probe), append(samples, at[:]...)
	}
	for _, prefix := range sortedKeys(r.model.units) {
		r.rec.numbers("units "+prefix, r.model.units[prefix], r.Units[prefix])
	}
	r.rec.numbers("param_count", []int{count}, []int{r.ParamCount})
	r.rec.numbers("n_without_gradient", []int{missing}, []int{r.Without})
	r.rec.numbers("n_frozen", []int{frozen}, []int{r.Frozen})
	if slices.Sort(without); !slices.Equal(without, slices.Sorted(slices.Values(r.WithoutNonunit))) {
		r.rec.fail(fmt.Sprintf("without a gradient are %s, the reference has %s", quote.Names(without), quote.Names(r.WithoutNonunit)))
	}
	for name, v := range unlisted {
		if v.frozen || v.grad() != nil {
			r.rec.fail("key \"params\" does not list " + quote.Text(name))
		}
	}
	r.series("grad_norm", norms)
	r.series("grad_probe", probes)
	r.series("grad_samples", samples)
}

// series compares a list of numbers with the tensor NAME/what of the reference.
func (r *formerRun[T]) series(what string, ours []float64) {
	r.rec.seriesOf(r.file, r.Name, what, ours, r.bound("grad_probe"))
}

// tensor compares ours with the tensor NAME/what of the reference, whose shape the manifest tells.
func (r *formerRun[T]) tensor(what, kind string, ours *tensor.Tensor[T], shape []int) {
	tensorOf(r.rec, r.file, r.Name, what, ours, sameForm, r.bound(kind), shape)
}

// bound returns the tolerance of a kind for the numbers of the reference.
func (r *formerRun[T]) bound(kind string) func(want []float64) tolerance {
	agreement := 0.0
	if v := r.Agreement[kind]; v != nil {
		agreement = *v
	}
	return func(want []float64) tolerance { return formulaTolerance(want, r.tol, agreement) }
}
