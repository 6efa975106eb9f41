package transformer

import (
	"unsafe"

	"elegans/autograd/nn"
	"elegans/tensor"
)

// StepBytes estimates the memory that a training step takes for a batch of so many images: what the
// parts keep, each value with its gradient. It is meant to refuse a step before its memory is
// taken, and is not exact. It is 0 for a model that New did not make.
func (m *Transformer[T]) StepBytes(batch int) float64 {
	c := &m.Config
	if c.Dim == 0 {
		return 0
	}
	n := c.Tokens()
	total := numbers[T](4*batch, n*c.Dim) + stepBytes(m.Patches, batch, n)
	for _, b := range m.Blocks {
		total += b.stepBytes(batch, n)
	}
	return total + stepBytes(m.Pool, batch, n) + stepBytes(m.Head, batch, 1)
}

// stepBytes estimates the memory that a training step takes for a part that works on so many tokens
// of so many examples. Of a part that does not tell it is 0.
func stepBytes[T tensor.Float](m nn.Module[T], batch, tokens int) float64 {
	switch m := m.(type) {
	case interface {
		stepBytes(batch, tokens int) float64
	}:
		return m.stepBytes(batch, tokens)
	case interface{ StepBytes(batch int) float64 }: // a network of rows
		return m.StepBytes(batch * tokens)
	}
	return 0
}

// mixerBytes is stepBytes for a mixer of tokens of so many features, by which the network of a
// TokenMLP is repeated.
func mixerBytes[T tensor.Float](m nn.Module[T], batch, tokens, features int) float64 {
	if m, ok := m.(TokenMLP[T]); ok {
		return m.mixerBytes(batch, features)
	}
	return stepBytes(m, batch, tokens)
}

// numbers returns the bytes of rows of so many numbers, with their gradients.
func numbers[T tensor.Float](rows, columns int) float64 {
	var element T
	return 2 * float64(rows) * float64(columns) * float64(unsafe.Sizeof(element))
}
