package program

import (
	"fmt"
	"math"

	"elegans/tensor"
	"elegans/tensor/internal/kernel"
)

// Activation is the function that the Act steps of a program apply. Fields that its kind does not
// mention are ignored.
type Activation[T tensor.Float] struct {
	Kind  ActivationKind
	Op    tensor.UnaryOp // of Unary, with its parameters A and B
	A, B  T
	Slope []T        // of PReLU: one number
	Key   tensor.Key // of RReLU
}

// ActivationKind tells activations apart.
type ActivationKind uint8

// The kinds.
const (
	Unary   ActivationKind = iota // a function of one variable
	Softmax                       // the softmax of each row
	// x where x > 0, else slope*x, with one learned slope for all steps (He et al. 2015)
	PReLU
	// x where x > 0, else a*x with a drawn anew for each element from [1/8, 1/3) (Xu et al. 2015)
	RReLU
)

// RReLUSlope is the mean slope of RReLU, which stands for the random one outside of training.
const RReLUSlope = (1.0/8 + 1.0/3) / 2

func (f *Activation[T]) rreluSlope(i int) T {
	return T(1.0/8 + (1.0/3-1.0/8)*f.Key.Float64(uint64(i)))
}

// apply computes y = f(x) for rows of n elements; at numbers the first element among all that the
// program passes through the activation. y may be x.
func (f *Activation[T]) apply(k *kernel.Set[T], y, x []T, n, at int) {
	switch f.Kind {
	case Unary:
		k.Map[f.Op](y, x, f.A, f.B)
	case Softmax:
		for r := 0; r < len(x); r += n {
			row := y[r : r+n]
			sum := k.ExpSum(row, x[r:r+n], k.RowMax(x[r:r+n]))
			k.RowScale(row, row, 1/sum)
		}
	case PReLU:
		k.Map[kernel.LeakyReLU](y, x, f.Slope[0], 0)
	case RReLU:
		for i, v := range x {
			if v < 0 {
				v *= f.rreluSlope(at + i)
			}
			y[i] = v
		}
	default:
		f.refuse()
	}
}

// refuse panics: the activation is of no known kind.
func (f *Activation[T]) refuse() {
	tensor.PanicUsage("program.Activation", fmt.Sprintf("kind %d is unknown, expected Unary, Softmax, PReLU or RReLU", f.Kind))
}

// grad computes dx = beta*dx + the gradient of y = f(x) times dy, and returns that of the slope of
// PReLU. beta is 0 or 1; dx is no other operand.
func (f *Activation[T]) grad(k *kernel.Set[T], dx, dy, x, y []T, n, at int, beta T) (dslope float64) {
	switch f.Kind {
	case Unary:
		k.MapGrad[f.Op](dx, dy, x, y, f.A, f.B, beta)
	case Softmax:
		if beta == 0 {
			clear(dx)
		}
		for r := 0; r < len(x); r += n {
			k.SoftmaxGrad(dx[r:r+n], y[r:r+n], dy[r:r+n], k.RowDot(y[r:r+n], dy[r:r+n]))
		}
	case PReLU:
		k.MapGrad[kernel.LeakyReLU](dx, dy, x, y, f.Slope[0], 0, beta)
		for i, v := range x {
			dslope += float64(dy[i]) * math.Min(float64(v), 0)
		}
	case RReLU:
		for i, v := range x {
			g := dy[i]
			if v < 0 {
				g *= f.rreluSlope(at + i)
			}
			if beta != 0 {
				g += dx[i]
			}
			dx[i] = g
		}
	default:
		f.refuse()
	}
	return dslope
}
