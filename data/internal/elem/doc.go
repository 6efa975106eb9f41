// Package elem converts between the element types of array files (safetensors, NPY) and Go numbers.
// Bytes are little-endian throughout; Swap turns big-endian input into that form first. Functions
// take the bytes of whole elements and panic (index out of range) on fewer.
package elem
