package safetensors

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"

	"elegans/data/internal/format"
)

// ChecksumKey is the key of the metadata under which WithChecksum puts the sum.
const ChecksumKey = "sha256"

// WithChecksum returns the metadata with the SHA-256 of the whole content: names, dtypes, shapes
// and bytes of all arrays, and all other metadata. The sum does not depend on the order in which a
// file stores them, so it still holds when another program has read and written the file. Readers
// that do not know it see one more string.
func WithChecksum(arrays map[string]Array, metadata map[string]string) map[string]string {
	const piece = 1 << 13 // elements, 64 KiB at most
	buf := make([]byte, 0, 8*piece)
	h := sumMetadata(metadata)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		a := arrays[name]
		sumArray(h, name, a.dtype, a.shape)
		for lo := 0; lo < a.n; lo += piece {
			buf = a.append(buf[:0], lo, min(lo+piece, a.n))
			h.Write(buf)
		}
	}
	summed := maps.Clone(metadata)
	if summed == nil {
		summed = map[string]string{}
	}
	summed[ChecksumKey] = hex.EncodeToString(h.Sum(nil))
	return summed
}

// CheckSum reads the whole file and returns a *FormatError unless its content is that of the
// checksum in its metadata. A file without one passes.
func (f *File) CheckSum() error {
	want, ok := f.metadata[ChecksumKey]
	if !ok {
		return nil
	}
	h := sumMetadata(f.metadata)
	for _, name := range f.Names() {
		a := f.arrays[name]
		sumArray(h, name, a.Dtype, a.Shape)
		err := f.chunks(name, a, func(_ int, b []byte) error {
			h.Write(b)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if found := hex.EncodeToString(h.Sum(nil)); found != want {
		const shown = 12 // digits
		return format.New(f.name, "", "content with the checksum "+found[:shown],
			fmt.Sprintf("%.*q as its metadata say: the file was damaged or changed after it was written", shown, want))
	}
	return nil
}

// sumMetadata begins a sum with all metadata but the checksum itself.
func sumMetadata(metadata map[string]string) hash.Hash {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key != ChecksumKey {
			fmt.Fprintf(h, "%q:%q\n", key, metadata[key])
		}
	}
	return h
}

// sumArray adds the description of an array, which its bytes follow.
func sumArray(h hash.Hash, name string, dtype Dtype, shape []int) {
	fmt.Fprintf(h, "%q %s %v\n", name, dtype, shape)
}
