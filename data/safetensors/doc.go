// Package safetensors reads and writes the safetensors format: named arrays behind a JSON header,
// the format of checkpoints and reference values here, and one that PyTorch users load as it is
// (safetensors.torch.load_file).
//
// # Layout of a file
//
// Eight bytes hold the length n of the header, little-endian; n bytes of JSON follow, an object
// that maps each name to {"dtype", "shape", "data_offsets"}, with an optional "__metadata__" of
// strings, padded with spaces; the rest is data, row-major and little-endian, where data_offsets
// count from the end of the header. See https://github.com/huggingface/safetensors (the section
// "Format" of its README).
//
// # Reading
//
// Open and Read check the whole header before anything else is done with it: every byte of the data
// belongs to exactly one array, offsets agree with dtype and shape, and names are unique and valid
// UTF-8. A refusal is a *FormatError that names file, place, what was found and what was expected.
// Memory is allocated in proportion to the file, never to a number that the header claims, and not
// beyond what there is (the error then wraps memory.ErrLimit). Arrays are read when asked for (Get,
// Int64s); one of a type that is not known here, such as C64, is listed and refused only then. A
// File may be used by several goroutines at once if its reader allows concurrent ReadAt, as
// *os.File does.
//
// # Writing
//
// Write and Encode produce the same bytes for the same arrays. Arrays lie in the order of
// decreasing element size, then name, and the header is padded to a multiple of 8 bytes, so that
// every array is aligned to its element. Write replaces the file atomically. WithChecksum adds a
// checksum of the content to the metadata, where other readers pass over it, and File.CheckSum
// compares it.
package safetensors
