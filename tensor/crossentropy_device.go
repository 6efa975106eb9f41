package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
)

// deviceCrossEntropy is CrossEntropy after its checks of p [rows, C].
func deviceCrossEntropy[T Float](d *device.Device, terms, p, weight *Tensor[T], labels []int, smoothing T) (total float64) {
	rows, n := p.shape[0], p.shape[1]
	checkLabels("CrossEntropy", p, labels)
	device.Launch[T](d, "crossentropy", "cross_entropy", device.Lines(rows, n, 1),
		device.Out(terms.elements()), device.InOut(p.elements()), device.In(elementsOf(weight)), device.In(labels),
		device.Int(rows), device.Int(n), device.Num(smoothing))
	return deviceClassWeights(d, nil, weight, labels)
}

// deviceClassWeights writes the weight of the class of each label into dst, if it is not nil, and
// returns their sum. What no kernel has to do is done here.
func deviceClassWeights[T Float](d *device.Device, dst []T, weight *Tensor[T], labels []int) float64 {
	if weight == nil && dst == nil {
		total := 0
		for _, t := range labels {
			if t >= 0 {
				total++
			}
		}
		return float64(total)
	}
	total := []float64{0}
	device.Launch[T](d, "crossentropy", "class_weights", device.Once(len(labels)),
		device.Out(dst), device.Out(total), device.In(elementsOf(weight)), device.In(labels), device.Int(len(labels)))
	return total[0]
}

// checkLabels panics unless there is a label for each row of p [rows, C] and none beyond the
// classes: kernels do not look.
func checkLabels[T Float](op string, p *Tensor[T], labels []int) {
	if len(labels) != p.shape[0] {
		PanicShape(op, "want a label for each row", p.Shape(), []int{len(labels)})
	}
	for i, t := range labels {
		if t >= p.shape[1] {
			PanicShape(op, fmt.Sprintf("label %d of item %d is no class", t, i), p.Shape())
		}
	}
}

// checkClasses panics, as ClassWeights does, unless weight, if there is one, has an element for the
// class of each label.
func checkClasses[T Float](weight *Tensor[T], labels []int) {
	if weight == nil {
		return
	}
	n := weight.Len()
	for i, t := range labels {
		if t >= n {
			PanicShape("ClassWeights", fmt.Sprintf("label %d of item %d has no weight", t, i), weight.Shape())
		}
	}
}

func deviceCrossEntropySoft[T Float](d *device.Device, terms, p, logp, q, weight *Tensor[T], smoothing T) {
	rows, n := p.shape[0], p.shape[1]
	device.Launch[T](d, "crossentropy", "cross_entropy_soft", device.Lines(rows, n, 1),
		device.Out(terms.elements()), device.InOut(p.elements()), device.Out(logp.elements()), device.In(q.elements()),
		device.In(elementsOf(weight)), device.Int(rows), device.Int(n), device.Num(smoothing))
}

func deviceCrossEntropyGrad[T Float](d *device.Device, dx, p, dterms, weight *Tensor[T], labels []int, smoothing T) {
	rows, n := p.shape[0], p.shape[1]
	checkLabels("CrossEntropyGrad", p, labels)
	device.Launch[T](d, "crossentropy", "cross_entropy_grad", device.Lines(rows, n, 1),
		device.Out(dx.elements()), device.In(p.elements()), device.In(dterms.elements()), device.In(elementsOf(weight)), device.In(labels),
		device.Int(rows), device.Int(n), device.Num(smoothing))
}

func deviceCrossEntropySoftGrad[T Float](d *device.Device, dx, p, dterms, q, weight *Tensor[T], smoothing T) {
	rows, n := p.shape[0], p.shape[1]
	device.Launch[T](d, "crossentropy", "cross_entropy_soft_grad", device.Lines(rows, n, 1),
		device.Out(dx.elements()), device.In(p.elements()), device.In(dterms.elements()), device.In(q.elements()),
		device.In(elementsOf(weight)), device.Int(rows), device.Int(n), device.Num(smoothing))
}

func deviceCrossEntropyTargetGrad[T Float](d *device.Device, dq, logp, dterms, weight *Tensor[T], smoothing T) {
	rows, n := logp.shape[0], logp.shape[1]
	device.Launch[T](d, "crossentropy", "cross_entropy_target_grad", device.Each(rows*n),
		device.Out(dq.elements()), device.In(logp.elements()), device.In(dterms.elements()), device.In(elementsOf(weight)),
		device.Int(rows), device.Int(n), device.Num(smoothing))
}

// deviceClassesLast copies x [n, c, places] to rows of classes, or adds those to x.
func deviceClassesLast[T Float](d *device.Device, rows, x *Tensor[T], n, c, places int, grad bool) {
	to, from := device.Out(rows.elements()), device.In(x.elements())
	if grad {
		to, from = device.In(rows.elements()), device.InOut(x.elements())
	}
	device.Launch[T](d, "crossentropy", "classes_last", device.Each(n*c*places),
		to, from, device.Int(n), device.Int(c), device.Int(places), device.Bool(grad))
}
