package crosscheck

import (
	"strings"

	"elegans/connectome"
	"elegans/esn"
	"elegans/tensor"
)

// esnActivations are the names of the manifests; identity is x times the slope of 1.
var esnActivations = map[string]tensor.UnaryOp{
	"tanh": tensor.OpTanh, "relu": tensor.OpReLU, "sigmoid": tensor.OpSigmoid, "identity": tensor.OpMulScalar,
}

// activation returns the function that a case names.
func (c *esnCase) activation() tensor.UnaryOp {
	name := c.text("activation")
	op, ok := esnActivations[name]
	if !ok {
		skip("unknown activation %q", name)
	}
	return op
}

// states runs a reservoir: the dense one of 20 neurons, a deep one, or the worm.
func (c *esnCase) states() {
	switch {
	case strings.HasPrefix(c.Name, "worm_"):
		c.wormStates()
		return
	case strings.HasPrefix(c.Name, "deep"):
		c.deepStates()
		return
	}
	shared := func(key string) *tensor.Tensor[float64] { return c.of("shared", key) }
	r := &esn.Reservoir[float64]{
		W: esn.Weights[float64]{Dense: shared("W")}, Input: shared("Win"), Bias: shared("bias"), Activation: c.activation(), Slope: 1,
	}
	if c.Params["leak"] == "leak_vector" {
		c.text("leak")
		r.Leak = shared("leak_vector")
	} else {
		r.Leak = vector([]float64{c.number("leak", 1)})
	}
	if c.number("bias", 1) == 0 {
		r.Bias = nil
	}
	var o esn.Options[float64]
	if c.text("feedback") != "" {
		r.Feedback, o.Feedback = shared("Wfb"), shared("y")
	}
	if c.text("noise") != "" {
		o.Noise = shared("noise")
	}
	if c.Name == "initial_state" {
		o.Start = shared("x0")
	}
	u := shared("u")
	got := tensor.New[float64](u.Dim(0), r.Size())
	starts, ends := c.counts("starts", 0), c.counts("ends", u.Dim(0))
	for k, from := range starts {
		x, err := r.Run(u.Slice(0, from, ends[k], 1), o)
		must(err)
		tensor.Copy(got.Slice(0, from, ends[k], 1), x)
	}
	c.compare("states", got)
}

// deepStates runs a stack whose weights the first of the cases holds.
func (c *esnCase) deepStates() {
	const owner = "deep"
	var d esn.Deep[float64]
	leaks := c.numbers("leak")
	for _, e := range c.all {
		if e.Name == owner && len(leaks) == 0 {
			first := &esnCase{esnEntry: e, used: map[string]bool{}}
			leaks = first.numbers("leak")
		}
	}
	if c.Name == owner {
		c.counts("sizes")
		c.activation()
	}
	for l, leak := range leaks {
		k := string(rune('0' + l))
		weights := func(key string) *tensor.Tensor[float64] {
			if c.Name == owner {
				c.used[key+k] = true
			}
			return c.of(owner, key+k)
		}
		d.Layers = append(d.Layers, &esn.Reservoir[float64]{
			W: esn.Weights[float64]{Dense: weights("W")}, Input: weights("Win"), Bias: weights("b"), Leak: vector([]float64{leak}), Activation: esn.Tanh,
		})
		if skip := weights("Wu"); l > 0 && c.Name != owner { // the case that feeds the input to all
			d.Skip = append(d.Skip, skip)
		}
	}
	got, err := d.Run(c.of("shared", "u"))
	must(err)
	c.compare("states", got)
}

// classicalGABA are the neurons that the tables of transmitters behind these cases call GABAergic
// (S. McIntire et al., Nature 364, 1993). The embedded worm has nine more, which were found later.
var classicalGABA = strings.Fields(`AVL DVB RIS RMED RMEL RMER RMEV DD01 DD02 DD03 DD04 DD05 DD06
	VD01 VD02 VD03 VD04 VD05 VD06 VD07 VD08 VD09 VD10 VD11 VD12 VD13`)

// worm returns the matrix of the canonical worm that a case describes.
func (c *esnCase) worm() *tensor.CSR[float64] {
	layers := map[string]esn.Layers{"C": esn.Chemical, "E": esn.Gap, "CE": esn.Both}[c.text("edges")]
	w := esn.Wiring{Count: esn.Count(c.text("weights")), Layers: layers}
	if c.flag("signed") {
		gaba := map[string]bool{}
		for _, name := range classicalGABA {
			gaba[name] = true
		}
		w.Inhibits = func(n *connectome.Neuron) bool { return gaba[n.Name] }
	}
	m, err := esn.FromGraph[float64](connectome.Canonical(), w)
	must(err)
	return m
}

// entries counts the entries that are not 0: a chemical and a gap weight may cancel.
func (c *esnCase) entries(m *tensor.CSR[float64]) {
	if c.Values["nnz"] == nil {
		return
	}
	n := 0
	for _, v := range m.Val {
		if v != 0 {
			n++
		}
	}
	c.value("nnz", float64(n))
}

func (c *esnCase) wormStates() {
	m := c.worm()
	c.entries(m)
	radius, err := esn.SpectralRadius(esn.Weights[float64]{Sparse: m})
	must(err)
	tol := c.tol
	c.tol.Rtol = 1e-10 // the tolerance of a radius, which is not of size 1
	c.value("radius_unscaled", radius)
	c.tol = tol
	scaled := vector(m.Val)
	tensor.Map(tensor.OpMulScalar, scaled, scaled, c.number("spectral_radius", 1)/radius, 0)
	r := &esn.Reservoir[float64]{
		W: esn.Weights[float64]{Sparse: m}, Input: c.of("worm_shared", "Win"), Activation: c.activation(), Slope: 1, Leak: vector([]float64{c.number("leak", 1)}),
	}
	x, err := r.Run(c.of("worm_shared", "u"), esn.Options[float64]{})
	must(err)
	c.compare("final_state", vector(rowOf(x, x.Dim(0)-1)))
}

// spectral computes the radius of a matrix.
func (c *esnCase) spectral() {
	var m *tensor.CSR[float64]
	var err error
	switch {
	case c.Params["edges"] != nil: // of the worm
		m = c.worm()
		c.entries(m)
	case c.Params["weight"] != nil: // a ring
		m, err = esn.Ring[float64](c.count("N", 0), c.number("weight", 0))
	case len(c.Tensors) == 0: // ones above the diagonal
		n := c.count("N", 0)
		ptr, col, val := []int32{0}, []int32{}, []float64{}
		for i := range n {
			for j := i + 1; j < n; j++ {
				col, val = append(col, int32(j)), append(val, 1)
			}
			ptr = append(ptr, int32(len(col)))
		}
		m = tensor.NewCSR(n, n, ptr, col, val)
	default:
		ints := func(key string) (list []int32) {
			c.used[key] = true
			all, err := c.file.Int64s(c.Name + "/" + key)
			must(err)
			for _, v := range all {
				list = append(list, int32(v))
			}
			return list
		}
		n := c.count("N", 0)
		m = tensor.NewCSR(n, n, ints("indptr"), ints("indices"), c.tensor("data").Data())
	}
	must(err)
	radius, err := esn.SpectralRadius(esn.Weights[float64]{Sparse: m})
	must(err)
	c.value("radius", radius)
}
