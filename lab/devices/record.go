package devices

import (
	"fmt"
	"slices"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/tensor"
)

// Trace is what a model computed, in the order of computation.
type Trace[T tensor.Float] struct {
	Device  string // that computed; empty for the processor
	Tensors []Tensor[T]
	Tally   tensor.DeviceTally
}

// Tensor is a copy of something computed.
type Tensor[T tensor.Float] struct {
	Name   string // "fc1", "loss", "gradient of fc1", "gradient of fc1.weight", "step 1: loss"
	Shape  []int
	Values []T
}

// Task is what is recorded of a model.
type Task[T tensor.Float] struct {
	Objective train.Objective[T]
	Batch     train.Batch[T]
	Key       tensor.Key // of random numbers, dropout for one
	// Steps of Optimizer follow on the same batch; Optimizer may be nil without steps.
	Steps     int
	Optimizer *optim.Optimizer[T]
}

// Record runs the model forward and backward in training mode, then the steps of training. It
// returns an error if a model marks no layer.
func Record[T tensor.Float](model nn.Module[T], task Task[T]) (*Trace[T], error) {
	t := &Trace[T]{Device: tensor.DeviceName()}
	tensor.TakeDeviceTally()
	params := nn.Params(model)
	for _, p := range params {
		p.ZeroGrad()
	}
	tp := autograd.NewTape[T]()
	tp.KeepMarks, tp.RetainGrad = true, true
	tp.SetKey(task.Key)
	loss := tp.WithAddedLosses(task.Objective.Loss(tp, task.Batch, &train.Metrics{}))
	marks := slices.Clone(tp.Marks())
	if len(marks) == 0 {
		return nil, fmt.Errorf("the model marks no layer")
	}
	for _, m := range marks {
		t.add(m.Name, m.Var.Value)
	}
	t.add("loss", loss.Value)
	tp.Backward(loss)
	for _, m := range slices.Backward(marks) {
		t.add("gradient of "+m.Name, m.Var.Grad())
	}
	for _, p := range params {
		t.add("gradient of "+p.Path, p.Grad())
	}
	tp.KeepMarks, tp.RetainGrad = false, false
	for step := range task.Steps {
		tp.Reset()
		tp.SetKey(task.Key.Sub("step", uint64(step)))
		task.Optimizer.ZeroGrad()
		loss := tp.WithAddedLosses(task.Objective.Loss(tp, task.Batch, &train.Metrics{}))
		tp.Backward(loss)
		task.Optimizer.Step()
		t.add(fmt.Sprintf("step %d: loss", step+1), loss.Value)
	}
	if task.Steps > 0 {
		for _, p := range params {
			t.add(fmt.Sprintf("after %d steps: %s", task.Steps, p.Path), p.Value)
		}
	}
	t.Tally = tensor.TakeDeviceTally()
	return t, nil
}

// add copies a tensor; a gradient that there is none of is left out.
func (t *Trace[T]) add(name string, x *tensor.Tensor[T]) {
	if x != nil {
		t.Tensors = append(t.Tensors, Tensor[T]{name, slices.Clone(x.Shape()), slices.Clone(x.Contiguous().Data())})
	}
}
