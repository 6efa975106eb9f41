// Package zoo builds the named models from descriptions that can be stored in a checkpoint.
//
//	worm      images -> affine map -> connectome network -> affine map -> logits
//	worm-cnn  images -> two convolution stages -> affine map -> connectome network -> affine map -> logits
//	cnn       the same without the connectome: images -> two convolution stages -> affine map -> logits
//	mlp       images -> affine maps with ReLU between -> logits
//	lenet     LeNet-5 with ReLU and maximum pooling (LeCun et al. 1998)
//
// and the autoencoders of package m2, images of 28 x 28 -> code -> core -> images, which have no
// classes:
//
//	m2-upstream       the published model: its live network on the worm as it was shipped, its start, its penalties
//	m2-echo-upstream  the same with encoder and network frozen
//	m2                the published encoder and decoder around a sound core: every synapse of the repaired worm takes part, products are bounded
//	m2-echo           the same with encoder and network frozen
//	m2-small          m2 at an eighth of its width. Its code is not an eighth of 128 numbers, 16, but 32: as many as the narrowest dense layer of the decoder has at this width. With 16
//	                  the code would be what every comparison measures
//
// The wiring of the worm models is a connectome by name or file, or a control made from it.
package zoo
