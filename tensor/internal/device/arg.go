package device

import (
	"math"
	"unsafe"
)

// Mode says what a kernel does with the elements of an operand.
type Mode uint8

// The modes. A kernel that writes only some elements of an operand reads the others in effect:
// staged memory comes back whole.
const (
	Whole  Mode = iota // a whole number
	Number             // a number of another kind
	Read               // memory
	Write
	ReadWrite
	Pointers // a table of pointers to memory
)

// Arg is an argument of a kernel: a slot of eight bytes, in the order of the kernel's parameters.
type Arg struct {
	Mode  Mode
	Slot  uint64         // of a number: its bits, in the first bytes
	Ptr   unsafe.Pointer // of memory: its first element, nil for none
	Bytes int
	Len   int   // elements, for messages
	Items []Arg // of a table
}

func memory[E any](s []E, mode Mode) Arg {
	if len(s) == 0 {
		return Arg{Mode: mode} // a null pointer
	}
	return Arg{Mode: mode, Ptr: unsafe.Pointer(unsafe.SliceData(s)), Bytes: len(s) * int(unsafe.Sizeof(s[0])), Len: len(s)}
}

// In is memory that the kernel reads. A nil or empty slice becomes a null pointer.
func In[E float32 | float64 | int | int32](s []E) Arg { return memory(s, Read) }

// Out is memory of which the kernel writes every element and reads none.
func Out[E float32 | float64 | int](s []E) Arg { return memory(s, Write) }

// InOut is memory that the kernel may read and write.
func InOut[E float32 | float64 | int](s []E) Arg { return memory(s, ReadWrite) }

// Table is an array of pointers, T *const *: one to the memory of each item, null where there is
// none. It is for kernels over so many operands that they cannot all be parameters.
func Table(items []Arg) Arg { return Arg{Mode: Pointers, Len: len(items), Items: items} }

// Result is InOut where beta says that the kernel reads what the operand holds, and else Out.
func Result[T Float](s []T, beta T) Arg {
	if beta == 0 {
		return Out(s)
	}
	return InOut(s)
}

// Int is a whole number, a long long of the kernel.
func Int(n int) Arg { return Arg{Mode: Whole, Slot: uint64(n)} }

// Bool is 0 or 1, as Int.
func Bool(b bool) Arg {
	if b {
		return Int(1)
	}
	return Int(0)
}

// Num is a number of the element type.
func Num[T Float](v T) Arg {
	if v, ok := any(v).(float32); ok {
		return Arg{Mode: Number, Slot: uint64(math.Float32bits(v))}
	}
	return Arg{Mode: Number, Slot: math.Float64bits(float64(v))}
}

// Double is a number that the kernel takes as double whatever the element type.
func Double(v float64) Arg { return Arg{Mode: Number, Slot: math.Float64bits(v)} }
