package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
)

func lossChecks[T tensor.Float]() (checks []check[T]) {
	for _, rows := range []int{1, 5, 400, 3000} {
		checks = append(checks, check[T]{name: fmt.Sprintf("%d terms", rows), kernels: []string{"sum_terms", "sum_parts", "spread_terms"}, run: func() []*tensor.Tensor[T] {
			terms, sum := normal[T]("terms", rows), tensor.New[T](1)
			tensor.ReduceTerms(sum, terms, 0.5)
			each, one := tensor.New[T](rows), tensor.New[T](rows)
			tensor.SpreadTerms(each, terms, -2)
			tensor.SpreadTerms(one, sum, 3)
			return []*tensor.Tensor[T]{sum, each, one}
		}}, check[T]{name: fmt.Sprintf("likelihood of %d rows", rows), kernels: []string{"class_weights", "nll_loss", "nll_loss_grad"}, run: func() []*tensor.Tensor[T] {
			const c = 6
			labels := labelsOf(rows, c)
			w, ones := tensor.New[T](rows), tensor.New[T](rows)
			total := tensor.ClassWeights(w, normal[T]("w", c), labels)
			count := tensor.ClassWeights(ones, nil, labels)
			index, repeated := make([]int, rows), make([]int, rows)
			for i, t := range labels {
				index[i], repeated[i] = i*c+t, (rows-i)/2
				if t < 0 {
					index[i], repeated[i] = -1, -1
				}
			}
			x, terms := normal[T]("x", rows, c), normal[T]("terms", rows)
			tensor.NLLLoss(terms, x, w, index)
			dx, again, dy := normal[T]("dx", rows, c), normal[T]("again", rows, c), normal[T]("dy", rows)
			tensor.NLLLossGrad(dx, dy, w, index)
			tensor.NLLLossGrad(again, normal[T]("dy", 1), w, repeated)
			return []*tensor.Tensor[T]{w, ones, tensor.Scalar(T(total)), tensor.Scalar(T(count)), terms, dx, again}
		}})
	}
	for kind := tensor.LossSquared; kind <= tensor.LossSigmoidFocal; kind++ {
		for _, n := range []int{1, 40, 2000} {
			checks = append(checks, pointLossCheck[T](tensor.LossFunc{Kind: kind, A: 0.7, B: 1.5}, n))
		}
	}
	checks = append(checks, check[T]{name: "more terms than threads", kernels: []string{"sum_terms", "sum_parts"}, run: func() []*tensor.Tensor[T] {
		sum := tensor.New[T](1)
		tensor.ReduceTerms(sum, tensor.Arange[T](-1000, 1<<20+5000), 1e-6)
		return []*tensor.Tensor[T]{sum}
	}}, check[T]{name: "no terms", run: func() []*tensor.Tensor[T] {
		none, sum := tensor.New[T](0), tensor.Full[T](7, 1)
		tensor.PointLoss(tensor.LossFunc{}, sum, none, none, nil, nil, 1)
		tensor.PointLossGrad(tensor.LossFunc{}, none, none, sum, none, none, nil, nil, 1)
		return []*tensor.Tensor[T]{sum}
	}}, check[T]{name: "gradient of log sum exp", kernels: []string{"log_sum_exp_grad"}, run: func() []*tensor.Tensor[T] {
		soft, dy := normal[T]("soft", 6, 5), normal[T]("dy", 6)
		plain, turned := normal[T]("plain", 2, 3, 5), normal[T]("turned", 5, 2, 3)
		tensor.LogSumExpGrad(plain, dy, soft)
		tensor.LogSumExpGrad(turned.Permute(1, 2, 0), dy, soft)
		one := tensor.Scalar[T](2)
		tensor.LogSumExpGrad(one, tensor.New[T](1), normal[T]("one", 1, 1))
		return []*tensor.Tensor[T]{plain, turned, one}
	}})
	return checks
}

// pointLossCheck looks at a term and its gradients, for targets that may be probabilities.
func pointLossCheck[T tensor.Float](f tensor.LossFunc, n int) check[T] {
	return check[T]{name: fmt.Sprintf("term %d of %d", f.Kind, n), kernels: []string{"point_loss", "point_loss_grad"}, run: func() []*tensor.Tensor[T] {
		x, t, w, p := normal[T]("x", n), normal[T]("t", n), normal[T]("w", n), normal[T]("p", n)
		tensor.Sigmoid(t, t)
		if f.Kind == tensor.LossEntropy {
			tensor.Sigmoid(x, x)
		}
		one, dyOne := tensor.New[T](1), normal[T]("dy", 1)
		results := []*tensor.Tensor[T]{one}
		tensor.PointLoss(f, one, x, t, w, p, 0.25)
		for _, with := range []bool{true, false} {
			terms, dx, dt := tensor.New[T](n), normal[T]("dx", n), normal[T]("dt", n)
			tensor.PointLoss(f, terms, x, t, some(with, w), some(!with, p), 2)
			tensor.PointLossGrad(f, dx, dt, normal[T]("dterms", n), x, t, some(with, w), some(!with, p), 2)
			tensor.PointLossGrad(f, dx, nil, dyOne, x, t, some(with, w), nil, 2)
			tensor.PointLossGrad(f, nil, dt, dyOne, x, t, nil, some(with, p), 2)
			results = append(results, terms, dx, dt)
		}
		return results
	}}
}

func TestLoss(t *testing.T) {
	compare(t, lossChecks[float32]())
	compare(t, lossChecks[float64]())
}
