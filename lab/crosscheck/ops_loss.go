package crosscheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

// opsLoss registers the losses, but for cross entropy with softmax (opsRows).
func opsLoss[T tensor.Float](r registry[T]) {
	r.add("mse_loss", func(c *Case[T]) { c.Out(c.Tape.MSELoss(c.Var("input"), c.Var("target"), c.reduction())) })
	r.add("l1_loss", func(c *Case[T]) { c.Out(c.Tape.L1Loss(c.Var("input"), c.Var("target"), c.reduction())) })
	r.add("huber_loss", func(c *Case[T]) {
		c.Out(c.Tape.HuberLoss(c.Var("input"), c.Var("target"), c.Float("delta", 1), c.reduction()))
	})
	r.add("smooth_l1_loss", func(c *Case[T]) {
		c.Out(c.Tape.SmoothL1Loss(c.Var("input"), c.Var("target"), c.Float("beta", 1), c.reduction()))
	})
	r.add("bce", func(c *Case[T]) {
		c.Out(c.Tape.BCELoss(c.Var("input"), c.Var("target"), c.OptTensor("weight"), c.reduction()))
	})
	r.add("bce_with_logits", func(c *Case[T]) {
		c.Out(c.Tape.BCEWithLogits(c.Var("input"), c.Var("target"), autograd.BCEOptions[T]{
			Weight: c.OptTensor("weight"), PosWeight: c.OptTensor("pos_weight"), Reduction: c.reduction()}))
	})
	r.add("kl_div", func(c *Case[T]) {
		c.Out(c.Tape.KLDiv(c.Var("input"), c.Var("target"), c.Bool("log_target", false), c.reduction()))
	})
	r.add("nll_loss", func(c *Case[T]) {
		c.Out(c.Tape.NLLLoss(c.Var("input"), c.Ints("target"), autograd.NLLOptions[T]{
			Weight: c.OptTensor("weight"), HasIgnore: true, Ignore: c.AttrInt("ignore_index", -100), Reduction: c.reduction()}))
	})
	r.add("focal_loss", func(c *Case[T]) {
		c.Out(c.Tape.FocalLoss(c.Var("input"), c.Ints("target"), autograd.FocalOptions[T]{
			Alpha: c.OptTensor("alpha"), Gamma: c.Float("gamma", 2), Reduction: c.reduction()}))
	})
	r.add("sigmoid_focal_loss", func(c *Case[T]) {
		c.Out(c.Tape.SigmoidFocalLoss(c.Var("input"), c.Var("target"), autograd.SigmoidFocalOptions{
			Alpha: c.Float("alpha", 0.25), Gamma: c.Float("gamma", 2), Reduction: c.reduction()}))
	})
	r.add("binary_dice_loss", func(c *Case[T]) {
		c.Out(c.Tape.BinaryDiceLoss(c.Var("input"), c.Var("target"), autograd.DiceOptions{
			Smooth: c.Float("smooth", 1), P: c.Float("p", 2), FromLogits: c.Bool("from_logits", false), Reduction: c.reduction()}))
	})
}

// reduction reads the attribute of that name.
func (c *Case[T]) reduction() autograd.Reduction {
	switch c.Choice("reduction", "mean", "sum", "none", "batchmean") {
	case "sum":
		return autograd.Sum
	case "none":
		return autograd.None
	case "batchmean":
		return autograd.BatchMean
	}
	return autograd.Mean
}
