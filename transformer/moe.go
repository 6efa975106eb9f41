package transformer

import (
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// MoE is a mixture of experts with noisy top-k gating (Shazeer et al. 2017): every row of x goes to
// K of N experts, whose results are added with the weights that a softmax over their logits gives.
//
//	x [.., in]  ->  [.., out]
//	logits l = x w_gate, in training with Noisy  l += noise (softplus(x w_noise) + 0.01)
//	gates: softmax over the K largest of l, 0 elsewhere;  y = sum of gate * expert(x)
//
// Rows are sorted by expert and each expert sees its own rows only. So that not all rows go to a
// few experts, Forward adds Loss * (cv²(importance) + cv²(load)) to the loss of the step
// (autograd.Tape.AddLoss), where cv² is the unbiased variance over the squared mean, importance the
// sum of each expert's gates, and load a smooth estimate of the number of its rows. Without noise,
// or with all experts chosen, load is that number and has no gradient.
type MoE[T tensor.Float] struct {
	WGate, WNoise *autograd.Var[T] // [in, N]
	Experts       Experts[T]
	K             int  // experts of a row
	Noisy         bool // in training
	Loss          T    // coefficient of the added loss
	// Noise, if it is not nil, is what the logits are disturbed by in place of numbers drawn from
	// the normal distribution: [rows, N].
	Noise *tensor.Tensor[T] `nn:"-"`
}

// NewMoE returns a mixture with noise and weights w_gate and w_noise of 0, for rows of in numbers.
// It returns an error if k experts cannot be chosen.
func NewMoE[T tensor.Float](in, k int, experts Experts[T]) (*MoE[T], error) {
	n := experts.Len()
	switch {
	case n < 1:
		return nil, fmt.Errorf("transformer: a mixture of %d experts, expected at least 1", n)
	case k < 1 || k > n:
		return nil, fmt.Errorf("transformer: %d experts for each row, expected 1 to %d, as many as there are", k, n)
	case in < 1:
		return nil, fmt.Errorf("transformer: a mixture of experts for rows of %d numbers, expected at least 1", in)
	}
	return &MoE[T]{
		WGate: autograd.NewParam("w_gate", tensor.New[T](in, n)), WNoise: autograd.NewParam("w_noise", tensor.New[T](in, n)),
		Experts: experts, K: k, Noisy: true, Loss: .01,
	}, nil
}

// Forward maps x [.., in] to [.., out]. It marks "gates" [rows, N] and "load" [N].
func (m *MoE[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	in, n := x.Value.Dim(-1), m.Experts.Len()
	if in != m.WGate.Value.Dim(0) || n != m.WGate.Value.Dim(1) || m.K < 1 || m.K > n {
		tensor.PanicShape("MoE", fmt.Sprintf("want x [.., in] and w_gate [in, N] for N = %d experts, of which K = %d are chosen", n, m.K), x.Shape(), m.WGate.Shape())
	}
	rows := 1
	for _, d := range x.Shape()[:x.Value.Dims()-1] {
		rows *= d
	}
	z := tp.Reshape(x, rows, in)
	r := m.route(tp, z)
	outer := tp.Enter("experts")
	y := m.Experts.Forward(tp, tp.DispatchRows(z, r.places), r.offsets)
	tp.Leave(outer)
	y = tp.CombineRows(y, r.weights, r.places)
	var shape [tensor.MaxDims]int
	copy(shape[:], x.Shape())
	shape[x.Value.Dims()-1] = y.Value.Dim(1)
	return tp.Reshape(y, shape[:x.Value.Dims()]...)
}

// routes says where rows go.
type routes[T tensor.Float] struct {
	weights *autograd.Var[T] // [rows, K]: gates of the experts chosen, the largest first
	places  []int            // [rows, K]: places of the row among those sorted by expert
	offsets []int            // [N+1]: where the rows of each expert begin
}

// route chooses the experts of the rows z [rows, in] and adds the loss.
func (m *MoE[T]) route(tp *autograd.Tape[T], z *autograd.Var[T]) routes[T] {
	rows, n := z.Value.Dim(0), m.Experts.Len()
	clean := tp.MatMul(z, m.WGate)
	logits, spread := clean, (*autograd.Var[T])(nil)
	if m.Noisy && tp.Training {
		spread = tp.AddScalar(tp.Softplus(tp.MatMul(z, m.WNoise), 1, 20), .01)
		logits = tp.Add(clean, tp.Mul(tp.Input(m.noise(tp, rows, n)), spread))
	}
	picked := m.K
	if spread != nil && m.K < n {
		picked++ // the best of the others, which a row would have to beat
	}
	top, order := tp.TopK(logits, picked, 1)
	experts := tp.NewInts(rows * m.K)
	for r := range rows {
		copy(experts[r*m.K:][:m.K], order[r*picked:])
	}
	chosen := tp.Slice(top, 1, 0, m.K, 1)
	to := routes[T]{weights: tp.Softmax(chosen, 1), places: tp.NewInts(rows * m.K), offsets: tp.NewInts(n + 1)}
	tensor.CountingSort(to.places, nil, to.offsets, experts, n)

	zero := tp.NewTensor(rows, n)
	zero.Zero()
	gates := tp.ScatterAdd(tp.Input(zero), 1, experts, to.weights)
	tp.Mark("gates", gates)
	load := m.load(tp, clean, spread, top, experts, to.offsets)
	tp.Mark("load", load)
	if n > 1 {
		unequal := tp.Add(squaredVariation(tp, tp.Sum(gates, 0)), squaredVariation(tp, load))
		tp.AddLoss("balance", tp.MulScalar(unequal, float64(m.Loss)))
	}
	return to
}

// noise returns numbers from the normal distribution, [rows, n].
func (m *MoE[T]) noise(tp *autograd.Tape[T], rows, n int) *tensor.Tensor[T] {
	if m.Noise != nil {
		if m.Noise.Dims() != 2 || m.Noise.Dim(0) != rows || m.Noise.Dim(1) != n {
			tensor.PanicShape("MoE", fmt.Sprintf("want noise for %d rows and %d experts", rows, n), m.Noise.Shape())
		}
		return m.Noise
	}
	t := tp.NewTensor(rows, n)
	tensor.FillNormal(t, tp.NextKey(), 0, 1)
	return t
}

// load returns how many rows go to each expert [N]. With noise of the given spread it is the sum of
// the probabilities that the row would choose the expert if only that logit's noise were drawn
// again: the logit has to be above the K-th largest of the others, which is the (K+1)-th of all for
// an expert that was chosen and the K-th for another.
func (m *MoE[T]) load(tp *autograd.Tape[T], clean, spread, top *autograd.Var[T], experts, offsets []int) *autograd.Var[T] {
	rows, n := clean.Value.Dim(0), clean.Value.Dim(1)
	if spread == nil || m.K == n {
		count := tp.NewTensor(n)
		tensor.GroupSizes(count, offsets)
		return tp.Input(count)
	}
	isChosen, ones := tp.NewTensor(rows, n), tp.NewTensor(rows, m.K)
	isChosen.Zero()
	tensor.Fill(ones, 1)
	tensor.ScatterAdd(isChosen, 1, experts, ones)
	tp.Free(ones)
	bar := tp.Where(isChosen, tp.Slice(top, 1, m.K, m.K+1, 1), tp.Slice(top, 1, m.K-1, m.K, 1))
	// The normal distribution function is (1 + erf(u/sqrt 2)) / 2.
	u := tp.MulScalar(tp.Div(tp.Sub(clean, bar), spread), math.Sqrt2/2)
	return tp.MulScalar(tp.AddScalar(tp.Sum(tp.Erf(u), 0), float64(rows)), .5)
}

// squaredVariation returns the squared coefficient of variation of a vector: its unbiased variance
// over the square of its mean.
func squaredVariation[T tensor.Float](tp *autograd.Tape[T], v *autograd.Var[T]) *autograd.Var[T] {
	mean := tp.Mean(v)
	return tp.Div(tp.Variance(v, 1), tp.AddScalar(tp.Mul(mean, mean), 1e-10))
}

// stepBytes counts the logits, the rows that are sent and come back, and the experts.
func (m *MoE[T]) stepBytes(batch, tokens int) float64 {
	rows, in, n := batch*tokens, m.WGate.Value.Dim(0), m.WGate.Value.Dim(1)
	total := numbers[T](rows, 10*n+(2*m.K+1)*in)
	if e, ok := m.Experts.(interface {
		stepBytes(batch, tokens int) float64
	}); ok {
		total += e.stepBytes(m.K, rows)
	}
	return total
}
