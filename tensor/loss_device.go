package tensor

import (
	"cmp"
	"fmt"
	"slices"

	"elegans/tensor/internal/device"
)

func deviceReduceTerms[T Float](d *device.Device, dst, terms *Tensor[T], scale T) {
	deviceSum(d, dst, terms.Len(), 1, scale, "sum_terms", device.In(terms.elements()), device.Int(terms.Len()))
}

// deviceSum computes dst = T(sum*factor) * scale for the sum over n terms that the named kernel
// leaves in parts, one from each block.
func deviceSum[T Float](d *device.Device, dst *Tensor[T], n int, factor float64, scale T, name string, operands ...device.Arg) {
	const each, most = 1 << 10, 1 << 10 // terms of a block, blocks
	blocks := min(max(1, ceilDiv(n, each)), most)
	parts := device.Borrow[float64](d, blocks)
	defer parts.Release()
	device.Launch[T](d, "loss", name, device.Lines(blocks, min(n, each), 1),
		append([]device.Arg{device.Out(parts.Data)}, operands...)...)
	device.Launch[T](d, "loss", "sum_parts", device.Once(blocks),
		device.Out(dst.span()), device.In(parts.Data), device.Int(blocks), device.Double(factor), device.Num(scale))
}

func deviceSpreadTerms[T Float](d *device.Device, dst, dy *Tensor[T], scale T) {
	device.Launch[T](d, "loss", "spread_terms", device.Each(dst.Len()),
		device.Out(dst.elements()), device.In(dy.elements()), device.Int(dst.Len()), device.Int(dy.Len()), device.Num(scale))
}

// checkPlaces panics where index, of which negative numbers stand for none, leaves the elements of
// x: kernels do not look.
func checkPlaces[T Float](op string, x *Tensor[T], index []int) {
	n := x.Len()
	for i, at := range index {
		if at >= n {
			PanicShape(op, fmt.Sprintf("index %d of item %d is no element", at, i), x.Shape())
		}
	}
}

func deviceNLLLoss[T Float](d *device.Device, terms, x, weights *Tensor[T], index []int) {
	checkPlaces("NLLLoss", x, index)
	device.Launch[T](d, "loss", "nll_loss", device.Each(len(index)),
		device.Out(terms.elements()), device.In(x.elements()), device.In(weights.elements()), device.In(index), device.Int(len(index)))
}

func deviceNLLLossGrad[T Float](d *device.Device, dx, dy, weights *Tensor[T], index []int) {
	checkPlaces("NLLLossGrad", dx, index)
	device.Launch[T](d, "loss", "nll_loss_grad", device.Each(len(index)),
		device.InOut(dx.elements()), device.In(dy.elements()), device.In(weights.elements()), device.In(index), device.In(groupedOrder(index)),
		device.Int(len(index)), device.Int(dy.Len()))
}

// groupedOrder lists the places of index so that equal numbers follow each other, in the order in
// which they come. It returns nil where they do so already because they ascend.
func groupedOrder(index []int) []int {
	if slices.IsSorted(index) {
		return nil
	}
	order := make([]int, len(index))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(index[i], index[j]) })
	return order
}

// devicePointLoss computes the terms, where dst has the shape of x, and else their sum.
func devicePointLoss[T Float](d *device.Device, f LossFunc, dst, x, t, weight, param *Tensor[T], scale float64) {
	n := x.Len()
	operands := []device.Arg{
		device.In(x.elements()), device.In(t.elements()), device.In(elementsOf(weight)), device.In(elementsOf(param)),
		device.Int(n), device.Int(int(f.Kind)), device.Double(f.A), device.Double(f.B),
	}
	if !SameShape(dst, x) {
		deviceSum(d, dst, n, scale, 1, "point_loss_sum", operands...)
		return
	}
	device.Launch[T](d, "loss", "point_loss", device.Each(n),
		append(append([]device.Arg{device.Out(dst.elements())}, operands...), device.Double(scale))...)
}

func devicePointLossGrad[T Float](d *device.Device, f LossFunc, dx, dt, dy, x, t, weight, param *Tensor[T], scale float64) {
	n := x.Len()
	device.Launch[T](d, "loss", "point_loss_grad", device.Each(n),
		device.InOut(elementsOf(dx)), device.InOut(elementsOf(dt)), device.In(dy.elements()), device.In(x.elements()), device.In(t.elements()),
		device.In(elementsOf(weight)), device.In(elementsOf(param)),
		device.Int(n), device.Int(dy.Len()), device.Int(int(f.Kind)), device.Double(f.A), device.Double(f.B), device.Double(scale))
}

func deviceLogSumExpGrad[T Float](d *device.Device, dx, dy, soft *Tensor[T]) {
	var nest []int
	if !dx.IsContiguous() {
		nest = slices.Concat([]int{dx.ndim, dx.Len()}, dx.Shape(), dx.Strides())
	}
	device.Launch[T](d, "loss", "log_sum_exp_grad", device.Each(soft.Len()),
		device.InOut(dx.span()), device.In(dy.elements()), device.In(soft.elements()), device.In(nest),
		device.Int(soft.Len()), device.Int(soft.shape[1]))
}
