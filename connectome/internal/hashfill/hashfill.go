// Package hashfill makes numbers by a formula, the same in every language and bit for bit, so that
// models can be compared with those of another program without a file of their weights. A number
// depends on a seed, the name of its tensor and its row-major position only:
//
//	u = (splitmix64((seed xor fnv1a64(name)) + i) >> 40) / 2^23 - 1, in [-1, 1)
package hashfill

// Stream is the sequence of numbers of one tensor.
type Stream uint64

// New returns the stream of the tensor of a name.
func New(seed uint64, name string) Stream { return Stream(seed ^ fnv1a(name)) }

// At returns number i, a multiple of 2^-23 in [-1, 1), which float32 holds exactly.
func (s Stream) At(i int) float64 { return float64(splitMix(uint64(s)+uint64(i))>>40)*0x1p-23 - 1 }

// fnv1a is the FNV-1a hash of Fowler, Noll and Vo.
func fnv1a(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}

// splitMix is one step of the SplitMix64 generator (Steele, Lea and Flood 2014) from state z.
func splitMix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
