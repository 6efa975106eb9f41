// Package m2 builds the unsupervised model of the Elegans-AI paper (Bardozzo et al., Neurocomputing 584:127598, 2024): an autoencoder for images of 28 x 28 pixels whose
// code passes through a connectome.
//
//	x      = LayerNorm s_init (encoder(image))                     [batch, d]
//	y      = core(x)                                               [batch, d]   the connectome network
//	z      = LayerNorm norm_e (y) * LayerNorm norm_x (x)           the gate; z = LayerNorm norm_x (x) with core "none"
//	logits = decoder(z)                                            [batch, 1, 28, 28], pixel probability = sigmoid(logit)
//
// Encoder and decoder are those of the published program; what stands between them is chosen by Config.Core.
package m2
