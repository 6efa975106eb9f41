// Package data brings labelled images to a training run: an embedded set of handwritten digits,
// readers for the usual files, verified downloads, augmentation, and a Loader that prefetches
// batches.
//
// # Data sets
//
// Load returns a training and a test set by name. digits is embedded and needs nothing; mnist,
// fashion-mnist, cifar10 and cifar100 are read from a folder or from the cache; folder (pictures, a
// sub-folder for each class), csv and npy are the reader's own. Nothing touches the network unless
// Options.Download is set; what is downloaded is checked against pinned checksums each time it is
// loaded. Files in Options.Dir are checked for form only.
//
// Nothing is left out in silence: every file, row, column, array or batch that is not used is
// counted and named in Sets.Notes, and so is what was decided by looking at the data, such as a
// header that consists of numbers.
//
// # Layout and ownership
//
// Images are float32 tensors [N, C, H, W] with values in [0, 1]. A Dataset stores a byte for each
// value where all are whole numbers from 0 to 255, a quarter of the memory, and widens them when a
// batch is made. Which values become 0 and 1 is decided once, from all parts. It is immutable;
// Subset, Split and Take share its pixels. A Batch belongs to its Loader and is valid until the
// next one is asked for.
//
// # Determinism
//
// Splits, orders and augmentations are functions of a seed: the order of an epoch of (seed, epoch),
// what happens to an image of (seed, epoch, index of the image, place in the list of
// augmentations). Timing and the number of processors have no influence, and a run that resumes at
// (epoch, step) sees the batches that an uninterrupted one would have seen, bit for bit on the same
// architecture.
//
// # Errors
//
// A malformed file gives a *FormatError, one line that names file, place (offset, record or line),
// what was found and what was expected. Readers bound what they allocate by the data that arrives,
// never by a number in a header, and compare it before it is taken with the memory that there is:
// an error then wraps memory.ErrLimit and names ELEGANS_MEMORY, the variable that permits more. A
// compressed file may unfold to a hundred times its size, or 64 MiB. Pipes and devices are
// refused, not waited for. Reading ends with its context. Misuse by the program, such as a
// destination of the wrong shape, panics with a *tensor.ShapeError or a *tensor.UsageError.
package data
