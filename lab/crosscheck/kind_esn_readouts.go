package crosscheck

import (
	"math"
	"strings"

	"elegans/esn"
	"elegans/tensor"
)

// readouts trains a readout, or a reservoir by itself, on the rows that the cases share.
func (c *esnCase) readouts() {
	kind, _, _ := strings.Cut(c.Name, "_")
	run := map[string]func(){
		"ridge": c.ridge, "rls": c.rls, "lms": c.lms, "force": c.force, "ip": c.plasticity, "nvar": c.nvar,
	}[kind]
	if run == nil {
		skip("no readout begins the name with %q", kind)
	}
	run()
}

func (c *esnCase) ridge() {
	x, y := c.of("shared", "X"), c.of("shared", "Y")
	if c.Tensors["X"] != nil {
		x = c.tensor("X")
	}
	kind := esn.None
	if c.flag("intercept") {
		kind = esn.Centred
	}
	if c.flag("penalise_intercept") {
		kind = esn.Penalised
	}
	s := esn.NewMoments(x.Dim(1), y.Dim(1))
	starts, ends, washout := c.counts("starts", 0), c.counts("ends", x.Dim(0)), c.count("washout_each", 0)
	for k, from := range starts {
		must(s.Add(x.Slice(0, from, ends[k], 1), y.Slice(0, from, ends[k], 1), washout))
	}
	l, err := s.Ridge(c.number("lam", 0), kind)
	must(err)
	if c.Tensors["prediction"] != nil {
		c.compare("prediction", l.Predict(x))
		return
	}
	c.compare("Wout", l.Weight)
	c.compare("bias", l.Bias)
}

func (c *esnCase) rls() {
	x, y := c.of("shared", "X"), c.of("shared", "Y")
	steps, n, m := x.Dim(0), x.Dim(1), y.Dim(1)
	if c.text("bias") != "" { // a constant 1 is the last feature
		n++
	}
	r, err := esn.NewRLS(n, m, c.number("alpha", 0), c.number("forgetting", 0))
	must(err)
	weights := tensor.New[float64](steps, n, m)
	prior, posterior := tensor.New[float64](steps, m), tensor.New[float64](steps, m)
	for t := range steps {
		in := append(append([]float64{}, rowOf(x, t)...), 1)[:n]
		r.Predict(rowOf(prior, t), in)
		r.Update(in, rowOf(y, t))
		r.Predict(rowOf(posterior, t), in)
		copy(rowOf(weights, t), r.Weight.Data())
	}
	c.compare("Wout_steps", weights)
	c.compare("P_final", r.P)
	c.compare("prior", prior)
	c.compare("posterior", posterior)
}

func (c *esnCase) lms() {
	x, y := c.of("shared", "X"), c.of("shared", "Y")
	steps, n, m := x.Dim(0), x.Dim(1), y.Dim(1)
	l := esn.NewLMS(n, m, c.number("eta", 0), c.flag("bias"))
	weights, bias := tensor.New[float64](steps, n, m), tensor.New[float64](steps, m)
	for t := range steps {
		l.Update(rowOf(x, t), rowOf(y, t))
		copy(rowOf(weights, t), l.Weight.Data())
		copy(rowOf(bias, t), l.Bias)
	}
	c.compare("Wout_steps", weights)
	c.compare("bias_steps", bias)
}

func (c *esnCase) force() {
	const owner, learning = "force_shared", 200
	target := c.of(owner, "target")
	f, err := esn.NewForce(c.of(owner, "W"), c.of(owner, "Wfb").Data(), c.of(owner, "x0").Data(),
		c.number("leak", 0), c.number("alpha", 0), c.count("every", 1), c.text("form") == "sussillo")
	must(err)
	z, norm := tensor.New[float64](target.Len()), tensor.New[float64](target.Len())
	for t, v := range target.Data() {
		z.Set(f.Step(t, v, t < learning), t)
		norm.Set(math.Sqrt(tensor.SumSquares(f.Out.Weight)), t)
	}
	c.compare("z", z)
	c.compare("w_norm", norm)
	c.compare("w", f.Out.Weight.Reshape(f.Out.Weight.Len()))
	c.compare("P", f.Out.P)
	c.compare("x_final", vector(f.State()))
}

func (c *esnCase) plasticity() {
	const owner = "ip_shared"
	u := c.of(owner, "u")
	p, err := esn.NewPlasticity(esn.Plasticity{
		W: c.of(owner, "W"), Input: c.of(owner, "Win"), Constant: c.of(owner, "bias").Data(), Leak: c.number("leak", 1),
		Logistic: c.text("activation") == "sigmoid", Mu: c.number("mu", 0), Sigma: c.number("sigma", 0), Rate: c.number("eta", 0),
	})
	must(err)
	n := len(p.Constant)
	gain, bias, states := tensor.New[float64](u.Dim(0), n), tensor.New[float64](u.Dim(0), n), tensor.New[float64](u.Dim(0), n)
	for t := range u.Dim(0) {
		copy(rowOf(states, t), p.Step(rowOf(u, t)))
		copy(rowOf(gain, t), p.Gain)
		copy(rowOf(bias, t), p.Bias)
	}
	c.compare("a", gain)
	c.compare("b", bias)
	c.compare("states", states)
}

func (c *esnCase) nvar() {
	c.used["p order"] = true
	v := esn.NVAR{Delay: c.count("delay", 1), Order: c.count("order", 1), Stride: c.count("stride", 1), Constant: c.flag("constant")}
	u := c.of("nvar_shared", "u")
	got, err := v.Features(u)
	must(err)
	c.compare("features", got)
	var factors []float64
	for _, m := range v.Monomials(u.Dim(1)) {
		for _, k := range m {
			factors = append(factors, float64(k))
		}
	}
	c.used["monomials"] = true
	want, err := c.file.Int64s(c.Name + "/monomials")
	must(err)
	recorded := make([]float64, len(want))
	for i, k := range want {
		recorded[i] = float64(k)
	}
	if len(factors) != len(recorded) {
		c.rec.compare("monomials", wrongShape([]int{len(factors)}, []int{len(recorded)}))
		return
	}
	c.rec.compare("monomials", compare(factors, recorded, tolerance{}))
}

// closedLoop generates a series from the recorded readout, and fits the readout again.
func (c *esnCase) closedLoop() {
	const owner, rows, washout, steps = "mackey_glass_input_loop", 1500, 100, 100
	shared := func(key string) *tensor.Tensor[float64] {
		if c.Name == owner {
			c.used[key] = true
		}
		return c.of(owner, key)
	}
	series := shared("series")
	r := &esn.Reservoir[float64]{
		W: esn.Weights[float64]{Dense: shared("W")}, Bias: c.tensor("bias"), Leak: vector([]float64{c.number("leak", 1)}), Activation: esn.Tanh,
	}
	column := func(from, to int) *tensor.Tensor[float64] {
		return series.Slice(0, from, to, 1).Contiguous().Reshape(to-from, 1)
	}
	var o esn.Options[float64]
	u, target := tensor.New[float64](rows, 0), column(0, rows)
	if c.Name == owner {
		r.Input = c.tensor("Win")
		u, target = column(0, rows-1), column(1, rows)
	} else {
		r.Feedback = c.tensor("Wfb")
		o.Feedback = target
	}
	states, err := r.Run(u, o)
	must(err)
	c.compare("state_last", vector(rowOf(states, states.Dim(0)-1)))
	y, end, err := r.Generate(&esn.Linear{Weight: c.tensor("Wout"), Bias: c.tensor("bias_out")}, c.tensor("state_last"), vector([]float64{series.At(rows - 1)}), steps)
	must(err)
	c.compare("generated", y.Reshape(c.Tensors["generated"]...))
	c.compare("state_final", end)
	kind := esn.None
	if c.flag("intercept") {
		kind = esn.Centred
	}
	own, err := esn.Ridge(states, target, washout, c.number("lam", 0), kind)
	must(err)
	c.within("Wout", own.Weight, c.Retrained.Float64)
	c.within("bias_out", own.Bias, c.Retrained.Float64)
	y, _, err = r.Generate(own, c.tensor("state_last"), vector([]float64{series.At(rows - 1)}), steps)
	must(err)
	c.within("generated", y.Reshape(c.Tensors["generated"]...), c.Retrained.Generated)
}
