package tensornet

import "unsafe"

// StepBytes estimates the memory that a training step takes for a batch of so many examples: the
// states [neurons, batch, d] that every round keeps, each with its gradient. It is meant to refuse
// a step before its memory is taken, and is not exact.
func (n *Network[T]) StepBytes(batch int) float64 {
	var element T
	state := float64(n.Wiring.Neurons) * float64(n.Config.Width) * float64(batch) * float64(unsafe.Sizeof(element))
	kept := 2 // what arrives, and what the unit makes of it
	if n.Gain != nil || n.Config.UnitWeights == UnitShared || !n.act.FromResult {
		kept++ // the linear map apart from its activation
	}
	if n.Gain != nil {
		kept++
	}
	if n.Config.Residual {
		kept++
	}
	scratch := 0
	if n.Config.Combine == CombineProduct {
		scratch = 2 // the gates and their product, without gradients
	}
	return state * float64(2+n.Config.Rounds*(2*kept+scratch))
}
