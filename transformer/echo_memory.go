package transformer

import (
	"cmp"
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
)

// WorkingMemory is the memory of an Echo State Transformer (Y. Bendi-Ouis and X. Hinaut, arXiv
// 2507.02917): M reservoirs of R neurons side by side, the units, which are run along the tokens.
// Each reads, besides the token, what all units held before: x [B, n, D] -> [B, n, M, D].
//
//	o_m    = Wout_m s_m                                 what unit m holds, of its last state
//	q_m    = Wq_m x[t],  k_mj = Wk_m o_j,  v_mj = Wv_m o_j
//	u_m    = norm(x[t] + sum over j of softmax over j of (q_m k_mj / sqrt(D)) v_mj)
//	a_m    = softmax over m of (l_m u_m / tau)          the leak of each unit, new at every token
//	s_m[t] = (1-a_m) s_m[t-1] + a_m f(r_m W_m s_m[t-1] + Win_m u_m + b_m)
//	y_m[t] = Wout_m s_m[t]
//
// W, Win and b are frozen. Learned are Wq, Wk, Wv, Wout, the norm (root mean square, with weight),
// the leaks' l and tau, and r, which makes the spectral radius of each unit. The leaks of all units
// add up to 1: what one unit takes in, the others keep.
//
// The products are taken in another order than they are written in, with the same result: the
// queries of all tokens are brought to the space of the o_j first, as q_m k_mj = (Wk_mᵀ Wq_m x)
// o_j, so that a step does M*D*D multiplications for them in place of M*M*D*D.
type WorkingMemory[T tensor.Float] struct {
	Query, Key, Value *autograd.Var[T] // [M, D, D]
	Norm              *nn.RMSNorm[T]
	Leak              *autograd.Var[T] // l [M, 1, D]
	LogTemperature    *autograd.Var[T] // [1], tau = exp of it
	LogRadius         *autograd.Var[T] // [M, 1, 1], r = exp of it
	// Weight holds the values of the entries of Pattern [M*R, M*R], the reservoirs along its
	// diagonal.
	Weight  *autograd.Var[T]
	Pattern *tensor.CSR[T]
	Input   *autograd.Var[T] // Win [M, R, D]
	Bias    *autograd.Var[T] // b [M, R, 1], or nil
	Out     *autograd.Var[T] // Wout [M, D, R]

	Activation tensor.Activation // f
	Dropout    float64           // of what the attention gives
}

// newWorkingMemory makes a memory of so many units, whose reservoirs are the groups of a
// description.
func newWorkingMemory[T tensor.Float](k tensor.Key, c esn.Config, units, features int) (*WorkingMemory[T], error) {
	c.Groups = units
	layer, err := reservoirLayer[T](&c, features)
	if err != nil {
		return nil, err
	}
	r := layer.Size() / units
	draw := func(name string, bound float64, shape ...int) *autograd.Var[T] {
		return autograd.NewParam(name, tensor.Uniform[T](k.Sub(name), -bound, bound, shape...))
	}
	square := math.Sqrt(3 / float64(features)) // Glorot's
	m := &WorkingMemory[T]{
		Query: draw("query", square, units, features, features), Key: draw("key", square, units, features, features),
		Value: draw("value", square, units, features, features), Norm: nn.NewRMSNorm[T](features),
		Leak: draw("leak", math.Sqrt(6/float64(features+1)), units, 1, features), LogTemperature: autograd.NewParam("log_temperature", tensor.New[T](1)),
		LogRadius: autograd.NewParam("log_radius", tensor.New[T](units, 1, 1)),
		Input:     autograd.NewBuffer("input", layer.Input.Value.Reshape(units, r, features)),
		Out:       draw("out", math.Sqrt(6/float64(r+features)), units, features, r), Activation: layer.Activation,
	}
	// The radii are spread evenly below that of the description, so that the units differ.
	tensor.FillFunc(m.LogRadius.Value, func(i int) float64 { return math.Log(float64(i+1) / float64(units)) })
	m.Pattern, m.Weight = sparseWeights(layer)
	if layer.Bias != nil {
		m.Bias = autograd.NewBuffer("bias", layer.Bias.Value.Reshape(units, r, 1))
	}
	return m, nil
}

// sparseWeights returns the recurrent weights of a layer as a sparse matrix and its values.
func sparseWeights[T tensor.Float](l *nn.EchoState[T]) (*tensor.CSR[T], *autograd.Var[T]) {
	if l.Pattern != nil {
		return l.Pattern, l.Weight
	}
	n := l.Size()
	ptr, col := make([]int32, n+1), make([]int32, n*n)
	for i := range col {
		col[i] = int32(i % n)
	}
	for i := range ptr {
		ptr[i] = int32(i * n)
	}
	values := l.Weight.Value.Reshape(n * n)
	return tensor.NewCSR(n, n, ptr, col, autograd.Elements(autograd.NewBuffer("weight", values))), autograd.NewBuffer("weight", values)
}

// Units returns M.
func (m *WorkingMemory[T]) Units() int { return m.Out.Value.Dim(0) }

// Forward maps tokens x [B, n, D] to what the units hold after each, [B, n, M, D]. No token has an
// influence on what comes before it.
func (m *WorkingMemory[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	if x.Value.Dims() != 3 || x.Value.Dim(2) != m.Out.Value.Dim(1) {
		tensor.PanicShape("transformer.WorkingMemory", "want tokens [B, n, D]", x.Shape(), m.Out.Shape())
	}
	b, n, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	units, r := m.Units(), m.Out.Value.Dim(2)
	if n == 0 || b == 0 {
		return tp.Input(tp.NewTensor(b, n, units, d))
	}
	step := memoryStep[T]{
		WorkingMemory: m, b: b, radius: tp.Exp(m.LogRadius),
		leak: tp.Div(m.Leak, tp.Exp(m.LogTemperature)),
	}
	x = tp.Permute(x, 1, 0, 2) // [n, B, D]
	queries := m.queries(tp, x)
	zero := tp.NewTensor(units*r, b)
	tensor.Fill(zero, 0)
	held := tp.NewTensor(b, units, d)
	tensor.Fill(held, 0)
	step.state, step.held = tp.Input(zero), tp.Input(held)
	var room [1024]*autograd.Var[T] // on the stack
	all := room[:0]
	for t := range n {
		step.next(tp, row(tp, x, t), row(tp, queries, t))
		all = append(all, step.held)
	}
	return tp.Stack(1, all...)
}

// row returns x[t].
func row[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], t int) *autograd.Var[T] {
	return tp.Squeeze(tp.Slice(x, 0, t, t+1, 1), 0)
}

// queries returns Wk_mᵀ Wq_m x for tokens [n, B, D], as [n, B, M, D].
func (m *WorkingMemory[T]) queries(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	n, b, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	units := m.Units()
	joined := tp.MatMul(tp.Transpose(m.Key, 1, 2), m.Query) // [M, D, D]
	return tp.Reshape(tp.Linear(x, tp.Reshape(joined, units*d, d), nil), n, b, units, d)
}

// memoryStep is a WorkingMemory on its way along the tokens.
type memoryStep[T tensor.Float] struct {
	*WorkingMemory[T]
	b            int
	radius, leak *autograd.Var[T]
	state        *autograd.Var[T] // [M*R, B]
	held         *autograd.Var[T] // o [B, M, D]
}

// next goes on by the tokens x [B, D] with their queries [B, M, D].
func (s *memoryStep[T]) next(tp *autograd.Tape[T], x, queries *autograd.Var[T]) {
	units, r := s.Units(), s.Out.Value.Dim(2)
	y, _ := tp.ScaledDotProductAttention(queries, s.held, s.held, autograd.AttentionOptions[T]{})
	y = tp.GroupedLinear(tp.Permute(y, 1, 0, 2), s.Value, nil) // [M, B, D]
	u := s.Norm.Forward(tp, tp.Add(tp.Dropout(y, s.Dropout), x))
	u = tp.Permute(u, 0, 2, 1) // [M, D, B]
	leak := tp.Softmax(tp.MatMul(s.leak, u), 0)
	z := tp.Reshape(tp.SpMM(s.Pattern, s.state, s.Weight), units, r, s.b)
	z = tp.Add(tp.Mul(z, s.radius), tp.MatMul(s.Input, u))
	if s.Bias != nil {
		z = tp.Add(z, s.Bias)
	}
	before := tp.Reshape(s.state, units, r, s.b)
	state := tp.Add(before, tp.Mul(leak, tp.Sub(tp.Map(s.Activation, z), before)))
	s.state = tp.Reshape(state, units*r, s.b)
	s.held = tp.Permute(tp.MatMul(s.Out, state), 2, 0, 1)
}

// stepBytes counts what every token computes, and queries and results of all.
func (m *WorkingMemory[T]) stepBytes(batch, tokens int) float64 {
	units, d, r := m.Units(), m.Out.Value.Dim(1), m.Out.Value.Dim(2)
	perUnit := 9*d + 2 + units + 8*r // beside the attention, its weights, the leak and the state
	if m.Bias != nil {
		perUnit += r
	}
	return numbers[T](batch*tokens, 2*d+units*(perUnit+2*d))
}

// MemoryDefaults returns the reservoirs of a memory of which nothing is given. As in the authors'
// program a fifth of the weights, of neurons and of input, are there. Their size is ours.
func MemoryDefaults() esn.Config {
	c := esn.Defaults()
	c.Density, c.Scale, c.InputDensity, c.Washout = .2, 1, .2, 0
	return c
}

// completeMemory puts the defaults in the place of a description that is not there.
func completeMemory(c *esn.Config) {
	if c.Topology == "" {
		*c = MemoryDefaults()
	}
	c.Groups = cmp.Or(c.Groups, 1)
}
