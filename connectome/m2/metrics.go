package m2

import (
	"math"

	"elegans/tensor"
)

// Scores compare reconstructions with their images, pixel by pixel.
type Scores struct {
	Accuracy float64 // share of the pixels with (p > .5) = (image > .5)
	// F1 score, 2 TP / (predicted + true), of the pixels with p > .252 and with p > .25
	M0, M1 float64
}

// Measure compares logits with the images of 0 and 1 that they reconstruct, over all pixels
// together; p = sigmoid(logit).
func Measure[T tensor.Float](logits, images *tensor.Tensor[T]) Scores {
	if !tensor.SameShape(logits, images) {
		tensor.PanicShape("m2.Measure", "logits and images of one shape", logits.Shape(), images.Shape())
	}
	const ink = .5 // of an image
	n, dark := logits.Len(), tensor.CountAbove(images, ink)
	count := func(bound T) (found, both int) {
		return tensor.CountAbove(logits, bound), tensor.CountBothAbove(logits, bound, images, ink)
	}
	score := func(p float64) float64 {
		found, both := count(logit[T](p))
		return f1(both, found, dark)
	}
	found, both := count(0)
	// right are the pixels that both call ink and those that neither does
	right := both + n - (found + dark - both)
	return Scores{Accuracy: float64(right) / float64(n), M0: score(.252), M1: score(.25)}
}

// f1 returns 2 TP / (predicted + true), and 0 where there is nothing to find and nothing is found.
func f1(both, found, ink int) float64 {
	if found+ink == 0 {
		return 0
	}
	return 2 * float64(both) / float64(found+ink)
}

// logit returns the x with sigmoid(x) = p.
func logit[T tensor.Float](p float64) T { return T(math.Log(p / (1 - p))) }
