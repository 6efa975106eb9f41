// Package gemm computes C = alpha A B + beta C for matrices given by strides, one at a time or in
// batches, on several cores.
//
// # How a product is cut
//
// C is cut into blocks (see plan), which are the units that goroutines share; a block runs over the
// whole of k by itself, in pieces of at most KC, so blocks never wait for each other. For each
// piece a block
//
//   - packs its columns of B into panels of NR columns, stored row after row, which stay in the L2
//     cache;
//   - takes MR rows of A at a time, which stay in the L1 cache, and moves them over all panels with
//     the micro-kernel of package kernel;
//   - after the last piece applies the activation to the rows it has just finished.
//
// An operand that the micro-kernel can read as well where it lies is not packed. The plan depends
// on the shapes, the size of the L2 cache and the number of goroutines; the value of an element
// does not depend on the plan: its products are summed in ascending order of k in pieces that
// depend only on K. Vectors, and up to MicroKernel.DotRows rows times a B stored column after
// column, take other ways with another order of summing (vector.go), whatever the number of
// goroutines.
//
// # Prefetch
//
// While the micro-kernel works, it prefetches what comes next: the following rows of A; when all of
// A stays in the L2 cache, the columns of B of the next block; and when whole products stay there,
// the operands of the next one. Without that a third of the time of M2's grouped products, 128 x
// 784 x 784 with a matrix of their own each, was waiting for these matrices.
//
// # Panels and implicit operands
//
// A panel of width w holds a few columns of B (or rows of A) and a piece of k: element (p, j) lies
// at p*w + j. An operand may be given by a Packer, which writes such panels itself: a convolution
// writes image patches there, and the matrix of patches never exists.
//
// # What did not help
//
// Measured on an Intel server core (two 512-bit multiply-add units, 2 MiB of L2): smaller blocks,
// which pack more often (784 cubed with A transposed loses 2 % with 4 blocks and 8 % with 8);
// multiply-adds with a broadcast memory operand (a tenth slower); packing the A of products of 64
// columns (a tenth slower); prefetching a matrix B stored row after row, whose rows are a page
// apart (a tenth slower); huge pages (the same rates; only the first touch of memory is three times
// as fast); prefetching the next rows while packing (no difference). Flushing subnormal numbers
// tile by tile cost a twentieth: a call therefore computes all whole tiles of a row of tiles.
//
// # Memory
//
// Panels live in recycled scratch buffers, one a running goroutine; products of recurring shapes
// allocate nothing.
package gemm
