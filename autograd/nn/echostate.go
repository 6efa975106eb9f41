package nn

import (
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// EchoState is a reservoir as a layer: a recurrent network of leaky integrator neurons over
// sequences [B, T, K], whose states [B, T, N] a trained layer reads; see autograd.Tape.EchoState.
//
// Every parameter is frozen at first: it is saved with the model, and no gradient of it is
// computed. Train some of them by SetRequiresGrad:
//
//	layer.Input.SetRequiresGrad(true)
//
// and the leak and the scalings, which are numbers within bounds, by TrainLeak, TrainRadius and
// TrainInputScale.
type EchoState[T tensor.Float] struct {
	// Weight holds the recurrent weights: the values of the entries of Pattern or, where that is
	// nil, a matrix [N, N]. The pattern is not saved.
	Weight  *autograd.Var[T]
	Pattern *tensor.CSR[T]
	Input   *autograd.Var[T] // [N, K]; nil if the inputs are [B, T, N]
	Bias    *autograd.Var[T] // [N] or nil
	Leak    *autograd.Var[T] // [1] or [N]; nil stands for 1
	// LeakLogit takes the place of Leak where the leak is trained: a = sigmoid(LeakLogit).
	LeakLogit *autograd.Var[T]
	// LogRadius and LogInputScale [1], where they are trained, multiply Weight and Input by their
	// exponential.
	LogRadius, LogInputScale *autograd.Var[T]
	Activation               tensor.Activation
}

// NewEchoState returns a frozen layer that uses the tensors it is given as its storage; all but the
// weights may be nil, as the fields of EchoState say. The values of sparse weights are copied,
// since those of a tensor.CSR may be shared.
func NewEchoState[T tensor.Float](w leaky.Weights[T], input, bias, leak *tensor.Tensor[T], act tensor.Activation) *EchoState[T] {
	buffer := func(name string, t *tensor.Tensor[T]) *autograd.Var[T] {
		if t == nil {
			return nil
		}
		return autograd.NewBuffer(name, t)
	}
	l := &EchoState[T]{Pattern: w.Sparse, Input: buffer("input", input), Bias: buffer("bias", bias), Leak: buffer("leak", leak), Activation: act}
	if w.Sparse != nil {
		l.Weight = autograd.NewBuffer("weight", tensor.FromSlice(append([]T{}, w.Sparse.Val...), w.Sparse.NNZ()))
	} else {
		l.Weight = autograd.NewBuffer("weight", w.Dense)
	}
	return l
}

// Size returns the number of neurons.
func (l *EchoState[T]) Size() int {
	if l.Pattern != nil {
		return l.Pattern.Rows
	}
	return l.Weight.Value.Dim(0)
}

// TrainLeak has the leak trained, one for each neuron or one for all, which begins as the mean. It
// stays in (0, 1), since it is the logistic function of the parameter LeakLogit, which this puts in
// the place of Leak. A leak of 1, or none, begins at .999.
func (l *EchoState[T]) TrainLeak(perNeuron bool) {
	n, mean := 1, 1.0
	if perNeuron {
		n = l.Size()
	}
	if l.Leak != nil {
		mean = tensor.Sum(l.Leak.Value) / float64(l.Leak.Value.Len())
	}
	logits := tensor.New[T](n)
	tensor.FillFunc(logits, func(i int) float64 {
		a := mean
		if perNeuron && l.Leak != nil {
			a = float64(l.Leak.Value.At(min(i, l.Leak.Value.Len()-1)))
		}
		return min(max(math.Log(a/(1-a)), -mostLogit), mostLogit)
	})
	l.Leak, l.LeakLogit = nil, autograd.NewParam("leak_logit", logits)
}

// mostLogit bounds the logit of a leak that TrainLeak begins with: that of 1 is infinite, and
// nothing would be learned from there.
const mostLogit = 7

// TrainRadius has a factor on the recurrent weights trained, and with it their spectral radius. It
// begins at 1 and stays positive.
func (l *EchoState[T]) TrainRadius() {
	l.LogRadius = autograd.NewParam("log_radius", tensor.New[T](1))
}

// TrainInputScale has a factor on the input weights trained. It begins at 1 and stays positive.
func (l *EchoState[T]) TrainInputScale() {
	if l.Input == nil {
		tensor.PanicUsage("nn.EchoState.TrainInputScale", "a layer without input weights, expected some to scale")
	}
	l.LogInputScale = autograd.NewParam("log_input_scale", tensor.New[T](1))
}

// Values returns copies of the weights, recurrent and of the input, of the bias and the leak as
// they are in effect, with their scalings; nil for what there is none of.
func (l *EchoState[T]) Values() (weight, input, bias, leak *tensor.Tensor[T]) {
	tp := autograd.NewTape[T]()
	tp.SetNoGrad(true)
	value := func(v *autograd.Var[T]) *tensor.Tensor[T] {
		if v == nil {
			return nil
		}
		return v.Value.Clone()
	}
	n := l.effective(tp)
	return value(n.Weight), value(n.Input), value(n.Bias), value(n.Leak)
}

// effective returns the parameters with their scalings.
func (l *EchoState[T]) effective(tp *autograd.Tape[T]) autograd.EchoState[T] {
	n := autograd.EchoState[T]{
		Weight: scaled(tp, l.Weight, l.LogRadius), Pattern: l.Pattern, Input: scaled(tp, l.Input, l.LogInputScale),
		Bias: l.Bias, Leak: l.Leak, Activation: l.Activation,
	}
	if l.LeakLogit != nil {
		n.Leak = tp.Sigmoid(l.LeakLogit)
	}
	return n
}

// Forward returns the states [B, T, N] of sequences x [B, T, K] of equal length, from the state 0.
func (l *EchoState[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return l.Run(tp, x, nil, nil)
}

// Run is Forward from the states start [B, N], nil for 0, over sequences of the given lengths, nil
// for all of T rows. States behind the end of a sequence are 0.
func (l *EchoState[T]) Run(tp *autograd.Tape[T], x, start *autograd.Var[T], lengths []int) *autograd.Var[T] {
	n := l.effective(tp)
	n.Start, n.Lengths = start, lengths
	return tp.EchoState(x, n)
}

// scaled returns v times the exponential of a parameter, if there is one.
func scaled[T tensor.Float](tp *autograd.Tape[T], v, log *autograd.Var[T]) *autograd.Var[T] {
	if log == nil {
		return v
	}
	return tp.Mul(v, tp.Exp(log))
}

// LastStates returns of states [B, T, N] those after the last row of every sequence, [B, N]. A
// sequence of length 0 has none. Without lengths all have T rows.
func LastStates[T tensor.Float](tp *autograd.Tape[T], states *autograd.Var[T], lengths []int) *autograd.Var[T] {
	batch, steps := states.Value.Dim(0), states.Value.Dim(1)
	at := tp.NewInts(batch)
	for b := range at {
		last := steps
		if lengths != nil {
			last = lengths[b]
		}
		if last < 1 {
			tensor.PanicUsage("nn.LastStates", fmt.Sprintf("sequence %d of length %d, expected at least 1", b, last))
		}
		at[b] = b*steps + last - 1
	}
	return tp.IndexSelect(tp.Reshape(states, batch*steps, states.Value.Dim(2)), 0, at)
}

// MeanStates returns of states [B, T, N], which are 0 behind the end of a sequence, the mean over
// its rows, [B, N]; that of a sequence of length 0 is 0. Without lengths all have T rows.
func MeanStates[T tensor.Float](tp *autograd.Tape[T], states *autograd.Var[T], lengths []int) *autograd.Var[T] {
	if lengths == nil {
		return tp.Mean(states, 1)
	}
	scale := tp.NewTensor(len(lengths), 1)
	tensor.FillFunc(scale, func(b int) float64 { return 1 / float64(max(1, lengths[b])) })
	return tp.Mul(tp.Sum(states, 1), tp.Input(scale))
}
