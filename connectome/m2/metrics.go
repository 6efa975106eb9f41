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
	var right, ink int
	var found, both [2]int
	bound := [2]T{logit[T](.252), logit[T](.25)}
	t := images.Data()
	for i, l := range logits.Data() {
		dark := t[i] > .5
		if dark {
			ink++
		}
		if (l > 0) == dark {
			right++
		}
		for k, b := range bound {
			if l > b {
				found[k]++
				if dark {
					both[k]++
				}
			}
		}
	}
	return Scores{Accuracy: float64(right) / float64(len(t)), M0: f1(both[0], found[0], ink), M1: f1(both[1], found[1], ink)}
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
