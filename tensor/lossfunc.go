package tensor

import "math"

// LossFunc is a term of a loss as a function of an element x, its target t and a parameter p of the
// element: see PointLoss. Parameters A and B that the kind does not mention are ignored.
type LossFunc struct {
	Kind LossKind
	A, B float64
}

// LossKind tells the terms apart.
type LossKind uint8

// The terms, with d = x - t and the logistic function sigma.
const (
	LossSquared       LossKind = iota // d^2
	LossAbsolute                      // |d|, with derivative 0 at 0
	LossHuber                         // B d^2/2 if |d| < A, else A B (|d| - A/2)
	LossEntropy                       // -t log x - (1-t) log(1-x); logarithms are at least -100
	LossLogitEntropy                  // -p t log sigma(x) - (1-t) log(1-sigma(x))
	LossDivergence                    // t (log t - x), 0 where t = 0
	LossLogDivergence                 // e^t (t - x)
	LossSigmoidFocal                  // the focal loss of Lin et al. 2017 with alpha A and gamma B
)

// lossValue is a term of a loss: with lossSlope and what they call the whole mathematics of the
// terms, which the kernels of a device are made from too (tensor/cuda/kernels/translate).
func lossValue(kind LossKind, x, t, p, a, b float64) float64 {
	switch kind {
	case LossSquared:
		return (x - t) * (x - t)
	case LossAbsolute:
		return math.Abs(x - t)
	case LossHuber:
		return huber(x-t, a, b)
	case LossEntropy:
		return (t-1)*max(math.Log1p(-x), -100) - t*max(math.Log(x), -100)
	case LossLogitEntropy:
		return logitEntropy(x, t, p)
	case LossDivergence:
		if t == 0 {
			return 0
		}
		return t * (math.Log(t) - x)
	case LossLogDivergence:
		return math.Exp(t) * (t - x)
	default:
		return sigmoidFocal(x, t, a, b)
	}
}

// lossSlope returns the derivatives of lossValue by x and by t.
func lossSlope(kind LossKind, x, t, p, a, b float64) (dx, dt float64) {
	switch kind {
	case LossSquared:
		return 2 * (x - t), 2 * (t - x)
	case LossAbsolute:
		return sign(x - t), sign(t - x)
	case LossHuber:
		d := b * min(max(x-t, -a), a)
		return d, -d
	case LossEntropy:
		const least = float64(float32(1e-12)) // PyTorch's bound, and like it a float32
		return (x - t) / max((1-x)*x, least), max(math.Log1p(-x), -100) - max(math.Log(x), -100)
	case LossLogitEntropy:
		return logitEntropySlope(x, t, p)
	case LossDivergence:
		return -t, math.Log(t) + 1 - x
	case LossLogDivergence:
		return -math.Exp(t), math.Exp(t) * (t - x + 1)
	default:
		return sigmoidFocalSlope(x, t, a, b)
	}
}

func sign(d float64) float64 {
	switch {
	case d > 0:
		return 1
	case d < 0:
		return -1
	}
	return d // 0 or NaN
}

func huber(d, delta, factor float64) float64 {
	if d = math.Abs(d); d < delta {
		return factor * d * d / 2
	}
	return factor * delta * (d - delta/2)
}

// softplusWithSlope returns log(1 + e^x) and its derivative sigma(x).
func softplusWithSlope(x float64) (value, slope float64) {
	e := math.Exp(-math.Abs(x))
	if x > 0 {
		return x + math.Log1p(e), 1 / (1 + e)
	}
	return math.Log1p(e), e / (1 + e)
}

func logitEntropy(x, t, p float64) float64 {
	minusLog, _ := softplusWithSlope(-x) // -log sigma(x); -log(1-sigma(x)) is x more
	return (1-t)*x + (1+(p-1)*t)*minusLog
}

func logitEntropySlope(x, t, p float64) (dx, dt float64) {
	minusLog, _ := softplusWithSlope(-x)
	return logitEntropySlopeX(x, t, p), (p-1)*minusLog - x
}

// logitEntropySlopeX is the first result of logitEntropySlope, without the logarithm that the other
// one takes.
func logitEntropySlopeX(x, t, p float64) float64 {
	e := math.Exp(-math.Abs(x))
	q := e / (1 + e) // sigma(-x)
	if x < 0 {
		q = 1 / (1 + e)
	}
	return (1 - t) - (1+(p-1)*t)*q
}

// focalWeight returns alpha_t and its derivative by t.
func focalWeight(t, alpha float64) (weight, slope float64) {
	if alpha < 0 {
		return 1, 0
	}
	return alpha*t + (1-alpha)*(1-t), 2*alpha - 1
}

func sigmoidFocal(x, t, alpha, gamma float64) float64 {
	_, p := softplusWithSlope(x)
	_, q := softplusWithSlope(-x)
	w, _ := focalWeight(t, alpha)
	return w * math.Pow(q*t+p*(1-t), gamma) * logitEntropy(x, t, 1)
}

func sigmoidFocalSlope(x, t, alpha, gamma float64) (dx, dt float64) {
	_, p := softplusWithSlope(x)
	_, q := softplusWithSlope(-x)
	w, dw := focalWeight(t, alpha)
	wrong := q*t + p*(1-t) // 1-p_t
	ce := logitEntropy(x, t, 1)
	cx, ct := logitEntropySlope(x, t, 1)
	focus, dfocus := math.Pow(wrong, gamma), 0.0
	if gamma != 0 {
		dfocus = gamma * math.Pow(wrong, gamma-1)
	}
	dx = w * (focus*cx + ce*dfocus*p*q*(1-2*t))
	dt = dw*focus*ce + w*(focus*ct+ce*dfocus*(q-p))
	return dx, dt
}
