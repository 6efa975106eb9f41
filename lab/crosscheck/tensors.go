package crosscheck

import (
	"slices"
	"strings"

	"elegans/data/safetensors"
	"elegans/internal/quote"
)

// tensorFile is the safetensors file of a manifest. It remembers which of its tensors the cases
// name, so that those that were recorded in vain can be reported.
type tensorFile struct {
	*safetensors.File
	named map[string]bool
}

// open opens the tensors of the manifest.
func (m *manifest) open() (*tensorFile, error) {
	f, err := safetensors.Open(m.tensors())
	if err != nil {
		return nil, err
	}
	return &tensorFile{f, map[string]bool{}}, nil
}

// name notes that a case names tensors, and returns those that the file does not have.
func (f *tensorFile) name(names ...string) (missing []string) {
	for _, n := range names {
		f.named[n] = true
		if !f.Has(n) && !slices.Contains(missing, n) {
			missing = append(missing, n)
		}
	}
	return missing
}

// unnamed fails the manifest if its file holds tensors that no case has named.
func (rec *recorder) unnamed(f *tensorFile) {
	var left []string
	for _, n := range f.Names() {
		if !f.named[n] && !uncounted(n) {
			left = append(left, n)
		}
	}
	if len(left) > 0 {
		rec.current = ""
		rec.fail("tensors that were recorded, but that no case names: " + quote.Names(left))
	}
}

// uncounted reports whether a tensor takes no part in the arithmetic: PyTorch stores the number of
// batches that a normalisation has seen.
func uncounted(name string) bool { return strings.HasSuffix(name, ".num_batches_tracked") }
