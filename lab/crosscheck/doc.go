// Package crosscheck compares the engine with recorded values of another program: a reference
// implementation, or a port of a model to another device.
//
// A folder holds manifests, JSON files that name their kind, their tolerance and their cases. The
// tensors of a manifest lie in the safetensors file of the same stem. Run works through every case
// of every manifest of a folder and returns a Report: one Row for each tensor compared, with the
// largest absolute and relative difference and a verdict. README.md describes the kinds of
// manifests and how to write them; operations of the caller's own are checked like those of the
// engine, see Operation.
//
// # Rules of comparison
//
// Two numbers a (ours) and b (the reference's) agree if |a-b| <= atol + rtol*|b|, or if they are
// the same infinity, or if both are NaN. In manifests of kind "layers" rtol is of the largest entry
// of the tensor, |a-b| <= atol + rtol*max|b|, because sums of many terms have small values whose
// rounding error is that of the large ones. A reference of shape [1] may stand for a scalar without
// axes. A gradient that ours does not have counts as zeros.
//
// Tensors come in the order in which they are computed, so the first row over tolerance shows where
// two programs part. The tape is recycled from case to case: results must not depend on what its
// memory held before.
//
// # Errors, failures, skipped cases
//
// Run returns an error, one line that names file, case and key, for a manifest that is not well
// formed: unknown keys, keys that are there twice, a tolerance that is negative, not finite or
// above 0.1 (unless loose_tolerance is set), no cases, two cases of one name, more gradients than
// arguments. A case that asks for more memory than one input may take (see package memory) is such
// an error too.
//
// A case fails, and counts as over tolerance, if a tensor that it names is missing or if the engine
// panics. Tensors that were recorded but that no case names fail the manifest.
//
// A case whose entry records an error of the reference is a refusal: it passes if ours refuses too,
// with an error of a type of its own such as *tensor.ShapeError. Any other panic is a defect. In
// manifests of kind "former" a case of which the reference makes a mistake may run instead, with a
// finite loss and a gradient of the input: its verdict is Sound. A case that departs says that ours
// does something else on purpose, and why; it fails if ours does not.
//
// A case is skipped if nothing here can run it: an unknown kind, operation or model, an argument or
// attribute that is missing, malformed, or not understood. Cases are recognised by operation and
// attributes only, never by name, so that a folder of the same form with other shapes and numbers
// is checked just as well. Attributes that are absent take PyTorch's defaults.
package crosscheck
