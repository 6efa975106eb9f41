package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// Plasticity gives every neuron a gain and a bias of its own and moves them so that its output
// takes a wanted distribution, without a target of the network:
//
//	r[t] = (1-a) r[t-1] + a (W x[t-1] + Win u[t] + b),   x[t] = f(gain r[t] + bias)
//
// With tanh the distribution is normal with mean Mu and deviation Sigma (B. Schrauwen, M.
// Wardermann, D. Verstraeten, J. Steil and D. Stroobandt, Improving reservoirs using intrinsic
// plasticity, Neurocomputing 71, 2008), with the logistic function exponential with mean Mu (J.
// Triesch, A gradient rule for the plasticity of a neuron's intrinsic excitability, ICANN 2005).
type Plasticity struct {
	W, Input *tensor.Tensor[float64] // [N, N] and [N, K]
	Constant []float64               // b [N]
	Leak     float64
	Logistic bool
	Mu       float64
	Sigma    float64 // of tanh
	Rate     float64

	Gain, Bias []float64 // [N], 1 and 0 at first
	r, x       []float64
}

// NewPlasticity completes p with the gains, biases and state that it begins with.
func NewPlasticity(p Plasticity) (*Plasticity, error) {
	n := len(p.Constant)
	if p.W.Len() != n*n || p.Input.Dim(0) != n {
		return nil, fmt.Errorf("esn: weights %v and input weights %v for %d neurons", p.W.Shape(), p.Input.Shape(), n)
	}
	if p.Logistic && p.Mu <= 0 || !p.Logistic && p.Sigma <= 0 || !(p.Rate >= 0) {
		return nil, fmt.Errorf("esn: plasticity with mean %v, deviation %v and rate %v, expected a positive mean of logistic neurons, deviation of others", p.Mu, p.Sigma, p.Rate)
	}
	p.Gain, p.Bias, p.r, p.x = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range p.Gain {
		p.Gain[i] = 1
	}
	return &p, nil
}

// Step reads an input [K], returns the state [N] and moves gains and biases.
func (p *Plasticity) Step(u []float64) []float64 {
	n := len(p.x)
	next := make([]float64, n)
	for i := range next {
		s := p.Constant[i]
		for j, v := range p.W.Data()[i*n : (i+1)*n] {
			s += v * p.x[j]
		}
		for j, v := range p.Input.Data()[i*len(u) : (i+1)*len(u)] {
			s += v * u[j]
		}
		p.r[i] = (1-p.Leak)*p.r[i] + p.Leak*s
		next[i] = math.Tanh(p.Gain[i]*p.r[i] + p.Bias[i])
		if p.Logistic {
			next[i] = 1 / (1 + math.Exp(-(p.Gain[i]*p.r[i] + p.Bias[i])))
		}
	}
	copy(p.x, next)
	for i, y := range p.x {
		d := intrinsic(y, p.Mu, p.Sigma, p.Rate, p.Logistic)
		p.Gain[i] += p.Rate/p.Gain[i] + d*p.r[i]
		p.Bias[i] += d
	}
	return append([]float64{}, p.x...)
}

// intrinsic returns by how much the bias of a neuron with the output y moves.
func intrinsic(y, mu, sigma, rate float64, logistic bool) float64 {
	if logistic {
		return rate * (1 - (2+1/mu)*y + y*y/mu)
	}
	s2 := sigma * sigma
	return -rate * (-mu/s2 + y/s2*(2*s2+1-y*y+mu*y))
}

// Reset returns to the zero state. Gains and biases stay.
func (p *Plasticity) Reset() {
	clear(p.r)
	clear(p.x)
}
