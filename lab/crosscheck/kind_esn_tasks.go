package crosscheck

import (
	"fmt"
	"strings"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// tasks makes a series, or measures one.
func (c *esnCase) tasks() {
	switch {
	case strings.HasPrefix(c.Name, "narma"):
		s := task.NARMA{Order: c.count("order", 1), A: c.number("a", 0), B: c.number("b", 0), C: c.number("c", 0), D: c.number("d", 0), Squash: c.flag("squash")}
		c.compare("y", vector(s.Series(c.of("narma_input", "u").Data())))
	case c.Name == "mackey_glass":
		c.fixed("history", 1.2)
		raw, err := task.MackeyGlass(c.Tensors["raw"][0], c.number("tau", 0), 0)
		must(err)
		c.compare("raw", vector(raw))
		c.compare("squashed", vector(task.Squash(raw)))
		later, err := task.MackeyGlass(c.Tensors["raw_after_1000"][0], c.number("tau", 0), 1000)
		must(err)
		c.compare("raw_after_1000", vector(later))
	case c.Name == "henon":
		x := c.tensor("x")
		c.fixed("a", 1.4)
		c.fixed("b", .3)
		next := x.Clone() // row t+1 from the recorded row t: the map is chaotic
		for t := range x.Dim(0) - 1 {
			next.Data()[2*t+2], next.Data()[2*t+3] = task.HenonNext(x.At(t, 0), x.At(t, 1))
		}
		c.compare("x", next)
		c.start(task.Henon(chaoticRows), x)
	case c.Name == "logistic":
		x, r := c.tensor("x"), c.number("r", 0)
		next := x.Clone()
		for t := range x.Len() - 1 {
			next.Set(task.LogisticNext(r, x.At(t)), t+1)
		}
		c.compare("x", next)
		c.start(vector(task.Logistic(chaoticRows, r, c.number("x0", 0))), x)
	case c.Name == "kuramoto_sivashinsky":
		c.compare("x", task.KuramotoSivashinsky(c.Tensors["x"][0]))
	case strings.HasPrefix(c.Name, "mso"):
		c.compare("x", vector(task.MSO(c.Tensors["x"][0], c.numbers("freqs"))))
	case c.Name == "metrics":
		c.metrics()
	case c.Name == "memory_capacity_states":
		c.memory(c.tensor("states"), c.tensor("u"), 40)
	default:
		flow, ok := map[string]task.Flow{
			"lorenz63": task.Lorenz63, "rossler": task.Rossler, "chen": task.Chen, "doublescroll": task.DoubleScroll, "rabinovich_fabrikant": task.RabinovichFabrikant,
			"lorenz96_F8": task.Lorenz96(c.numbers("x0"), 8), "lorenz96_F10": task.Lorenz96(c.numbers("x0"), 10),
		}[c.Name]
		if !ok {
			skip("no series of that name")
		}
		c.compare("x", flow.Series(c.Tensors["x"][0]))
	}
}

// chaoticRows are compared as a whole trajectory; later ones show what one rounding makes of it.
const chaoticRows = 30

// start compares the first rows of a trajectory.
func (c *esnCase) start(got, want *tensor.Tensor[float64]) {
	c.rec.compare("x, first rows", compare(got.Data(), want.Data()[:got.Len()], c.tol))
}

func (c *esnCase) metrics() {
	y, p := c.tensor("y"), c.tensor("prediction")
	column := func(x *tensor.Tensor[float64]) *tensor.Tensor[float64] { return x.Slice(1, 0, 1, 1) }
	for _, part := range []struct {
		key  string
		y, p *tensor.Tensor[float64]
	}{{"all_columns", y, p}, {"column0", column(y), column(p)}} {
		e, err := task.Compare(part.y, part.p)
		must(err)
		for _, m := range []struct {
			key string
			got float64
		}{{"mse", e.MSE}, {"rmse", e.RMSE()}, {"mae", e.MAE}, {"nmse", e.NMSE}, {"nrmse", e.NRMSE()}, {"r2", e.R2()}} {
			c.value(part.key+"."+m.key, m.got)
		}
	}
	c.value("vpt.steps", float64(task.ValidRows(y, p, task.Deviations(y), .5)))
}

// memory measures the memory capacity for lags from 1.
func (c *esnCase) memory(states, u *tensor.Tensor[float64], most int) {
	var lags []int
	for k := 1; k <= most; k++ {
		lags = append(lags, k)
	}
	if !c.flag("intercept") {
		skip("a memory capacity without intercept")
	}
	got, err := esn.MemoryCapacity(states, u.Data(), lags, c.count("washout", 0), c.count("ntrain", 0), c.number("lam", 0))
	must(err)
	c.compare("capacity", vector(got))
	total := 0.0
	for _, v := range got {
		total += v
	}
	tol := c.tol
	c.tol.Atol *= float64(most)
	c.value("total", total)
	c.tol = tol
}

// capacity measures the reservoir that the first case holds.
func (c *esnCase) capacity() {
	const owner = "reservoir"
	in := c.of(owner, "Win")
	for _, e := range c.all {
		if e.Name == owner {
			scale, _ := e.Params["input_scaling"].(float64)
			tensor.Map(tensor.OpMulScalar, in, in, scale, 0)
		}
	}
	r := &esn.Reservoir[float64]{W: esn.Weights[float64]{Dense: c.of(owner, "W")}, Input: in, Bias: c.of(owner, "bias"), Activation: esn.Tanh}
	if c.Name == "ranks" {
		c.ranks(r)
		return
	}
	u := c.of(owner, "u")
	states, err := r.Run(u.Reshape(u.Len(), 1), esn.Options[float64]{})
	must(err)
	if c.Name == "memory_capacity" {
		c.memory(states, u, c.Tensors["capacity"][0])
		return
	}
	var most []int
	for d := 1; ; d++ {
		limits, _ := c.Params["max_delay"].(map[string]any)
		v, ok := limits[fmt.Sprint(d)].(float64)
		if !ok {
			break
		}
		most = append(most, int(v))
	}
	list, threshold, err := esn.ProcessingCapacity(states, u.Data(), c.count("washout", 0), most)
	must(err)
	c.value("threshold", threshold)
	for _, p := range list {
		c.compare(fmt.Sprintf("degree%d", p.Degree), vector(p.Capacity))
		c.value(fmt.Sprintf("per_degree.%d.functions", p.Degree), float64(len(p.Functions)))
		c.value(fmt.Sprintf("per_degree.%d.raw", p.Degree), p.Raw)
		c.value(fmt.Sprintf("per_degree.%d.kept", p.Degree), p.Kept)
	}
}

// ranks runs every stream, as it is and with a common end.
func (c *esnCase) ranks(r *esn.Reservoir[float64]) {
	streams, end := c.tensor("streams"), c.tensor("common_suffix").Data()
	for _, kind := range []string{"kernel", "generalisation"} {
		last := tensor.New[float64](r.Size(), streams.Dim(0))
		for k := range streams.Dim(0) {
			u := append([]float64{}, rowOf(streams, k)...)
			if kind == "generalisation" {
				copy(u[len(u)-len(end):], end)
			}
			x, err := r.Run(tensor.FromSlice(u, len(u), 1), esn.Options[float64]{})
			must(err)
			for i, v := range rowOf(x, len(u)-1) {
				last.Set(v, i, k)
			}
		}
		got, err := esn.RanksOf(last)
		must(err)
		top := got.Singular[0]
		c.within("singular_"+kind, vector(got.Singular), tolerance{Atol: c.tol.Atol * top})
		c.value(kind+".rank_numeric", float64(got.Numeric))
		c.value(kind+".rank_1e6", float64(got.Millionth))
		c.value(kind+".rank_1e2", float64(got.Hundredth))
		c.value(kind+".effective_rank", got.Effective)
	}
}
