package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

// labelsOf returns labels of rows with c classes, every third of them none.
func labelsOf(rows, c int) []int {
	labels := make([]int, rows)
	for i := range labels {
		labels[i] = i * 7 % c
		if i%3 == 2 {
			labels[i] = -1
		}
	}
	return labels
}

func crossEntropyChecks[T tensor.Float]() (checks []check[T]) {
	for _, s := range []struct{ rows, c int }{{1, 1}, {5, 3}, {3, 300}, {70, 10}, {33000, 1}, {0, 4}} {
		for _, smoothing := range []T{0, 0.1} {
			for _, weighted := range []bool{false, true} {
				logits := normal[T]("logits", s.rows, s.c)
				w := tensor.New[T](s.c)
				tensor.Exp(w, normal[T]("w", s.c))
				w = some(weighted, w)
				name := fmt.Sprintf("%d rows of %d, smoothing %v, weights %v", s.rows, s.c, smoothing, weighted)
				labels := labelsOf(s.rows, s.c)
				hard := check[T]{name: "labels, " + name, run: func() []*tensor.Tensor[T] {
					terms, p := tensor.New[T](s.rows), logits.Clone()
					total := tensor.CrossEntropy(terms, p, w, labels, smoothing)
					dterms, dx := normal[T]("dterms", s.rows), normal[T]("dx", s.rows, s.c)
					tensor.CrossEntropyGrad(dx, p, dterms, w, labels, smoothing)
					inPlace := p.Clone()
					tensor.CrossEntropyGrad(inPlace, inPlace, dterms, w, labels, smoothing)
					return []*tensor.Tensor[T]{terms, p, tensor.Scalar(T(total)), dx, inPlace}
				}}
				soft := check[T]{name: "targets, " + name, run: func() []*tensor.Tensor[T] {
					q := normal[T]("q", s.rows, s.c)
					tensor.Softmax(q, q, 1)
					tensor.Map(tensor.OpClamp, q, q, 0.05, 1)
					tensor.AddScalar(q, q, -0.05) // zeros among them
					terms, p, logp := tensor.New[T](s.rows), logits.Clone(), tensor.New[T](s.rows, s.c)
					tensor.CrossEntropySoft(terms, p, logp, q, w, smoothing)
					dterms, dx, dq := normal[T]("dterms", s.rows), normal[T]("dx", s.rows, s.c), normal[T]("dq", s.rows, s.c)
					tensor.CrossEntropySoftGrad(dx, p, dterms, q, w, smoothing)
					tensor.CrossEntropySoftGradTarget(dq, logp, dterms, w, smoothing)
					return []*tensor.Tensor[T]{terms, p, logp, dx, dq}
				}}
				if s.rows > 1000 { // the processor sums weights one after the other
					hard.tol = tolerance[T](1e-5, 1e-12)
				}
				if s.rows > 0 {
					hard.kernels = []string{"cross_entropy", "cross_entropy_grad"}
					if weighted {
						hard.kernels = append(hard.kernels, "class_weights")
					}
					soft.kernels = []string{"cross_entropy_soft", "cross_entropy_soft_grad", "cross_entropy_target_grad"}
				}
				checks = append(checks, hard, soft)
			}
		}
	}
	inf := T(math.Inf(1))
	checks = append(checks, check[T]{name: "a class of infinite weight that no label names", run: func() []*tensor.Tensor[T] {
		w := tensor.FromSlice([]T{1, inf, 2}, 3)
		terms, p, dx := tensor.New[T](2), normal[T]("p", 2, 3), tensor.New[T](2, 3)
		total := tensor.CrossEntropy(terms, p, w, []int{0, 2}, 0)
		tensor.CrossEntropyGrad(dx, p, normal[T]("dterms", 2), w, []int{0, 2}, 0)
		return []*tensor.Tensor[T]{terms, p, tensor.Scalar(T(total)), dx}
	}})
	for _, shape := range [][]int{{2, 3, 4, 5}, {4, 3}, {1, 300, 2}, {2, 3, 0}} {
		checks = append(checks, check[T]{name: fmt.Sprintf("classes last of %v", shape), run: func() []*tensor.Tensor[T] {
			x := normal[T]("x", shape...)
			rows := tensor.New[T](x.Len()/shape[1], shape[1])
			tensor.ClassesLast(rows, x)
			dx := normal[T]("dx", shape...)
			tensor.ClassesLastGrad(dx, rows)
			return []*tensor.Tensor[T]{rows, dx}
		}})
		if shape[2%len(shape)] > 0 {
			checks[len(checks)-1].kernels = []string{"classes_last"}
		}
	}
	return checks
}

func TestCrossEntropy(t *testing.T) {
	compare(t, crossEntropyChecks[float32]())
	compare(t, crossEntropyChecks[float64]())
}

// TestLabelsBeyondTheClasses wants a ShapeError where a kernel would leave its operands.
func TestLabelsBeyondTheClasses(t *testing.T) {
	open(t, Options{Staged: true})
	terms, p, w := tensor.New[float32](2), tensor.New[float32](2, 3), tensor.Full[float32](1, 3)
	for name, run := range map[string]func(){
		"label beyond the classes":  func() { tensor.CrossEntropy(terms, p, nil, []int{0, 3}, 0) },
		"too few labels":            func() { tensor.CrossEntropy(terms, p, nil, []int{0}, 0) },
		"gradient":                  func() { tensor.CrossEntropyGrad(p, p, terms, nil, []int{3, 0}, 0) },
		"label without a weight":    func() { tensor.ClassWeights(terms, w, []int{0, 3}) },
		"index beyond the elements": func() { tensor.NLLLoss(terms, p, terms, []int{0, 6}) },
		"and its gradient":          func() { tensor.NLLLossGrad(p, terms, terms, []int{0, 6}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Error("no ShapeError")
				}
			}()
			run()
		})
	}
}
