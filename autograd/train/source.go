package train

import (
	"fmt"

	"elegans/data"
	"elegans/tensor"
)

// FromLoader serves the batches of a data.Loader: images [n, C, H, W] and labels.
func FromLoader[T tensor.Float](l *data.Loader) Source[T] { return &loaderSource[T]{loader: l} }

type loaderSource[T tensor.Float] struct {
	loader *data.Loader
	left   int               // batches of the epoch that are still to come
	own    *tensor.Tensor[T] // images as T, where that is not float32
	buffer []T
}

func (s *loaderSource[T]) Steps() int { return s.loader.Steps() }

func (s *loaderSource[T]) Start(epoch, step int) {
	s.loader.Seek(epoch, step)
	s.left = s.loader.Steps() - step
}

func (s *loaderSource[T]) Next() (Batch[T], bool) {
	if s.left == 0 {
		return Batch[T]{}, false
	}
	s.left--
	b := s.loader.Next()
	if b == nil {
		return Batch[T]{}, false
	}
	if x, ok := any(b.Images).(*tensor.Tensor[T]); ok {
		return Batch[T]{X: x, Labels: b.Labels}, true
	}
	if n := b.Images.Len(); s.own == nil || cap(s.buffer) < n {
		s.buffer, s.own = make([]T, n), &tensor.Tensor[T]{}
	}
	s.own.Rebind(s.buffer[:b.Images.Len()], b.Images.Shape()...)
	tensor.ConvertTo(s.own, b.Images)
	return Batch[T]{X: s.own, Labels: b.Labels}, true
}

// FromTensors serves consecutive batches of inputs X [N, ...] with labels or targets, in the same
// order in every epoch; the last one may be smaller. It is for small sets and tests.
func FromTensors[T tensor.Float](x *tensor.Tensor[T], labels []int, target *tensor.Tensor[T], batch int) Source[T] {
	if batch < 1 {
		tensor.PanicUsage("train.FromTensors", fmt.Sprintf("a batch size of %d, expected at least 1", batch))
	}
	if labels != nil && len(labels) != x.Dim(0) {
		tensor.PanicShape("train.FromTensors", fmt.Sprintf("%d labels", len(labels)), x.Shape())
	}
	if target != nil && target.Dim(0) != x.Dim(0) {
		tensor.PanicShape("train.FromTensors", "inputs and targets of different number", x.Shape(), target.Shape())
	}
	return &tensorSource[T]{x: x, labels: labels, target: target, batch: batch}
}

type tensorSource[T tensor.Float] struct {
	x, target *tensor.Tensor[T]
	labels    []int
	batch, at int
}

func (s *tensorSource[T]) Steps() int { return (s.x.Dim(0) + s.batch - 1) / s.batch }

func (s *tensorSource[T]) Start(_, step int) { s.at = step * s.batch }

func (s *tensorSource[T]) Next() (b Batch[T], ok bool) {
	n := s.x.Dim(0)
	if s.at >= n {
		return b, false
	}
	end := min(s.at+s.batch, n)
	b.X = s.x.Slice(0, s.at, end, 1)
	if s.labels != nil {
		b.Labels = s.labels[s.at:end]
	}
	if s.target != nil {
		b.Target = s.target.Slice(0, s.at, end, 1)
	}
	s.at = end
	return b, true
}
