package published

import "unsafe"

// StepBytes estimates the memory that a training step takes for so many rows (or time steps): the
// values and gradients of the neurons, and what the attention keeps. It is meant to refuse a step
// before its memory is taken, and is not exact.
func (n *Network[T]) StepBytes(rows int) float64 {
	var element T
	c, p := &n.Config, n.program(1).program
	d := float64(c.EmbeddingDim)
	perRow := float64(p.Slots(true)+p.GradSlots()+2*n.inputs+3*len(n.Motors))*d + 2*float64(p.Steps())
	if n.MHA != nil {
		perRow += 4 * float64(*c.NHeads) * (d + float64(len(n.Motors)))
	}
	return float64(rows) * perRow * float64(unsafe.Sizeof(element))
}
