package published

import (
	"fmt"
	"math"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// pooling is an attention_type taken apart.
type pooling struct {
	attends bool // there is an attention
	self    bool // the motor neurons first attend to each other: K' = K + A(K, K)
	// what makes one vector of K': "attend", "sum", "avg", "max", "lstm", or "" for nothing
	pool    string
	learned bool // the query is a parameter, not x
	skip    bool // x is added
}

// head takes the attention_type apart. Words that a variant does not know mean "self" to it.
func (c *Config) head() pooling {
	word, h := c.AttentionType, pooling{attends: true}
	if variants[c.Variant].poolings {
		switch word {
		case NoAttnSum, NoAttnAvg, NoAttnMax, NoAttnLSTM:
			return pooling{pool: strings.TrimPrefix(string(word), "no-attn-")}
		case LearnQCross, LearnQCrossSkip, LearnQSelfCross:
			word = AttentionType(strings.TrimPrefix(string(word), "learn-q-"))
			h.learned = true
		}
	}
	switch word {
	case Cross:
		h.pool = "attend"
	case CrossSkip:
		h.pool, h.skip = "attend", true
	case SelfCross:
		h.pool, h.skip, h.self = "attend", true, true
	default:
		h.self = true
	}
	return h
}

// Pools reports whether the motor neurons' values become one vector, as they do unless
// attention_type is "self" or an unknown word.
func (c *Config) Pools() bool { return c.head().pool != "" }

// Forward maps x to y; d is embedding_dim.
//
//	x [batch, input_dim]        ->  [batch, d]
//	x [batch, time, input_dim]  ->  [batch, time, d] with input_sequences,
//	                                [batch, d] with recurrence_type
//	x [batch, sensory*input_dim]  ->  [batch, d] with EachSensor
//
// Where the motor neurons keep a row each (attention_type "self" and unknown words), that is
// [batch, motors, d], [batch*time, motors, d] with input_sequences "independent", [batch,
// motors*time, d] with "mix"; a pooling without attention gives [batch, d] with "mix".
//
// The motor neurons' values K are pooled as attention_type says, with A for the attention, p for a
// learned query:
//
//	cross, cross-skip                  A(x, K), A(x, K) + x
//	self, and any unknown word         K + A(K, K), in which each motor neuron keeps a row:
//	                                   [.., motors, d]
//	self-cross                         A(x, K') + x with K' = K + A(K, K)
//	learn-q-cross, -cross-skip,        the same with p in place of the query x
//	   -self-cross
//	no-attn-sum, -avg, -max            over the motor neurons
//	no-attn-lstm                       the last state of an LSTM that runs over the motor neurons
//
// With input_sequences "independent" each step is an example of its own; with "mix" the query of
// each step attends to the motor neurons of all steps, and a pooling without query takes all steps
// together.
func (n *Network[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	c := &n.Config
	n.checkInput(x)
	if c.Reservoir {
		x = tp.Input(x.Value)
	}
	if c.EachSensor {
		x = tp.Reshape(x, x.Value.Dim(0), n.inputs, c.InputDim)
	}
	if n.Projection != nil {
		x = n.Projection.Forward(tp, x)
		tp.Mark("projection", x)
	}
	var y *autograd.Var[T]
	switch {
	case c.EachSensor:
		y = n.normOut(tp, n.pooled(tp, tp.Mean(x, 1), tp.Permute(x, 1, 0, 2)), 0)
	case c.RecurrenceType != "":
		y = n.recurrent(tp, x)
	case c.InputSequences == Mix:
		y = n.normOut(tp, n.mix(tp, x), 0)
	case c.InputSequences == Independent:
		batch, time, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
		y = n.normOut(tp, n.single(tp, tp.Reshape(x, batch*time, d)), 0)
		if y.Value.Dims() == 2 {
			y = tp.Reshape(y, batch, time, d)
		}
	default:
		y = n.normOut(tp, n.single(tp, x), 0)
	}
	tp.Mark("output", y)
	return y
}

func (n *Network[T]) checkInput(x *autograd.Var[T]) {
	c, dims, form := &n.Config, 2, "[batch, %d], not empty"
	if c.InputSequences != "" || c.RecurrenceType != "" {
		dims, form = 3, "[batch, time, %d], not empty"
	}
	if x.Value.Dims() != dims || x.Value.Dim(-1) != n.Inputs() || x.Value.Len() == 0 {
		tensor.PanicShape("published.Network",
			fmt.Sprintf("variant %q with input_sequences %q and recurrence_type %q wants "+form, c.Variant, c.InputSequences, c.RecurrenceType, n.Inputs()), x.Shape())
	}
}

// single is the network for x [batch, d] up to the output normalisation.
func (n *Network[T]) single(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return n.pooled(tp, x, tp.Reshape(x, 1, x.Value.Dim(0), x.Value.Dim(1)))
}

// pooled sends signals, as run takes them, through the graph and pools the motor neurons for the
// queries x [batch, d].
func (n *Network[T]) pooled(tp *autograd.Tape[T], x, signals *autograd.Var[T]) *autograd.Var[T] {
	batch, d := x.Value.Dim(0), x.Value.Dim(1)
	keys := tp.Reshape(n.run(tp, signals), batch, len(n.Motors), d)
	tp.Mark("motors_stack", keys)
	return n.pool(tp, tp.Reshape(x, batch, 1, d), keys)
}

// mix is the network for x [batch, time, d] whose steps share their motor neurons, of which the
// time runs faster than the neuron.
func (n *Network[T]) mix(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	batch, time, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	keys := tp.Reshape(n.run(tp, tp.Reshape(x, 1, batch*time, d)), batch, time, len(n.Motors), d)
	keys = tp.Reshape(tp.Permute(keys, 0, 2, 1, 3), batch, len(n.Motors)*time, d)
	tp.Mark("motors_stack", keys)
	return n.pool(tp, x, keys)
}

// recurrent is the network for x [batch, time, d] whose neurons keep their values from step to
// step.
func (n *Network[T]) recurrent(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	batch, time, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	xs := tp.Permute(x, 1, 0, 2)
	keys := n.run(tp, xs)
	if tp.KeepMarks {
		tp.Mark("motors_stack", tp.Reshape(tp.Slice(keys, 0, 0, 1, 1), batch, len(n.Motors), d))
	}
	first := 0
	if n.Config.RecurrenceType == Last {
		first = time - 1
		xs, keys = tp.Slice(xs, 0, first, time, 1), tp.Slice(keys, 0, first, time, 1)
	}
	left := time - first
	y := n.pool(tp, tp.Reshape(xs, left*batch, 1, d), tp.Reshape(keys, left*batch, len(n.Motors), d))
	shape := append([]int{left, batch}, y.Shape()[1:]...)
	y = tp.Reshape(y, shape...)
	steps := make([]*autograd.Var[T], left)
	for t := range steps {
		step := tp.Reshape(tp.Slice(y, 0, t, t+1, 1), shape[1:]...)
		// The original's networks, which differ in this normalisation alone, are for the first
		// step, one that its loop passes over, and then the second, third and all later steps:
		// norm_out_step1 acts on nothing.
		if t += first; t == 0 {
			steps[0] = n.normOut(tp, step, 0)
		} else {
			steps[t-first] = n.normOut(tp, step, min(t, 3)+1)
		}
	}
	if left == 1 {
		return steps[0]
	}
	y = tp.Stack(0, steps...)
	switch n.Config.RecurrenceType {
	case Max:
		y, _ = tp.Max(y, 0)
		return y
	case Sum:
		return tp.Sum(y, 0)
	}
	return tp.Mean(y, 0)
}

// normOut applies output normalisation number i, if there is to be one.
func (n *Network[T]) normOut(tp *autograd.Tape[T], y *autograd.Var[T], i int) *autograd.Var[T] {
	if !n.Config.NormOutput {
		return y
	}
	return n.NormOut[i].Forward(tp, y)
}

// pool makes one vector of the motor neurons' values for each query: x [batch, queries, d], keys
// [batch, motors, d] -> [batch, queries, d], without the middle axis if it is 1. Without a pool it
// is [batch, motors, d].
func (n *Network[T]) pool(tp *autograd.Tape[T], x, keys *autograd.Var[T]) *autograd.Var[T] {
	head := n.Config.head()
	batch, queries, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	if head.self {
		a, name := n.MHA, "mha"
		if n.MHASelf != nil {
			a, name = n.MHASelf, "mha_self"
		}
		keys = tp.Add(keys, a.attend(tp, name, keys, keys))
	}
	switch head.pool {
	case "":
		return keys
	case "sum":
		return tp.Sum(keys, 1)
	case "avg":
		return tp.Mean(keys, 1)
	case "max":
		y, _ := tp.Max(keys, 1)
		return y
	case "lstm":
		_, h, _ := n.LSTM.Run(tp, keys)
		return tp.Reshape(h, batch, d)
	}
	q := x
	if head.learned {
		q = tp.Expand(tp.Reshape(n.Query, 1, 1, d), batch, queries, d)
	}
	y := n.MHA.attend(tp, "mha", q, keys)
	if head.skip {
		y = tp.Add(y, x)
	}
	if queries == 1 {
		y = tp.Reshape(y, batch, d)
	}
	return y
}

// attention is A(q, K) = multi-head attention with values = keys, for H heads of e columns:
// softmax(Q Kᵀ/sqrt(e)) V with projections d -> H*e of queries, keys and values, and one back.
type attention[T tensor.Float] struct {
	Q, K, V *nn.Linear[T]             // nil if they are one
	Fused   *nn.MultiheadAttention[T] // of H*e = d columns, nil if they are apart
	Out     *nn.Linear[T]
	Heads   int
	Dropout float64
}

func newAttention[T tensor.Float](k tensor.Key, d, heads int, headDim *int, dropout float64) *attention[T] {
	a := &attention[T]{Heads: heads, Dropout: dropout}
	if headDim == nil {
		a.Fused = nn.NewMultiheadAttention[T](k, d, heads)
		a.Out = a.Fused.OutProj
		return a
	}
	e := heads * *headDim
	linear := func(name string, in, out int) *nn.Linear[T] { return nn.NewLinear[T](k.Sub(name), in, out, true) }
	a.Q, a.K, a.V, a.Out = linear("q", d, e), linear("k", d, e), linear("v", d, e), linear("out", e, d)
	return a
}

// Parts names the fused projection as PyTorch's attention does, and separate ones q, k and v.
func (a *attention[T]) Parts() []nn.Part {
	parts := []nn.Part{{Name: "q", Value: a.Q}, {Name: "k", Value: a.K}, {Name: "v", Value: a.V}}
	if a.Fused != nil {
		parts = []nn.Part{{Name: "in_proj_weight", Value: a.Fused.InProjWeight}, {Name: "in_proj_bias", Value: a.Fused.InProjBias}}
	}
	return append(parts, nn.Part{Name: "out", Value: a.Out})
}

// projections returns the weights and biases of the projections of queries, keys and values.
func (a *attention[T]) projections(tp *autograd.Tape[T]) (weight, bias [3]*autograd.Var[T]) {
	if a.Fused == nil {
		return [3]*autograd.Var[T]{a.Q.Weight, a.K.Weight, a.V.Weight}, [3]*autograd.Var[T]{a.Q.Bias, a.K.Bias, a.V.Bias}
	}
	d := a.Out.Weight.Value.Dim(0)
	for i := range weight {
		weight[i] = tp.Slice(a.Fused.InProjWeight, 0, i*d, (i+1)*d, 1)
		bias[i] = tp.Slice(a.Fused.InProjBias, 0, i*d, (i+1)*d, 1)
	}
	return weight, bias
}

// attend returns A(q, K): q [batch, queries, d], keys [batch, n, d] -> [batch, queries, d].
func (a *attention[T]) attend(tp *autograd.Tape[T], name string, q, keys *autograd.Var[T]) *autograd.Var[T] {
	weight, bias := a.projections(tp)
	queries, n, d, e := q.Value.Dim(1), keys.Value.Dim(1), q.Value.Dim(2), weight[0].Value.Dim(0)
	q = tp.Linear(q, weight[0], bias[0])
	var y, w *autograd.Var[T]
	if direct, absorbed := 2*n*d*e+2*queries*n*e, 2*queries*d*e+2*queries*n*d*a.Heads; absorbed < direct {
		before := tp.MACs()
		y, w = a.absorbed(tp, q, keys, weight, bias)
		tp.CountMACs(before + q.Value.Dim(0)*direct - tp.MACs()) // those of the definition
	} else {
		y, w = tp.MultiHeadAttention(q, tp.Linear(keys, weight[1], bias[1]), tp.Linear(keys, weight[2], bias[2]), a.Heads, autograd.AttentionOptions[T]{})
	}
	tp.Mark(name+".attention", w)
	y = a.Out.Forward(tp, tp.Dropout(y, a.Dropout))
	tp.Mark(name, y)
	return y
}

// absorbed is the attention of few queries Q [batch, queries, H*e] to many keys without their
// projections: the scores Q_h · (Wk_h k + bk_h) are (Wk_hᵀ Q_h) · k but for a number that is the
// same for all keys and that the softmax does not see, and the sum over the keys of w (Wv_h k +
// bv_h) is Wv_h (sum of w k) + bv_h. So it is an attention of queries Wk_hᵀ Q_h to the keys
// themselves, and the bias of the keys has no influence. (Adding the bias of the values once is
// right because the weights add up to 1.)
func (a *attention[T]) absorbed(tp *autograd.Tape[T], q, keys *autograd.Var[T], weight, bias [3]*autograd.Var[T]) (y, w *autograd.Var[T]) {
	batch, queries, n, d, h := q.Value.Dim(0), q.Value.Dim(1), keys.Value.Dim(1), keys.Value.Dim(2), a.Heads
	e := q.Value.Dim(2) / h
	// [H, batch*queries, e] x [H, e, d] -> [batch, 1, queries*H, d]
	q = tp.Permute(tp.Reshape(q, batch*queries, h, e), 1, 0, 2)
	q = tp.MatMul(q, tp.Reshape(weight[1], h, e, d))
	q = tp.Reshape(tp.Permute(q, 1, 0, 2), batch, 1, queries*h, d)
	k := tp.Reshape(keys, batch, 1, n, d)
	y, w = tp.ScaledDotProductAttention(q, k, k, autograd.AttentionOptions[T]{Scale: T(1 / math.Sqrt(float64(e)))})
	w = tp.Permute(tp.Reshape(w, batch, queries, h, n), 0, 2, 1, 3)
	// [H, batch*queries, d] x [H, d, e] -> [batch, queries, H*e]
	y = tp.Permute(tp.Reshape(y, batch*queries, h, d), 1, 0, 2)
	y = tp.MatMul(y, tp.Permute(tp.Reshape(weight[2], h, e, d), 0, 2, 1))
	y = tp.Reshape(tp.Permute(y, 1, 0, 2), batch, queries, h*e)
	return tp.Add(y, bias[2]), w
}
