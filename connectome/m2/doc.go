// Package m2 builds the unsupervised model of the Elegans-AI paper (Bardozzo et al., "Elegans-AI:
// How the connectome of a living organism could model artificial neural networks", Neurocomputing
// 584:127598, 2024), published under the name M2: an autoencoder for images of 28 x 28 pixels whose
// code passes through a connectome.
//
//	x      = LayerNorm s_init (encoder(image))               [batch, d]
//	y      = core(x)                                         [batch, d]
//	z      = LayerNorm norm_e (y) * LayerNorm norm_x (x)     [batch, d]
//	logits = decoder(z)                                      [batch, 1, 28, 28]
//
// The product z is the gate, element by element; it is LayerNorm norm_x (x) alone with core "none".
// sigmoid(logit) is the probability of ink.
//
// Encoder, gate, decoder and Loss are those of the published program. What stands between them is
// chosen by Config.Core.
//
// # What is published
//
// Core "published" is Published: of the network that the published program builds from the graph,
// the part that reaches its output (see Live for how little that is, and why). With i over live
// interneurons, j over motor neurons, h over query heads and (m, g) over pairs of a motor neuron
// and a key head:
//
//	I_i    = elu(W_i x + b_i) * x^(k_i - 1)                        k_i sensory neurons reach i
//	M_j    = elu(W_j I_source(j) + b_j)  or  elu(W_j x + b_j)
//	q[h]   = Wq[h] x + bq[h],   K[m,g] = Wk[g] M_m + bk[g],   V[m,g] = Wv[g] M_m + bv[g]
//	a[h]   = softmax over all (m,g) together of K[m,g] · q[h] / sqrt(key_dim)
//	o[h]   = sum over (m,g) of a[h,m,g] V[m,g]
//	y      = LayerNorm tn.norm (sum over h of Wo[h] o[h] + bo)
//
// The layers as they follow each other, with the published sizes (all convolutions 3 x 3 with elu,
// padding 1 unless it says valid):
//
//	enc.conv1 240, halve, enc.conv2 120, halve, enc.conv3 120      28 x 28 -> 14 x 14 -> 7 x 7
//	enc.dense 784 elu, s_init                                      5880 -> 784
//	core and gate
//	dec.dense1 784, dense2 512, dense3 256, dense4 128, all elu    read as 4 x 4, 8 channels
//	dec.bn, dec.conv1 120, double, dec.conv2 120, double           4 x 4 -> 8 x 8 -> 16 x 16
//	dec.conv3 240 valid, double, dec.out 1 without elu             14 x 14 -> 28 x 28
//
// Halving takes maxima, doubling repeats. The dense layers take the pixels in (row, column,
// channel) order.
//
// At these sizes, on connectome.Shipped, it has 87,851,345 parameters, of which 87,851,329 train.
// LayerNorm and BatchNorm have Keras' epsilon of 1e-3 inside the root; the moving statistics take
// 0.01 of each batch, the variance made unbiased. Weights start as Keras draws them (Glorot's
// uniform distribution with Keras' fans, zeros, ones), from our random numbers. The program trains
// with optim.AdamKerasDefaults on batches of 128 images turned to ink and paper at 0.3. Its echo
// version is Config.Frozen: "published".
//
// # What is ours
//
// Cores "worm", "dense" and "none": a network in which every synapse takes part and products stay
// finite, a dense layer with as many parameters, nothing. They share everything else.
//
// Layouts are PyTorch's (images [batch, channels, height, width], weights [out, in]); Keras lists
// the parameters under Keras' names and layouts, as views to copy from and to. FillWeights makes
// weights by a formula that other programs can evaluate as well; `elegans crosscheck` compares the
// model so with numbers recorded from TensorFlow, tensor by tensor.
//
// What the published program computes is kept, in shorter ways where the result is the same: the
// maximum is taken before elu, doubled images are never made, powers of the code are one operation
// instead of a chain of stored products, and units that receive no gradient (nearly all of them,
// with the published start) cost nothing in the backward pass. Powers of the code below the
// smallest normal number count as 0, as in the framework of the published program.
//
// Every layer marks its result (see autograd.Tape.Mark) under the name that it has above:
// "enc.conv1", "tn.inter.54", "mha.attention", "dec.out.logit".
//
// # Errors
//
// New returns one clear line for a configuration or a graph that cannot be used: no neurons, no
// sensory or no motor neuron, and, with core "published", no motor neuron within reach. Images of
// other shapes panic with a *tensor.ShapeError.
package m2
