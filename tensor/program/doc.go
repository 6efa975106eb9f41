// Package program runs straight-line programs over matrices as one operation, forward and backward.
//
// A Program is a list of steps in static single assignment. Its values are matrices [rows, width];
// step i computes value inputs+i from earlier ones. With the weight W and the bias b, or the gain g
// and the shift s, of the unit that a step names, and for each row a (and c) of its operands,
//
//	Linear   y = W a + b
//	Act      y = f(norm(a))
//	Add      y = norm(a + c)
//	Mul      y = norm(a * c), element by element
//
// where f is the activation of the program and norm, if the step has Norm, layer normalisation,
//
//	norm(z) = (z - mean(z)) / sqrt(var(z) + eps) * g + s,   else norm(z) = z
//
// Backward is reverse-mode differentiation of the same list: with dy the gradient of y,
//
//	Linear   da += Wᵀ dy,   dW += dy aᵀ,   db += dy
//	Act      da += norm'(f'(z) dy),   z = norm(a)
//	Add      da += norm'(dy),   dc += norm'(dy)
//	Mul      da += norm'(dy) * c,   dc += norm'(dy) * a
//	norm'    g dy =: e,   dz = (e - mean(e) - zhat mean(e zhat)) / sqrt(var(z) + eps)
//
// # Order of work
//
// Linear steps are matrix products, which are best done for all rows at once. The other steps work
// on each row alone, and are best done for a few rows that stay in the cache. So steps are sorted
// into levels: the level of a value is the number of linear steps on the longest way to it. A level
// computes its linear steps as one parallel loop over the steps, and then all its other steps as
// one parallel loop over blocks of rows. Thousands of small steps so cost what their arithmetic
// costs.
//
// Sums over rows are cut by the shape alone, so results do not depend on the number of workers.
package program
