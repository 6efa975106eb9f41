// Package zoo builds the named models from descriptions that can be stored in a checkpoint.
//
//	worm      images -> affine map -> connectome network -> affine map -> logits
//	worm-cnn  images -> two convolution stages -> affine map -> connectome network -> affine map -> logits
//	cnn       the same without the connectome: images -> two convolution stages -> affine map -> logits
//	mlp       images -> affine maps with ReLU between -> logits
//	lenet     LeNet-5 with ReLU and maximum pooling (LeCun et al. 1998)
//
// The wiring of the worm models is a connectome by name or file, or a control made from it.
package zoo
