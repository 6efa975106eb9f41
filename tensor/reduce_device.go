package tensor

import (
	"math"

	"elegans/tensor/internal/device"
)

// powerOfTwo returns the smallest power of two that is not below n, and not above most.
func powerOfTwo(n, most int) int {
	p := 1
	for p < n && p < most {
		p *= 2
	}
	return p
}

// shared returns the size of a launch whose blocks compute several results each, and the threads
// that share the elements of a result; with columns, neighbouring threads serve neighbouring
// results.
func shared(results, count int, columns bool) (size device.Size, lanes int) {
	threads := device.Threads
	if count >= 1<<12 {
		threads = 4 * device.Threads
	}
	most := threads
	if columns {
		most = threads / powerOfTwo(results, 32)
	}
	lanes = powerOfTwo(count, most)
	threads = max(32, lanes*powerOfTwo(results, threads/lanes))
	size = device.Rows((results*lanes+threads-1)/threads, threads)
	size.Block[0] = threads
	return size, lanes
}

// deviceReduce queues the reduction r, whose axes are known, of count elements for each result.
func deviceReduce[T Float](d *device.Device, r *axisReduction[T], count int) {
	x, columns := r.x[:0], r.nk > 0 && r.ks[r.nk-1] == 1
	if count > 0 {
		x = r.x[:reach(r.kn[:r.nk], r.ks[:r.nk])+reach(r.rn[:r.nr], r.rs[:r.nr])+1]
	}
	divisor := 1.0
	if r.divided {
		divisor = r.divisor
	}
	beta := T(0)
	if r.accumulate {
		beta = 1
	}
	size, lanes := shared(len(r.dst), count, columns)
	args := []device.Arg{device.Result(r.dst, beta), device.In(x),
		device.Int(int(r.op)), device.Double(divisor), device.Double(r.p), device.Double(r.root),
		device.Bool(r.accumulate), device.Int(lanes), device.Bool(columns)}
	device.Launch[T](d, "reduce", "reduce", size, r.axisNumbers(args, len(r.dst), count)...)
}

// reach is the distance from the first element to the last along the given axes.
func reach(lengths, strides []int) (n int) {
	for i, length := range lengths {
		n += (length - 1) * strides[i]
	}
	return n
}

// axisNumbers appends the numbers of results and of elements of each, and the axes.
func (r *axisReduction[T]) axisNumbers(args []device.Arg, results, count int) []device.Arg {
	args = append(args, device.Int(results), device.Int(count))
	args = axisNumbers(args, r.nk, &r.kn, &r.ks)
	return axisNumbers(args, r.nr, &r.rn, &r.rs)
}

// deviceReduceGrad queues the backward pass of a reduction; y may be nil.
func deviceReduceGrad[T Float](
	d *device.Device, op string, kind reduceGradKind, dx, x, dy, y *Tensor[T], scale, p float64,
) {
	checkSame(op, dx, x)
	var e Tensor[T]
	dy.expandInto(op, &e, x.Shape())
	var r axisReduction[T]
	count, lead := 1, x.ndim-dy.ndim
	for i, n := range x.Shape() {
		if i < lead || dy.shape[i-lead] != n {
			count *= n
			r.nr = addAxis(r.rn[:], r.rs[:], r.nr, n, x.strides[i])
		} else {
			r.nk = addAxis(r.kn[:], r.ks[:], r.nk, n, x.strides[i])
		}
	}
	if x.Len() == 0 {
		return
	}
	var of []T
	if y != nil {
		of = y.Contiguous().elements()
	}
	columns := r.nk > 0 && r.ks[r.nk-1] == 1
	size, lanes := shared(dy.Len(), count, columns)
	args := []device.Arg{
		device.InOut(dx.elements()), device.In(x.elements()), device.In(dy.Contiguous().elements()), device.In(of),
		device.Int(int(kind)), device.Double(scale), device.Double(p), device.Int(lanes), device.Bool(columns)}
	device.Launch[T](d, "reduce", "reduce_grad", size, r.axisNumbers(args, dy.Len(), count)...)
}

// deviceSumRows adds to dst [groups, n] the sums over the rows of x [groups, rows, n].
func deviceSumRows[T Float](d *device.Device, dst, x []T, groups, rows, n int) {
	r := axisReduction[T]{accumulate: true, dst: dst, x: x}
	r.nk = addAxis(r.kn[:], r.ks[:], r.nk, groups, rows*n)
	r.nk = addAxis(r.kn[:], r.ks[:], r.nk, n, 1)
	r.nr = addAxis(r.rn[:], r.rs[:], r.nr, rows, n)
	deviceReduce(d, &r, rows)
}

// deviceWhole reduces a, or a and b, to one number. The blocks of the kernel give a part each,
// which are combined here, in order.
func deviceWhole[T Float](d *device.Device, a, b []T, kind wholeKind, p, q float64) float64 {
	first := kind >= wholeFirstNonFinite
	acc := 0.0
	if first {
		acc = math.Inf(1)
	}
	if len(a) == 0 {
		return acc
	}
	results := takeResults()
	defer putResults(results)
	parts := results[:min(partials, (len(a)+4*device.Threads-1)/(4*device.Threads))]
	device.Launch[T](d, "reduce", "whole", device.Rows(len(parts), len(a)),
		device.Out(parts), device.In(a), device.In(b), device.Int(len(a)),
		device.Int(int(kind)), device.Double(p), device.Double(q))
	for _, v := range parts {
		switch {
		case first:
			acc = min(acc, v)
		case kind == wholeLargest:
			acc = max(acc, v)
		default:
			acc += v
		}
	}
	return acc
}

// deviceFirst returns the first place that the kind looks for, or -1, and the element there.
func deviceFirst[T Float](d *device.Device, x *Tensor[T], kind wholeKind, p, q float64) (index int, v T) {
	place := deviceWhole(d, x.elements(), nil, kind, p, q)
	if math.IsInf(place, 1) {
		return -1, 0
	}
	return int(place), x.Data()[int(place)]
}

// extremumKind says which element of a line is wanted.
type extremumKind uint8

const (
	largestFirst extremumKind = iota
	smallestFirst
	ignoreNaN // the largest number
)

// deviceExtremum finds an element of each line of x and its place. dst or index may be nil.
func deviceExtremum[T Float](d *device.Device, dst []T, index []int, x []T, n, inner int, kind extremumKind) {
	results := 0
	if n > 0 {
		results = len(x) / n
	}
	size, lanes := shared(results, n, inner > 1)
	device.Launch[T](d, "reduce", "extremum", size, device.Out(dst), device.Out(index), device.In(x),
		device.Int(results), device.Int(n), device.Int(inner), device.Int(int(kind)), device.Int(lanes))
}

func deviceCountCorrect[T Float](d *device.Device, logits *Tensor[T], labels []int) (n int) {
	places := make([]int, len(labels))
	deviceExtremum(d, nil, places, logits.elements(), logits.shape[1], 1, ignoreNaN)
	for i, label := range labels {
		if places[i] == label {
			n++
		}
	}
	return n
}
