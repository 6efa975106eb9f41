// Package npy reads and writes NumPy's array files: NPY (versions 1, 2 and 3) and NPZ, a zip of
// them.
//
// Boolean, integer, half, single and double precision elements are read, little- and big-endian, in
// C or Fortran order; an Array always holds them row-major and little-endian. Structured, complex,
// text and object arrays are refused; nothing is ever unpickled. A refusal is a *FormatError that
// names file, place, what was found and what was expected. Memory grows with the data that arrives,
// never with a number that a header claims; what an array takes is compared with the memory that
// there is (the error then wraps memory.ErrLimit), and what a member of an archive claims to hold
// with its compressed bytes.
//
// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package npy
