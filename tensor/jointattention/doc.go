// Package jointattention computes an attention in which every query head of an item attends to all
// pairs of a source and a key head under one softmax. For query head h, source m, key head g and
// heads of D coordinates,
//
//	key[m,g]   = WeightK[g] memory[m] + BiasK[g]
//	value[m,g] = WeightV[g] memory[m] + BiasV[g]
//	s[h,m,g]   = key[m,g] · query[h] / sqrt(D)
//	a[h]       = softmax of s[h] over all (m, g)
//	context[h] = sum over (m, g) of a[h,m,g] value[m,g]
//
// Ordinary attention has one softmax for each pair of query head and key head instead. The rows of
// the weights belong to the heads in turn.
//
// # How it is computed
//
// Keys and values are the two large products. The scores, heads times as many as the keys have
// elements, are never stored. The scores of one item and one source are a block of heads by heads
// that fits the L1 cache. Each block is made three times: for the maximum of its scores, for the
// context, and for the gradients. A block holds the query heads side by side, so that both products
// with it take keys, values and the block itself where they lie, and the softmax runs down its
// columns. The gradients of keys and values take the places of keys and values, so that nothing but
// these two is ever stored for a whole batch.
//
// # Blocks that contribute nothing
//
// The weight of a pair is exactly 0, in the context and in all gradients, if its score lies so far
// below the item's largest that the exponential is less than the smallest normal number. The
// gradient of a score is 0 if its magnitude is less than that. So no operand of a product is
// subnormal, which would slow some processors a hundredfold.
//
// A block of which all weights are 0 is left out, and so are the values and gradients of a source
// that no item attends to. Where lengths alone tell that the scores of a source cannot come near
// those of the longest one (|key·query| <= |key| |query|), its keys are not computed at all. Where
// a softmax is one-hot the gradients of its scores are exactly 0, and what they would be multiplied
// with is left out as well.
//
// Results and gradients are those of the full computation, bit for bit, as long as operands are
// finite: the product of 0 and an infinite number is not formed. Batches of at most 16 items are an
// exception. The few rows of keys or values that are left there may be summed in another order than
// the whole product, so that results agree to rounding only.
package jointattention
