package elem

import (
	"encoding/binary"
	"math"
	"slices"

	"elegans/tensor"
)

// Kind is an element type.
type Kind uint8

// The element types.
const (
	Invalid Kind = iota
	Bool
	U8
	U16
	U32
	U64
	I8
	I16
	I32
	I64
	F16
	BF16
	F32
	F64
)

var sizes = [...]int{Bool: 1, U8: 1, U16: 2, U32: 4, U64: 8, I8: 1, I16: 2, I32: 4, I64: 8, F16: 2, BF16: 2, F32: 4, F64: 8}

// Size returns the number of bytes of one element, 0 for Invalid.
func (k Kind) Size() int { return sizes[k] }

// Float reports whether the elements are floating-point numbers.
func (k Kind) Float() bool { return k >= F16 }

// Floats sets dst[i] to element i of src, converted to T and rounded to nearest where T is too
// narrow.
func Floats[T tensor.Float](dst []T, src []byte, k Kind) {
	le := binary.LittleEndian
	switch k {
	case F64:
		for i := range dst {
			dst[i] = T(math.Float64frombits(le.Uint64(src[8*i:])))
		}
	case F32:
		for i := range dst {
			dst[i] = T(math.Float32frombits(le.Uint32(src[4*i:])))
		}
	case F16:
		for i := range dst {
			dst[i] = T(half(le.Uint16(src[2*i:])))
		}
	case BF16:
		for i := range dst {
			dst[i] = T(math.Float32frombits(uint32(le.Uint16(src[2*i:])) << 16))
		}
	case U64:
		for i := range dst {
			dst[i] = T(le.Uint64(src[8*i:]))
		}
	case U8, Bool:
		for i := range dst {
			dst[i] = T(src[i])
		}
	default:
		for i := range dst {
			dst[i] = T(integer(src, k, i))
		}
	}
}

// Ints sets dst[i] to element i of src, which must be of an integer kind or Bool. It returns the
// index of the first element above the largest int64, or -1 if there is none.
func Ints(dst []int64, src []byte, k Kind) int {
	for i := range dst {
		dst[i] = integer(src, k, i)
		if k == U64 && dst[i] < 0 {
			return i
		}
	}
	return -1
}

// Bytes returns the elements of src, which must be of an integer kind, if all are from 0 to 255;
// otherwise nil.
func Bytes(src []byte, k Kind) []byte {
	dst := make([]byte, len(src)/k.Size())
	for i := range dst {
		v := integer(src, k, i)
		if v < 0 || v > 255 {
			return nil
		}
		dst[i] = byte(v)
	}
	return dst
}

func integer(src []byte, k Kind, i int) int64 {
	le := binary.LittleEndian
	switch k {
	case Bool, U8:
		return int64(src[i])
	case I8:
		return int64(int8(src[i]))
	case U16:
		return int64(le.Uint16(src[2*i:]))
	case I16:
		return int64(int16(le.Uint16(src[2*i:])))
	case U32:
		return int64(le.Uint32(src[4*i:]))
	case I32:
		return int64(int32(le.Uint32(src[4*i:])))
	default: // I64, U64
		return int64(le.Uint64(src[8*i:]))
	}
}

// half widens an IEEE 754 binary16 number, exactly.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0: // zero or subnormal: frac * 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 31: // infinity or NaN, payload kept
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// KindOf returns the kind of T.
func KindOf[T tensor.Float]() Kind {
	if _, ok := any(T(0)).(float64); ok {
		return F64
	}
	return F32
}

// AppendFloats appends the bytes of v.
func AppendFloats[T tensor.Float](dst []byte, v []T) []byte {
	if KindOf[T]() == F64 {
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(float64(x)))
		}
		return dst
	}
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(x)))
	}
	return dst
}

// AppendInts appends the bytes of v, as I64.
func AppendInts(dst []byte, v []int64) []byte {
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(x))
	}
	return dst
}

// Swap reverses the bytes of every element of the given size.
func Swap(b []byte, size int) {
	if size < 2 {
		return
	}
	for ; len(b) >= size; b = b[size:] {
		slices.Reverse(b[:size])
	}
}

// Count returns the product of shape times size, the number of bytes of an array, and whether it is
// at most limit. It does not overflow.
func Count(shape []int, size, limit int64) (int64, bool) {
	n := size
	for _, d := range shape {
		if d == 0 {
			return 0, true
		}
	}
	for _, d := range shape {
		if d < 0 || n > limit/int64(d) {
			return 0, false
		}
		n *= int64(d)
	}
	return n, n <= limit
}
