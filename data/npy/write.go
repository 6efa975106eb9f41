package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"elegans/data/atomicfile"
	"elegans/data/internal/elem"
	"elegans/tensor"
)

// Write writes a contiguous tensor (Data panics otherwise) as an NPY file of version 1,
// little-endian and in C order.
func Write[T tensor.Float](w io.Writer, t *tensor.Tensor[T]) error {
	descr := "<f4"
	if elem.KindOf[T]() == elem.F64 {
		descr = "<f8"
	}
	return write(w, descr, t.Shape(), t.Data(), elem.AppendFloats[T])
}

// WriteInts writes v as an array of int64 of the given shape, none meaning a scalar. It panics with
// a *tensor.ShapeError if the lengths do not fit.
func WriteInts(w io.Writer, v []int64, shape ...int) error {
	if n, ok := elem.Count(shape, 1, int64(len(v))); !ok || int(n) != len(v) {
		tensor.PanicShape("npy.WriteInts", fmt.Sprintf("%d values do not fill it", len(v)), shape)
	}
	return write(w, "<i8", shape, v, elem.AppendInts)
}

// WriteFile writes a contiguous tensor into a file, replacing it atomically.
func WriteFile[T tensor.Float](path string, t *tensor.Tensor[T]) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, t) })
}

// WriteIntsFile is WriteInts into a file, replacing it atomically.
func WriteIntsFile(path string, v []int64, shape ...int) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteInts(w, v, shape...) })
}

func write[E any](w io.Writer, descr string, shape []int, v []E, encode func([]byte, []E) []byte) error {
	var dims strings.Builder
	for _, d := range shape {
		fmt.Fprintf(&dims, "%d, ", d)
	}
	tuple := strings.TrimSuffix(dims.String(), " ")
	if len(shape) != 1 { // the comma stays in (3,)
		tuple = strings.TrimSuffix(tuple, ",")
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	const align = 64 // the data begins at a multiple, so that it can be mapped
	const fixed = len(magic) + 4
	dict += strings.Repeat(" ", align-1-(fixed+len(dict))%align) + "\n"
	head := binary.LittleEndian.AppendUint16([]byte(magic+"\x01\x00"), uint16(len(dict)))
	if _, err := w.Write(append(head, dict...)); err != nil {
		return err
	}
	const piece = 1 << 13
	buf := make([]byte, 0, 8*piece)
	for ; len(v) > 0; v = v[min(piece, len(v)):] {
		buf = encode(buf[:0], v[:min(piece, len(v))])
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
