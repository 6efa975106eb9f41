package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"elegans/data/atomicfile"
	"elegans/data/internal/elem"
	"elegans/tensor"
)

// Array is something that can be written: made by Of, Ints or Raw.
type Array struct {
	dtype  Dtype
	shape  []int
	n      int                                 // elements
	append func(dst []byte, lo, hi int) []byte // the bytes of elements lo to hi-1
}

// Of makes an Array of dtype F32 or F64 of a contiguous tensor (Data panics otherwise). The
// elements are read when the array is written.
func Of[T tensor.Float](t *tensor.Tensor[T]) Array {
	v, dtype := t.Data(), F32
	if elem.KindOf[T]() == elem.F64 {
		dtype = F64
	}
	return Array{dtype, slices.Clone(t.Shape()), len(v), func(dst []byte, lo, hi int) []byte { return elem.AppendFloats(dst, v[lo:hi]) }}
}

// Ints makes an Array of dtype I64. It panics with a *tensor.ShapeError if the length of v is not
// the product of shape; no shape means a scalar.
func Ints(v []int64, shape ...int) Array {
	check("safetensors.Ints", len(v), 1, shape)
	return Array{I64, slices.Clone(shape), len(v), func(dst []byte, lo, hi int) []byte { return elem.AppendInts(dst, v[lo:hi]) }}
}

// Raw makes an Array of any dtype from its little-endian bytes. It panics with a *tensor.ShapeError
// if their number does not fit dtype and shape.
func Raw(dtype Dtype, b []byte, shape ...int) Array {
	size := dtype.Size()
	check("safetensors.Raw", len(b), size, shape)
	return Array{dtype, slices.Clone(shape), len(b) / size, func(dst []byte, lo, hi int) []byte { return append(dst, b[lo*size:hi*size]...) }}
}

func check(op string, have, size int, shape []int) {
	if size == 0 {
		tensor.PanicShape(op, "unknown dtype", shape)
	}
	if n, ok := elem.Count(shape, int64(size), int64(have)); !ok || int(n) != have {
		tensor.PanicShape(op, fmt.Sprintf("%d values of size %d do not fill it", have, size), shape)
	}
}

// Write puts the arrays and the metadata (which may be nil) into a file, replacing it atomically.
// Names must be valid UTF-8 and not "__metadata__".
func Write(path string, arrays map[string]Array, metadata map[string]string) error {
	err := atomicfile.Write(path, func(w io.Writer) error { return Encode(w, arrays, metadata) })
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Encode writes what Write puts into a file.
func Encode(w io.Writer, arrays map[string]Array, metadata map[string]string) error {
	names := slices.SortedFunc(maps.Keys(arrays), func(a, b string) int {
		return cmp.Or(cmp.Compare(arrays[b].dtype.Size(), arrays[a].dtype.Size()), cmp.Compare(a, b))
	})
	header, err := header(names, arrays, metadata)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	const piece = 1 << 13 // elements, 64 KiB at most
	buf := make([]byte, 0, 8*piece)
	for _, name := range names {
		a := arrays[name]
		for lo := 0; lo < a.n; lo += piece {
			hi := min(lo+piece, a.n)
			buf = a.append(buf[:0], lo, hi)
			if _, err := w.Write(buf); err != nil {
				return err
			}
		}
	}
	return nil
}

// header returns the length and the JSON, padded.
func header(names []string, arrays map[string]Array, metadata map[string]string) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 8))
	b.WriteByte('{')
	if len(metadata) > 0 {
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, fmt.Errorf("metadata %q: %q is not valid UTF-8", k, v)
			}
		}
		fmt.Fprintf(b, "%q:", metadataKey)
		if err := appendJSON(b, metadata); err != nil {
			return nil, err
		}
	}
	offset := 0
	for _, name := range names {
		if name == metadataKey || !utf8.ValidString(name) {
			return nil, fmt.Errorf("tensor name %q: want valid UTF-8 other than %s", name, metadataKey)
		}
		a := arrays[name]
		if a.append == nil {
			return nil, fmt.Errorf("tensor %q: zero Array, want one made by Of, Ints or Raw", name)
		}
		if b.Len() > 9 {
			b.WriteByte(',')
		}
		if err := appendJSON(b, name); err != nil {
			return nil, err
		}
		end := offset + a.n*a.dtype.Size()
		b.WriteByte(':')
		if err := appendJSON(b, struct {
			Dtype   Dtype  `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{a.dtype, append([]int{}, a.shape...), [2]int{offset, end}}); err != nil {
			return nil, err
		}
		offset = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if n := b.Len() - 8; n > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes, the format allows %d", n, MaxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(b.Len()-8))
	return b.Bytes(), nil
}

// appendJSON writes v without a newline and without the escapes meant for web pages.
func appendJSON(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1)
	return nil
}
