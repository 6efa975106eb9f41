// Package conv computes convolutions and their gradients as matrix products whose second operand is
// never stored: its panels are gathered from the image straight into the form that the micro-kernel
// of package kernel reads.
//
// # Channels next to each other
//
// With several input and output channels (channelsLast) a correlation works on padded copies of
// images whose channels lie next to each other. What a result reads through a row of taps is then
// one run of numbers, its neighbour's run begins one pixel further, and so pixels are the rows of A
// of the micro-kernel, the weights are B and nothing is gathered: see direct. Blocks of the image
// are transposed on the way in, blocks of the results on the way out.
//
// # Few channels
//
// Otherwise a convolution is, for one image and one group, the product of the weights, [O, K] with
// K = C*KH*KW, and the matrix of patches, [K, pixels]. Row k = (c, ky, kx) of the latter is channel
// c of the padded image, moved by the tap (ky, kx). So a padded copy of a few rows of the image is
// made once (a unit of work: its taps then need no border cases), and a panel of patches is, for
// each k, a handful of short contiguous copies whose places depend on the panel only:
// kernel.Conv.Gather. With a stride of s the copy is split into s*s images, one for each remainder
// of the coordinates modulo s, in which the sources of neighbouring results are neighbours again.
// The bias is one more column of the weights, against a row of ones.
//
// # Gradients
//
// The gradient of the input of a convolution of stride 1 is a correlation of the output's gradient
// with the weights: the same computation again. With a larger stride, or where padding makes it
// larger than its input, it is computed by columns instead: tiles of the product of the transposed
// weights and the output's gradient are added to a padded image by kernel.Conv.Scatter, the
// transpose of Gather, as soon as they are made. A convolution with few outputs is computed in that
// way too, as the gradient of its mirror image, because each element of its input then takes part
// once instead of once for each tap.
//
// The gradient of the weights is the product of the output's gradient, [O, pixels], and the
// transposed matrix of patches, whose rows are gathered by the same kernel with taps and pixels
// exchanged: from a copy with channels next to each other, if there are several, in which a row of
// taps is one piece. With fewer outputs than inputs it is that of the mirror image. Images are
// summed in fixed chunks, and the chunks in order.
//
// # Determinism and memory
//
// Units and chunks depend on the shape and the kernel set only, so results are bit-identical for
// every number of workers. Plans (offsets and copy lists) are cached by shape and scratch memory is
// recycled: a repeated call allocates nothing.
package conv
