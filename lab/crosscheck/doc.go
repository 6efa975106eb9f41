// Package crosscheck compares the engine with recorded values of a reference implementation.
//
// A reference folder holds manifests: JSON files that name their kind and tolerance. The tensors of
// a manifest lie in the safetensors file of the same stem. Run works through every case of every
// manifest of a folder and returns a Report: one row for each tensor compared, with the largest
// absolute and relative difference and a verdict.
//
// # Rules
//
// Two numbers a (ours) and b (the reference's) agree if |a-b| <= atol + rtol*|b|, or if they are
// the same infinity, or if both are NaN. A reference of shape [1] may stand for a scalar without
// axes. A gradient that ours does not have counts as zeros. A case that panics counts as over
// tolerance, with the text of the panic; a case whose manifest entry records an error is a refusal,
// and passes if ours refuses too. A case is skipped if nothing here can run it: an unknown kind or
// operation, an argument or attribute that is missing, malformed, or not understood. Cases are
// recognised by operation and attributes only, never by name, so that a folder of the same form
// with other shapes and numbers is checked just as well; attributes that are absent take PyTorch's
// defaults.
//
// In manifests of kind "layers" (a model of the zoo layer by layer, see layersEntry) rtol is of the
// largest entry of the tensor, |a-b| <= atol + rtol*max|b|, because sums of many terms have small
// values whose rounding error is that of the large ones. Tensors come in the order in which they
// are computed, so the first row over tolerance shows where two programs part.
//
// The tape is recycled from case to case, so results must not depend on what its memory held
// before.
package crosscheck
