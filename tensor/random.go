package tensor

import (
	"math"
	"math/rand/v2"

	"elegans/tensor/internal/device"
)

// Key names a stream of random numbers. It is counter-based: the i-th number depends on the key and
// on i alone, so any part of a stream can be drawn at any time, by any goroutine, and a resumed run
// continues with exactly the numbers that an uninterrupted one would have drawn. The generator is
// SplitMix64 (Steele, Lea, Flood 2014): the finaliser applied to key + (i+1)*golden.
type Key struct {
	state  uint64
	budget *budget // nil: nothing is counted
}

const golden = 0x9e3779b97f4a7c15

// NewKey derives a key from a seed, a purpose ("init", "shuffle", "dropout") and indices such as
// the epoch; different purposes give independent streams.
func NewKey(seed uint64, purpose string, index ...uint64) Key {
	return Key{state: mix(seed + golden)}.Sub(purpose, index...)
}

// Sub derives an independent key, as NewKey does from a seed.
func (k Key) Sub(purpose string, index ...uint64) Key {
	h := uint64(0xcbf29ce484222325) // FNV-1a
	for i := range len(purpose) {
		h = (h ^ uint64(purpose[i])) * 0x100000001b3
	}
	s := mix(k.state ^ h)
	for _, i := range index {
		s = mix(s ^ mix(i+golden))
	}
	return Key{s, k.budget}
}

func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// Uint64 returns the i-th number of the stream.
func (k Key) Uint64(i uint64) uint64 { return mix(k.state + (i+1)*golden) }

// Float64 returns the i-th number of the stream, uniform in [0, 1) with 53 random bits.
func (k Key) Float64(i uint64) float64 { return float64(k.Uint64(i)>>11) * 0x1p-53 }

// Normal returns the i-th number of the stream, standard normal (Box and Muller's transform of the
// numbers 2i and 2i+1).
func (k Key) Normal(i uint64) float64 {
	u := 1 - k.Float64(2*i) // in (0, 1]
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*k.Float64(2*i+1))
}

// Rand returns a generator of math/rand/v2 seeded by the key, for shuffles and other sequential
// draws.
func (k Key) Rand() *rand.Rand { return rand.New(rand.NewPCG(k.Uint64(0), k.Uint64(1))) }

// FillUniform sets every element of dst to a number uniform in [lo, hi): element i in row-major
// order takes the i-th number of the stream. dst must be contiguous. The processor draws, also
// where a device computes: parameters begin with the same bits everywhere.
func FillUniform[T Float](dst *Tensor[T], k Key, lo, hi float64) {
	device.Wait() // not an operation: the numbers come from the host, the same for every device
	for i := range dst.Data() {
		dst.data[i] = T(lo + (hi-lo)*k.Float64(uint64(i)))
	}
}

// FillNormal sets every element of dst to a normal number with the given mean and standard
// deviation, as FillUniform. dst must be contiguous.
func FillNormal[T Float](dst *Tensor[T], k Key, mean, std float64) {
	device.Wait() // not an operation: the numbers come from the host, the same for every device
	for i := range dst.Data() {
		dst.data[i] = T(mean + std*k.Normal(uint64(i)))
	}
}

// Uniform returns a tensor of numbers uniform in [lo, hi); see FillUniform.
func Uniform[T Float](k Key, lo, hi float64, shape ...int) *Tensor[T] {
	k.charge(shape)
	t := New[T](shape...)
	FillUniform(t, k, lo, hi)
	return t
}

// Normal returns a tensor of normal numbers; see FillNormal.
func Normal[T Float](k Key, mean, std float64, shape ...int) *Tensor[T] {
	k.charge(shape)
	t := New[T](shape...)
	FillNormal(t, k, mean, std)
	return t
}
