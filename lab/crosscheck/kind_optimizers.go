package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/autograd/optim"
	"elegans/internal/quote"
	"elegans/tensor"
)

// optimizerEntry is a trajectory: an optimiser at work on the problem in the head of the manifest.
type optimizerEntry struct {
	Name          string          `json:"name"`
	Optimizer     string          `json:"optimizer"`
	Options       json.RawMessage `json:"options"`
	LossBefore    []float64       `json:"loss_before_step"`
	ParamsAfter   [][]float64     `json:"params_after_step"`
	FinalLoss     *float64        `json:"final_loss"`
	Averaged      []float64       `json:"averaged_params"`
	ClipGradValue *float64        `json:"clip_grad_value"`
	ClipGradNorm  *struct {
		MaxNorm     float64   `json:"max_norm"`
		NormType    normType  `json:"norm_type"`
		TotalBefore []float64 `json:"total_norm_before"`
	} `json:"clip_grad_norm"`
	Error string `json:"error"` // with which the reference refuses
	Note  string `json:"note"`  // for people
}

func (e *optimizerEntry) caseName() string { return e.Name }

func (e *optimizerEntry) check() error {
	steps := len(e.ParamsAfter)
	switch {
	case e.Optimizer == "":
		return errors.New("key \"optimizer\": missing")
	case steps == 0 && e.Error == "":
		return errors.New("key \"params_after_step\": empty, expected at least one step")
	case len(e.LossBefore) != steps:
		return fmt.Errorf("key \"loss_before_step\": %d numbers for %d steps", len(e.LossBefore), steps)
	case e.Error != "" && steps > 0:
		return errors.New("key \"params_after_step\": given beside \"error\", but a refusal has no steps")
	case e.ClipGradNorm != nil && len(e.ClipGradNorm.TotalBefore) != steps:
		return fmt.Errorf("key \"clip_grad_norm.total_norm_before\": %d numbers for %d steps", len(e.ClipGradNorm.TotalBefore), steps)
	}
	return nil
}

// normType is the p of a p-norm, a number or "inf".
type normType float64

// UnmarshalJSON accepts a number or "inf".
func (n *normType) UnmarshalJSON(b []byte) error {
	if string(b) == `"inf"` {
		*n = normType(math.Inf(1))
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

// problem is the function f(p) = sum_i a_i/2*(p_i-c_i)^2 + sum_i b_i/4*p_i^4 + coupling*sum_i
// p_i*p_{i+1}; w and v are the two tensors that p is made of.
type problem struct {
	A        []float64 `json:"a"`
	B        []float64 `json:"b"`
	C        []float64 `json:"c"`
	P0       []float64 `json:"p0"`
	Coupling float64   `json:"coupling"`
	Shapes   struct {
		W []int `json:"w"`
		V []int `json:"v"`
	} `json:"shapes"`
}

func (q *problem) check() error {
	n := len(q.P0)
	if n == 0 || len(q.A) != n || len(q.B) != n || len(q.C) != n {
		return fmt.Errorf("a, b, c and p0 have %d, %d, %d and %d elements, expected the same number", len(q.A), len(q.B), len(q.C), n)
	}
	if w, v := product(q.Shapes.W), product(q.Shapes.V); w < 0 || v < 0 || w+v != n {
		return fmt.Errorf("shapes %v and %v do not hold %d elements", q.Shapes.W, q.Shapes.V, n)
	}
	return nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 1<<20 {
			return -1
		}
		if n *= d; n > 1<<27 {
			return -1
		}
	}
	return n
}

// loss returns f(p) and writes its gradient.
func (q *problem) loss(p, grad []float64) float64 {
	f := 0.0
	for i, x := range p {
		d := x - q.C[i]
		f += q.A[i]/2*d*d + q.B[i]/4*x*x*x*x
		grad[i] = q.A[i]*d + q.B[i]*x*x*x
		if i > 0 {
			f += q.Coupling * p[i-1] * x
			grad[i] += q.Coupling * p[i-1]
		}
		if i+1 < len(p) {
			grad[i] += q.Coupling * p[i+1]
		}
	}
	return f
}

func runOptimizers(m *manifest, rec *recorder) error {
	tol, err := m.single()
	if err != nil {
		return err
	}
	var man struct {
		head
		Meta struct {
			Torch   string  `json:"torch"` // its version
			Dtype   string  `json:"dtype"` // float64, the only one
			Problem problem `json:"problem"`
		} `json:"meta"`
	}
	if err := m.decode("", m.raw, &man); err != nil {
		return err
	}
	q := &man.Meta.Problem
	if err := q.check(); err != nil {
		return m.errorf("key \"meta.problem\": %w", err)
	}
	if man.Meta.Dtype != "" && man.Meta.Dtype != "float64" {
		return m.errorf("key \"meta.dtype\" is %s, expected float64", quote.Text(man.Meta.Dtype))
	}
	return eachCase(m, rec, func(e *optimizerEntry) { rec.trajectory(e, q, tol) })
}

// trajectory runs an optimiser for as many steps as were recorded and compares parameters, losses
// and norms.
func (rec *recorder) trajectory(e *optimizerEntry, q *problem, tol tolerance) {
	if end := protect(func() error { rec.steps(e, q, tol); return nil }); end.kind != returned {
		rec.fail(end.text)
	}
}

func (rec *recorder) steps(e *optimizerEntry, q *problem, tol tolerance) {
	p, g := append([]float64{}, q.P0...), make([]float64, len(q.P0))
	cut := product(q.Shapes.W)
	w := autograd.NewParam("w", tensor.FromSlice(p[:cut], q.Shapes.W...))
	v := autograd.NewParam("v", tensor.FromSlice(p[cut:], q.Shapes.V...))
	opt, err := optim.New(e.Optimizer, []*autograd.Var[float64]{w, v}, e.Options)
	if !rec.made(err, e.Error) {
		return
	}
	var params, losses, norms []float64
	var want []float64
	for step, row := range e.ParamsAfter {
		if len(row) != len(p) {
			rec.fail(fmt.Sprintf("params_after_step[%d] has %d numbers, the problem %d", step, len(row), len(p)))
			return
		}
		losses = append(losses, q.loss(p, g))
		copy(w.GradSum().Data(), g[:cut])
		copy(v.GradSum().Data(), g[cut:])
		if c := e.ClipGradNorm; c != nil {
			norms = append(norms, optim.ClipNorm(opt.Params(), c.MaxNorm, float64(c.NormType)))
		}
		if c := e.ClipGradValue; c != nil {
			optim.ClipValue(opt.Params(), *c)
		}
		opt.Step()
		opt.ZeroGrad()
		params = append(params, p...)
		want = append(want, row...)
	}
	rec.series("params", params, want, tol)
	rec.series("loss", losses, e.LossBefore, tol)
	if e.FinalLoss != nil {
		rec.series("final_loss", []float64{q.loss(p, g)}, []float64{*e.FinalLoss}, tol)
	}
	if e.ClipGradNorm != nil {
		rec.series("total_norm", norms, e.ClipGradNorm.TotalBefore, tol)
	}
	if e.Averaged != nil {
		var a []float64
		for _, x := range opt.Params() {
			if t := opt.StateTensor(x, "ax"); t != nil {
				a = append(a, t.Data()...)
			}
		}
		rec.series("averaged_params", a, e.Averaged, tol)
	}
}

// series compares two lists of numbers.
func (rec *recorder) series(name string, ours, want []float64, tol tolerance) {
	if len(ours) != len(want) {
		rec.compare(name, wrongShape([]int{len(ours)}, []int{len(want)}))
		return
	}
	rec.compare(name, compare(ours, want, tol))
}
