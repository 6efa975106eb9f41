package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// Adaptation is a training of the reservoir that needs no targets, before the readout is fitted:
// intrinsic plasticity, as in Plasticity.
type Adaptation struct {
	// Mean and Deviation of the outputs that tanh neurons move to: 0 and 0.2. Sigmoid neurons move
	// to an exponential distribution of that mean, which is then above 0.
	Mean, Deviation float64
	Rate            float64 // of learning: 0.0005
	Epochs          int     // times that the sequences are run through: 1
}

// DefaultAdaptation returns what the comments on its fields describe.
func DefaultAdaptation() Adaptation { return Adaptation{Deviation: .2, Rate: 5e-4, Epochs: 1} }

// Adapt runs the sequences through the network and gives each neuron a gain g and a constant c of
// its own with which f(g p + c), where p is what it would hear otherwise, takes the wanted
// distribution. Then
//
//	W, Win, Wfb: each row times its g      b: g b + c
//
// so that the network is one like any other, but of another spectral radius. Of leaky neurons it is
// the value before the leak that is moved. Each sequence begins with the zero state; its targets
// are fed back if there is feedback, and may be left out otherwise. The readout forgets what it
// knew. With an error the network stays as it was.
func (n *Network[T]) Adapt(sequences []Sequence, a Adaptation) error {
	op := n.config.Activation
	if op != "" && op != "tanh" && op != "sigmoid" {
		return fmt.Errorf("esn: intrinsic plasticity of %s neurons, expected tanh or sigmoid", op)
	}
	logistic := op == "sigmoid"
	if logistic && !(a.Mean > 0) || !logistic && !(a.Deviation > 0) || !(a.Rate >= 0) || a.Epochs < 0 || math.IsInf(a.Rate, 0) {
		return fmt.Errorf("esn: plasticity with mean %v, deviation %v, rate %v and %d epochs, expected a positive mean of sigmoid neurons and deviation of others, a finite rate and at least 0 epochs", a.Mean, a.Deviation, a.Rate, a.Epochs)
	}
	if !n.config.hasReservoir() {
		return fmt.Errorf("esn: plasticity of a network without neurons")
	}
	for i, s := range sequences {
		if err := n.checkAdapt(s); err != nil {
			return fmt.Errorf("esn: sequence %d: %w", i, err)
		}
	}
	ad := newAdapter(n, a, logistic)
	for range a.Epochs {
		for _, s := range sequences {
			ad.run(n, s)
			if err := ad.check(); err != nil {
				return err
			}
		}
	}
	n.deep, n.runners = ad.folded(n.deep), nil
	for _, r := range n.deep.Layers {
		n.runners = append(n.runners, r.runner())
	}
	return n.forget()
}

func (n *Network[T]) checkAdapt(s Sequence) error {
	if err := checkRows("input", s.Input, n.inputs); err != nil {
		return err
	}
	if !n.hasFeedback() {
		return nil
	}
	if err := checkRows("target", s.Target, n.outputs); err != nil {
		return err
	}
	if s.Target.Dim(0) != s.Input.Dim(0) {
		return fmt.Errorf("%d rows of input and %d of target, expected as many", s.Input.Dim(0), s.Target.Dim(0))
	}
	return nil
}

// adapter holds the gains and constants of all layers while they move.
type adapter[T tensor.Float] struct {
	Adaptation
	logistic       bool
	linear         []*leaky.Runner[T] // p = W x + d
	leak           [][]T
	gain, constant [][]float64
}

func newAdapter[T tensor.Float](n *Network[T], a Adaptation, logistic bool) *adapter[T] {
	ad := &adapter[T]{Adaptation: a, logistic: logistic}
	for _, r := range n.deep.Layers {
		ad.linear = append(ad.linear, leaky.NewRunner(r.W, nil, tensor.OpMulScalar, 1))
		leak, gain := []T{1}, make([]float64, r.Size())
		if r.Leak != nil {
			leak = r.Leak.Data()
		}
		for i := range gain {
			gain[i] = 1
		}
		ad.leak, ad.gain, ad.constant = append(ad.leak, leak), append(ad.gain, gain), append(ad.constant, make([]float64, r.Size()))
	}
	return ad
}

// run moves gains and constants along a sequence.
func (ad *adapter[T]) run(n *Network[T], q Sequence) {
	s := n.Stream()
	s.adapter = ad
	k, m := n.inputs, n.outputs
	u := q.Input.Contiguous().Data()
	for t := range q.Input.Dim(0) {
		for i, v := range u[t*k : (t+1)*k] {
			s.u.Data()[i] = T(v)
		}
		s.advance()
		if n.hasFeedback() {
			copy(s.y.Data(), q.Target.Contiguous().Data()[t*m:(t+1)*m])
		}
	}
}

// step turns the drive of a layer into its state, as leaky.Runner.Step does, and moves its neurons.
func (ad *adapter[T]) step(l int, state, before []T) {
	ad.linear[l].Step(state, before)
	gain, constant, leak := ad.gain[l], ad.constant[l], ad.leak[l]
	for i, p := range state {
		net := float64(p)
		y := math.Tanh(gain[i]*net + constant[i])
		if ad.logistic {
			y = 1 / (1 + math.Exp(-(gain[i]*net + constant[i])))
		}
		a := leak[i%len(leak)]
		state[i] = before[i] + a*(T(y)-before[i])
		d := intrinsic(y, ad.Mean, ad.Deviation, ad.Rate, ad.logistic)
		gain[i] += ad.Rate/gain[i] + d*net
		constant[i] += d
	}
}

// check refuses gains that have lost their way.
func (ad *adapter[T]) check() error {
	for l := range ad.gain {
		for i, g := range ad.gain[l] {
			if c := ad.constant[l][i]; !(g > 0) || math.IsInf(g, 0) || math.IsNaN(c) || math.IsInf(c, 0) {
				return fmt.Errorf("esn: plasticity brought neuron %d of layer %d to a gain of %v and a constant of %v: the rate of %v is too high", i, l, g, c, ad.Rate)
			}
		}
	}
	return nil
}

// folded returns reservoirs that have the gains and constants in their weights.
func (ad *adapter[T]) folded(d *Deep[T]) *Deep[T] {
	out := &Deep[T]{}
	for l, r := range d.Layers {
		gain := tensor.Convert[T](tensor.FromSlice(ad.gain[l], len(ad.gain[l])))
		next := *r
		next.Input, next.Feedback = timesRows(r.Input, gain), timesRows(r.Feedback, gain)
		next.Bias = tensor.Convert[T](tensor.FromSlice(ad.constant[l], len(ad.constant[l])))
		if r.Bias != nil {
			b := tensor.New[T](r.Size())
			tensor.Mul(b, r.Bias, gain)
			tensor.Add(next.Bias, next.Bias, b)
		}
		if s := r.W.Sparse; s != nil {
			val := make([]T, len(s.Val))
			for i, g := range gain.Data() {
				for k := s.RowPtr[i]; k < s.RowPtr[i+1]; k++ {
					val[k] = g * s.Val[k]
				}
			}
			next.W.Sparse = tensor.NewCSR(s.Rows, s.Cols, s.RowPtr, s.Col, val)
		} else {
			next.W.Dense = tensor.New[T](r.Size(), r.Size())
			tensor.Mul(next.W.Dense, r.W.Dense, gain.Reshape(r.Size(), 1))
		}
		out.Layers = append(out.Layers, &next)
	}
	for l, s := range d.Skip {
		gain := tensor.Convert[T](tensor.FromSlice(ad.gain[l+1], len(ad.gain[l+1])))
		out.Skip = append(out.Skip, timesRows(s, gain))
	}
	return out
}

// timesRows returns weights [N, K], a view of [K, N] as Build makes them, with each row times its
// gain, or nil.
func timesRows[T tensor.Float](w, gain *tensor.Tensor[T]) *tensor.Tensor[T] {
	if w == nil {
		return nil
	}
	t := tensor.New[T](w.Dim(1), w.Dim(0))
	tensor.Mul(t, w.Transpose(0, 1), gain)
	return t.Transpose(0, 1)
}
