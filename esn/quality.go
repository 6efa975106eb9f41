package esn

import (
	"fmt"
	"slices"

	"elegans/tensor"
)

// QualityOptions of Deep.Quality. The zero value stands for the defaults.
type QualityOptions struct {
	// Streams is the number of inputs: as many as there are neurons.
	Streams int
	// Steps is the length of each: 100. Common is the number of last steps that the streams of the
	// generalisation rank share: 10.
	Steps, Common int
	Seed          uint64
}

// Quality is what a stack makes of different inputs, and of such that differ in what lies long ago.
type Quality struct {
	// Kernel counts the directions of the last states of streams that differ in everything: how
	// many inputs a linear readout can tell apart. The more the better.
	Kernel Ranks
	// Generalisation counts those of streams that end alike: what a readout would take for
	// differences though it is not. The fewer the better, and the difference of the two is what the
	// network can be used for.
	Generalisation Ranks
}

// Quality measures the kernel quality and the generalisation rank of the stack for inputs uniform
// in [-1, 1] (R. Legenstein and W. Maass, Edge of chaos and prediction of computational performance
// for neural circuit models, Neural Networks 20, 2007).
func (d *Deep[T]) Quality(o QualityOptions) (q Quality, err error) {
	if len(d.Layers) == 0 || d.Layers[0].Input == nil {
		return q, fmt.Errorf("esn: the quality of a reservoir without input weights, expected some")
	}
	if o.Streams == 0 {
		o.Streams = d.Size()
	}
	if o.Steps == 0 {
		o.Steps = 100
	}
	if o.Common == 0 {
		o.Common = min(10, o.Steps)
	}
	if o.Streams < 1 || o.Common < 1 || o.Steps < o.Common {
		return q, fmt.Errorf("esn: %d streams of %d steps, the last %d in common, expected at least 1 of each and no more in common than there are", o.Streams, o.Steps, o.Common)
	}
	k := tensor.NewKey(o.Seed, "esn.quality")
	inputs := d.Layers[0].Input.Dim(1)
	same := tensor.Uniform[T](k.Sub("common"), -1, 1, o.Common, inputs)
	for i, ranks := range []*Ranks{&q.Kernel, &q.Generalisation} {
		last := tensor.New[float64](d.Size(), o.Streams)
		for s := range o.Streams {
			u := tensor.Uniform[T](k.Sub("stream", uint64(i), uint64(s)), -1, 1, o.Steps, inputs)
			if i == 1 {
				tensor.Copy(u.Slice(0, o.Steps-o.Common, o.Steps, 1), same)
			}
			states, err := d.Run(u)
			if err != nil {
				return q, err
			}
			end := tensor.Convert[float64](states.Slice(0, o.Steps-1, o.Steps, 1))
			tensor.Copy(last.Slice(1, s, s+1, 1), end.Reshape(d.Size(), 1))
		}
		if *ranks, err = RanksOf(last); err != nil {
			return q, err
		}
	}
	return q, nil
}

// CapacityOptions of Deep.Memory and Deep.Processing. The zero value stands for the defaults.
type CapacityOptions struct {
	// Fit and Test are the numbers of rows: 10,000 each. Processing uses both together.
	Fit, Test int
	// Lags of the memory curve are 1 to so many: 200. Before the rows that are used lie as many, or
	// 100 if that is more.
	Lags int
	// Penalty of the readout: 1e-9.
	Penalty float64
	// Delays are those of the products of every degree, from degree 1 on: 60, 20 and 10.
	Delays []int
	Seed   uint64 // of the input
}

func (o *CapacityOptions) complete() (washout int, err error) {
	if o.Fit == 0 {
		o.Fit = 10000
	}
	if o.Test == 0 {
		o.Test = 10000
	}
	if o.Lags == 0 {
		o.Lags = 200
	}
	if o.Penalty == 0 {
		o.Penalty = 1e-9
	}
	if o.Delays == nil {
		o.Delays = []int{60, 20, 10}
	}
	if o.Fit < 1 || o.Test < 2 || o.Lags < 1 || len(o.Delays) == 0 {
		return 0, fmt.Errorf("esn: %d rows to fit, %d to test, %d lags and delays %v, expected at least 1, 2, 1 and one", o.Fit, o.Test, o.Lags, o.Delays)
	}
	return max(100, o.Lags, slices.Max(o.Delays)), nil
}

// input returns numbers uniform in [-1, 1] for all inputs of the stack, which has one.
func (d *Deep[T]) input(rows int, seed uint64) (*tensor.Tensor[T], []float64, error) {
	if len(d.Layers) == 0 || d.Layers[0].Input == nil || d.Layers[0].Input.Dim(1) != 1 {
		return nil, nil, fmt.Errorf("esn: the capacity of a reservoir without or with several inputs, expected one")
	}
	u := tensor.Uniform[T](tensor.NewKey(seed, "esn.capacity"), -1, 1, rows, 1)
	return u, tensor.Convert[float64](u).Data(), nil
}

// Memory returns MemoryCapacity of the stack, at lags 1, 2, ..., for inputs uniform in [-1, 1], and
// its sum. Rows that test are not those that the readouts are fitted to; by chance their squared
// correlation is about 1/Test in every lag that is forgotten.
func (d *Deep[T]) Memory(o CapacityOptions) (curve []float64, total float64, err error) {
	washout, err := o.complete()
	if err != nil {
		return nil, 0, err
	}
	u, plain, err := d.input(washout+o.Fit+o.Test, o.Seed)
	if err != nil {
		return nil, 0, err
	}
	states, err := d.Run(u)
	if err != nil {
		return nil, 0, err
	}
	lags := make([]int, o.Lags)
	for i := range lags {
		lags[i] = i + 1
	}
	curve, err = MemoryCapacity(tensor.Convert[float64](states), plain, lags, washout, o.Fit, o.Penalty)
	for _, c := range curve {
		total += c
	}
	return curve, total, err
}

// Processing returns ProcessingCapacity of the stack for inputs uniform in [-1, 1], and the sum of
// what is kept of all degrees: at most the number of neurons.
func (d *Deep[T]) Processing(o CapacityOptions) (list []Processing, total float64, err error) {
	washout, err := o.complete()
	if err != nil {
		return nil, 0, err
	}
	u, plain, err := d.input(washout+o.Fit+o.Test, o.Seed)
	if err != nil {
		return nil, 0, err
	}
	states, err := d.Run(u)
	if err != nil {
		return nil, 0, err
	}
	list, _, err = ProcessingCapacity(tensor.Convert[float64](states), plain, washout, o.Delays)
	for _, p := range list {
		total += p.Kept
	}
	return list, total, err
}
