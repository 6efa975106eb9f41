package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/internal/quote"
	"elegans/tensor"
)

// m2Full is a manifest of full width.
type m2Full struct {
	m2Manifest
	Parameters int `json:"parameters"`
	Trainable  int `json:"trainable"`
	FillCheck  map[string]struct {
		First []float64 `json:"first4"`
		Last  float64   `json:"last"`
		L2    float64   `json:"l2"`
	} `json:"fill_check"`
	Float32  *m2Stats    `json:"float32"`
	Float64  *m2Stats    `json:"float64"`
	Upstream *m2Upstream `json:"upstream_keras_float32"`
}

// m2Upstream is a run of the published program itself, by Keras in float32.
type m2Upstream struct {
	Losses []float64       `json:"losses_before_each_step"`
	Norms  json.RawMessage `json:"l2_after_5"`
	Note   string          `json:"note"`
}

// m2Stats is a recorded run in one element type.
type m2Stats struct {
	Loss          m2Loss `json:"loss"`
	Intermediates map[string]struct {
		Shape  []int   `json:"shape"`
		Mean   float64 `json:"mean"`
		Std    float64 `json:"std"`
		L2     float64 `json:"l2"`
		AbsMax float64 `json:"absmax"`
	} `json:"intermediates"`
	AttentionMax float64 `json:"attention_max_mean"`
	Gradients    map[string]struct {
		L2    float64   `json:"l2"`
		Index []int     `json:"index"`
		Value []float64 `json:"value"`
	} `json:"gradients"`
	ZeroDense int      `json:"tn_dense_with_zero_gradient"`
	Adam      []m2Loss `json:"adam_losses"`
	AdamEcho  []m2Loss `json:"adam_echo_losses"`
}

// check refuses a run that leaves nothing to compare, and lists that do not belong together.
func (s *m2Stats) check() error {
	for key, n := range map[string]int{"intermediates": len(s.Intermediates), "gradients": len(s.Gradients), "adam_losses": len(s.Adam), "adam_echo_losses": len(s.AdamEcho)} {
		if n == 0 {
			return fmt.Errorf("key %q: empty", key)
		}
	}
	for name, g := range s.Gradients {
		if len(g.Index) != len(g.Value) {
			return fmt.Errorf("key \"gradients\", tensor %s: %d indices and %d values", quote.Text(name), len(g.Index), len(g.Value))
		}
	}
	return nil
}

// saturated reports whether the softmax is one-hot. Then the gradients of queries and keys are
// rounding noise in float32, and so is what Adam makes of them: float32 gradients and Keras' own
// later losses are not comparable.
func (s *m2Stats) saturated() bool { return s.AttentionMax > 0.5 }

// m2FullTolerance bounds differences: of outputs, losses, and relative ones (see statistics and
// sampled).
type m2FullTolerance struct {
	Outputs       float64 `json:"outputs_abs"`
	Intermediates float64 `json:"intermediates_rel"`
	Loss          float64 `json:"loss_abs"`
	Gradients     float64 `json:"gradients_rel"`
	Adam          floats  `json:"adam_losses_abs"` // by step, the last holds on
	Note          string  `json:"note"`
}

// check refuses what is no bound.
func (t *m2FullTolerance) check(h *head) error {
	if len(t.Adam) == 0 {
		return errors.New("key \"adam_losses_abs\": missing")
	}
	for _, v := range t.Adam {
		if err := h.bound("adam_losses_abs", v); err != nil {
			return err
		}
	}
	return h.bounds(map[string]float64{"outputs_abs": t.Outputs, "intermediates_rel": t.Intermediates, "loss_abs": t.Loss, "gradients_rel": t.Gradients})
}

func runM2Full(m *manifest, file *tensorFile, rec *recorder) error {
	var man m2Full
	if err := m.decode("", m.raw, &man); err != nil {
		return err
	}
	var tol struct {
		Float64 m2FullTolerance `json:"float64"`
		Float32 m2FullTolerance `json:"float32"`
	}
	if err := m.decode("tolerance", m.Tolerance, &tol); err != nil {
		return err
	}
	if err := tol.Float64.check(&m.head); err != nil {
		return m.errorf("tolerance.float64: %w", err)
	}
	if err := tol.Float32.check(&m.head); err != nil {
		return m.errorf("tolerance.float32: %w", err)
	}
	if man.Float32 == nil || man.Float64 == nil {
		return m.errorf("keys \"float32\" and \"float64\": expected runs in both element types")
	}
	if len(man.FillCheck) == 0 {
		return m.errorf("key \"fill_check\": empty, expected some weights")
	}
	for key, s := range map[string]*m2Stats{"float32": man.Float32, "float64": man.Float64} {
		if err := s.check(); err != nil {
			return m.errorf("%s: %w", key, err)
		}
	}
	if err := fullCases[float32](m, &man, man.Float32, tol.Float32, file, rec, "float32"); err != nil {
		return err
	}
	return fullCases[float64](m, &man, man.Float64, tol.Float64, file, rec, "float64")
}

// fullCases compares the runs in one element type.
func fullCases[T tensor.Float](m *manifest, man *m2Full, s *m2Stats, tol m2FullTolerance, file *tensorFile, rec *recorder, dtype string) error {
	r, err := newM2Run[T](&man.m2Manifest, file, rec)
	if err != nil {
		return m.errorf("%w", err)
	}
	defer r.free()
	rec.begin("weights " + dtype)
	r.fillCheck(man)
	rec.begin("step " + dtype)
	r.stepStats(s, tol, dtype)
	rec.begin("adam " + dtype)
	if dtype == "float32" && man.Upstream != nil {
		r.upstream(man.Upstream.Losses, s, tol)
	}
	for _, c := range []struct {
		name   string
		losses []m2Loss
	}{{"adam", s.Adam}, {"adam echo", s.AdamEcho}} {
		if c.name == "adam echo" {
			rec.begin("adam echo " + dtype)
			r.model.Freeze()
		}
		if err := r.start(); err != nil {
			return m.errorf("%w", err)
		}
		debug.FreeOSMemory() // the moments of the last training are as large as the model, twice
		r.adam(optim.AdamKerasDefaults(), c.losses, tol.Adam, func() {})
	}
	return nil
}

// fillCheck compares the size of the model and some weights, bit for bit, so that a difference of
// the formula is told from one of the model.
func (r *m2Run[T]) fillCheck(man *m2Full) {
	all := 0
	for _, p := range nn.Params[T](r.model) {
		all += p.Value.Len()
	}
	r.rec.series("parameters, trainable", []float64{float64(all), float64(nn.Count[T](r.model))}, []float64{float64(man.Parameters), float64(man.Trainable)}, tolerance{})
	checked := 0
	for _, k := range r.model.Keras() {
		want, recorded := man.FillCheck[k.Name]
		if !recorded {
			continue
		}
		checked++
		v := widen(k.Value())
		if len(want.First) > len(v) {
			r.rec.compare("weight "+k.Name, wrongShape(k.Value().Shape(), []int{len(want.First)}))
			continue
		}
		r.rec.series("weight "+k.Name, append(slices.Clone(v[:len(want.First)]), v[len(v)-1]), append(slices.Clone(want.First), want.Last), tolerance{})
		r.rec.series("weight "+k.Name+" l2", []float64{norm(v)}, []float64{want.L2}, tolerance{Rtol: 1e-12})
	}
	if checked != len(man.FillCheck) {
		r.rec.fail(fmt.Sprintf("%d of the %d tensors of fill_check are in the model", checked, len(man.FillCheck)))
	}
}

// stepStats compares one pass forward and backward.
func (r *m2Run[T]) stepStats(s *m2Stats, tol m2FullTolerance, dtype string) {
	r.tape.Training = false
	logits, _ := r.forward()
	r.against("inference dec.out", "output.inference."+dtype, r.layout("dec.out", r.tape.Sigmoid(logits).Value), within(tol.Outputs))

	r.tape.Training, r.tape.KeepMarks = true, true
	_, loss := r.forward()
	known := 0
	for _, mark := range r.tape.Marks() {
		want, recorded := s.Intermediates[mark.Name]
		if mark.Name == "dec.out" {
			r.against("dec.out", "output.training."+dtype, r.layout("dec.out", mark.Var.Value), within(tol.Outputs))
		}
		if mark.Name == "mha.attention" {
			largest, _ := attentionStats(r.layout(mark.Name, mark.Var.Value))
			mean := 0.0
			for _, v := range widen(largest) {
				mean += v / float64(largest.Len())
			}
			r.rec.series("mha.attention.max mean", []float64{mean}, []float64{s.AttentionMax}, tolerance{Rtol: tol.Intermediates})
		}
		if !recorded {
			continue
		}
		known++
		t := r.layout(mark.Name, mark.Var.Value)
		if !slices.Equal(t.Shape(), want.Shape) {
			r.rec.compare(mark.Name, wrongShape(t.Shape(), want.Shape))
			continue
		}
		r.rec.compare(mark.Name, statistics(widen(t), [4]float64{want.Mean, want.Std, want.L2, want.AbsMax}, tol.Intermediates))
	}
	if known != len(s.Intermediates) {
		r.rec.fail(fmt.Sprintf("%d of the %d recorded intermediates are in the model", known, len(s.Intermediates)))
	}
	for i, v := range values(loss) {
		r.rec.series(termNames[i], []float64{v}, s.Loss.terms()[i:i+1], tolerance{Atol: tol.Loss})
	}

	r.tape.KeepMarks = false
	_, loss = r.forward() // without the copies that marks need
	r.tape.Backward(loss.Total)
	known, zero := 0, 0
	for _, k := range r.model.Keras() {
		want, recorded := s.Gradients[k.Name]
		if !recorded {
			continue
		}
		known++
		g := gradient(&k)
		if isUnit := strings.HasPrefix(k.Name, "tn.inter.") || strings.HasPrefix(k.Name, "tn.motor."); isUnit && k.FanIn > 0 && norm(g) == 0 {
			zero++
		}
		if dtype == "float64" || !s.saturated() {
			r.rec.compare("grad "+k.Name, sampled(g, want.L2, want.Index, want.Value, tol.Gradients))
		}
	}
	if known != len(s.Gradients) {
		r.rec.fail(fmt.Sprintf("%d of the %d recorded gradients are in the model", known, len(s.Gradients)))
	}
	r.rec.series("units without gradient", []float64{float64(zero)}, []float64{float64(s.ZeroDense)}, tolerance{})
	r.zeroGrad()
}

// statistics compares mean, standard deviation, Euclidean norm and largest absolute value of a
// tensor. Differences of mean and deviation are relative to the root mean square, of which the mean
// may be a small rest; the others to themselves.
func statistics(x []float64, want [4]float64, share float64) difference {
	n := float64(len(x))
	mean, top := 0.0, 0.0
	for _, v := range x {
		mean += v / n
		top = max(top, math.Abs(v))
	}
	variance := 0.0
	for _, v := range x {
		variance += (v - mean) * (v - mean) / n
	}
	rms := want[2] / math.Sqrt(n)
	d := difference{within: true}
	for i, v := range []struct {
		name        string
		ours, scale float64
	}{{"mean", mean, rms}, {"std", math.Sqrt(variance), rms}, {"l2", norm(x), want[2]}, {"absmax", top, want[3]}} {
		d.check(v.name, v.ours, want[i], v.scale, share)
	}
	return d
}

// sampled compares the Euclidean norm of a gradient and some of its elements. Differences of
// elements are relative to the element or the root mean square, whichever is larger.
func sampled(g []float64, l2 float64, index []int, value []float64, share float64) difference {
	d := difference{within: true}
	d.check("l2", norm(g), l2, l2, share)
	for i, at := range index {
		if at < 0 || at >= len(g) || i >= len(value) {
			return wrongShape([]int{len(g)}, []int{at})
		}
		d.check(fmt.Sprintf("element %d", at), g[at], value[i], max(math.Abs(value[i]), l2/math.Sqrt(float64(len(g)))), share)
	}
	return d
}

// check adds one number to a difference, whose relative part is the largest difference over scale.
func (d *difference) check(name string, ours, want, scale, share float64) {
	off := math.Abs(ours - want)
	if off == 0 {
		return
	}
	rel := math.Inf(1)
	if scale > 0 {
		rel = off / scale
	}
	d.abs, d.rel = max(d.abs, off), max(d.rel, rel)
	if !(off <= share*scale) {
		d.within = false
		d.detail = fmt.Sprintf("%s is %v, the reference has %v", name, ours, want)
	}
}

// upstream compares with the losses of the published program itself, run by Keras in float32: three
// of them, or one if the softmax is saturated.
func (r *m2Run[T]) upstream(losses []float64, s *m2Stats, tol m2FullTolerance) {
	n := min(3, len(losses))
	if s.saturated() {
		n = min(1, n)
	}
	if err := r.start(); err != nil {
		r.rec.fail(err.Error())
		return
	}
	opt := optim.Adam(nn.Trainable[T](r.model), optim.AdamKerasDefaults())
	for step := range n {
		opt.ZeroGrad()
		_, loss := r.forward()
		r.rec.series(fmt.Sprintf("Keras' loss before step %d", step), values(loss)[:1], losses[step:step+1], tolerance{Atol: tol.Adam[min(step, len(tol.Adam)-1)]})
		r.tape.Backward(loss.Total)
		opt.Step()
	}
	opt.ZeroGrad()
}
