package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"elegans/data/internal/bound"
	"elegans/data/internal/elem"
	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/internal/regular"
	"elegans/tensor"
)

// FormatError says what is wrong with a file, in one line.
type FormatError = format.Error

// Dtype is the name of an element type as it stands in the header.
type Dtype string

// The element types that can be read. F16 and BF16 are widened on reading. An array of another type
// is listed like the others, and only reading it is an error.
const (
	F64  Dtype = "F64"
	F32  Dtype = "F32"
	F16  Dtype = "F16"
	BF16 Dtype = "BF16"
	I64  Dtype = "I64"
	I32  Dtype = "I32"
	I16  Dtype = "I16"
	I8   Dtype = "I8"
	U64  Dtype = "U64"
	U32  Dtype = "U32"
	U16  Dtype = "U16"
	U8   Dtype = "U8"
	BOOL Dtype = "BOOL"
)

var kinds = map[Dtype]elem.Kind{
	F64: elem.F64, F32: elem.F32, F16: elem.F16, BF16: elem.BF16, I64: elem.I64, I32: elem.I32, I16: elem.I16, I8: elem.I8,
	U64: elem.U64, U32: elem.U32, U16: elem.U16, U8: elem.U8, BOOL: elem.Bool,
}

// Size returns the number of bytes of one element, 0 for an unknown type.
func (d Dtype) Size() int { return kinds[d].Size() }

// Info describes one array.
type Info struct {
	Dtype Dtype
	Shape []int // empty for a scalar

	begin, end int64 // within the data
}

// Len returns the number of elements.
func (i Info) Len() int {
	n, _ := elem.Count(i.Shape, 1, math.MaxInt)
	return int(n)
}

// MaxHeader is the largest header accepted, in bytes, as in the reference implementation.
const MaxHeader = 100_000_000

// File is an open safetensors file.
type File struct {
	name     string
	r        io.ReaderAt
	close    func() error
	data     int64 // offset of the data in r
	arrays   map[string]Info
	metadata map[string]string
}

// Open opens the file at path and checks its header. The caller closes it.
func Open(path string) (*File, error) {
	r, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := r.Stat()
	var f *File
	if err == nil {
		f, err = Read(r, st.Size(), path)
	}
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	f.close = r.Close
	return f, nil
}

// Read checks the header of the size bytes of r. The name stands for the input in error messages.
func Read(r io.ReaderAt, size int64, name string) (*File, error) {
	if size < 8 {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("%d bytes", size), "8 bytes of header length")
	}
	var b [8]byte
	if _, err := r.ReadAt(b[:], 0); err != nil && err != io.EOF {
		return nil, format.Wrap(name, format.Offset(0), err)
	}
	n := binary.LittleEndian.Uint64(b[:])
	if limit := uint64(min(size-8, MaxHeader)); n > limit || n < 2 {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("header length %d", n), fmt.Sprintf("2 to %d", limit))
	}
	// Its names and numbers take several times as much once they are read.
	if err := memory.Need(quote.Name(name)+": the header", 16*float64(n)); err != nil {
		return nil, err
	}
	header, err := bound.ReadFull(io.NewSectionReader(r, 8, int64(n)), int64(n), size)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, format.Wrap(name, format.Offset(8), err)
	}
	f := &File{name: name, r: r, data: 8 + int64(n), arrays: map[string]Info{}, metadata: map[string]string{}}
	p := headerParser{file: f}
	if err := p.parse(header); err != nil {
		return nil, err
	}
	if err := f.checkExtents(size - f.data); err != nil {
		return nil, err
	}
	return f, nil
}

// checkExtents demands that the arrays cover the data exactly.
func (f *File) checkExtents(size int64) error {
	names := f.Names()
	slices.SortStableFunc(names, func(a, b string) int {
		x, y := f.arrays[a], f.arrays[b]
		return cmp.Or(cmp.Compare(x.begin, y.begin), cmp.Compare(x.end, y.end))
	})
	at, before := int64(0), "the start of the data"
	for _, name := range names {
		a := f.arrays[name]
		switch {
		case a.begin < at:
			return format.New(f.name, where(name), fmt.Sprintf("begins at %d, inside %s", a.begin, before), fmt.Sprintf("%d", at))
		case a.begin > at:
			return format.New(f.name, where(name), fmt.Sprintf("begins at %d, leaving a gap after %s", a.begin, before), fmt.Sprintf("%d", at))
		}
		at, before = a.end, where(name)
	}
	if at != size {
		return format.New(f.name, format.Offset(f.data), fmt.Sprintf("%d bytes of data", size), fmt.Sprintf("%d, where %s ends", at, before))
	}
	return nil
}

func where(name string) string { return "tensor " + quote.Text(name) }

// Close closes the file if Open opened it.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Names returns the names of the arrays, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.arrays)) }

// Has reports whether there is an array of that name.
func (f *File) Has(name string) bool {
	_, ok := f.arrays[name]
	return ok
}

// Info describes an array; the error is that of a missing name.
func (f *File) Info(name string) (Info, error) {
	a, ok := f.arrays[name]
	if !ok {
		return Info{}, format.New(f.name, where(name), "no such tensor", f.choices())
	}
	a.Shape = slices.Clone(a.Shape)
	return a, nil
}

// choices lists the names there are, for an error message.
func (f *File) choices() string {
	names := f.Names()
	if len(names) == 0 {
		return "none, the file is empty"
	}
	return "one of " + quote.Names(names)
}

// readable returns an error if an array has a type that is not known, or would take more memory
// than there is, at the given bytes for each element.
func (f *File) readable(name string, a Info, each int) error {
	if a.Dtype.Size() == 0 {
		return format.New(f.name, where(name), "dtype "+quote.Text(string(a.Dtype)), "F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 or BOOL")
	}
	return memory.Need(fmt.Sprintf("%s: %s of shape %v", quote.Name(f.name), where(name), a.Shape), float64(a.Len())*float64(each))
}

// Metadata returns a copy of the strings under "__metadata__".
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Get reads an array as a contiguous tensor of its shape. Elements of every dtype are converted to
// T: F16, BF16 and F32 widen without loss, F64 is rounded to nearest if T is float32, integers that
// T cannot hold are rounded, BOOL gives 0 and 1. Arrays of more than tensor.MaxDims axes are
// refused.
func Get[T tensor.Float](f *File, name string) (*tensor.Tensor[T], error) {
	a, err := f.Info(name)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) > tensor.MaxDims {
		return nil, format.New(f.name, where(name), fmt.Sprintf("%d axes", len(a.Shape)), fmt.Sprintf("at most %d", tensor.MaxDims))
	}
	if err := f.readable(name, a, elem.KindOf[T]().Size()); err != nil {
		return nil, err
	}
	t := tensor.New[T](a.Shape...)
	return t, readInto(f, name, a, t.Data())
}

// GetInto reads an array into dst, which must be contiguous and have the array's shape; otherwise
// it is like Get. It serves to load parameters in place, so integers are refused.
func GetInto[T tensor.Float](dst *tensor.Tensor[T], f *File, name string) error {
	a, err := f.Info(name)
	if err != nil {
		return err
	}
	if !slices.Equal(a.Shape, dst.Shape()) {
		return format.New(f.name, where(name), fmt.Sprintf("shape %v", a.Shape), fmt.Sprint(dst.Shape()))
	}
	if err := f.readable(name, a, 0); err != nil {
		return err
	}
	if !slices.Contains([]Dtype{F64, F32, F16, BF16}, a.Dtype) {
		return format.New(f.name, where(name), "dtype "+quote.Text(string(a.Dtype)), "F64, F32, F16 or BF16")
	}
	return readInto(f, name, a, dst.Data())
}

func readInto[T tensor.Float](f *File, name string, a Info, dst []T) error {
	k := kinds[a.Dtype]
	return f.chunks(name, a, func(at int, b []byte) error {
		elem.Floats(dst[at:at+len(b)/k.Size()], b, k)
		return nil
	})
}

// Int64s reads an array of an integer dtype or BOOL, in row-major order. Floating-point arrays and
// values above the largest int64 are refused.
func (f *File) Int64s(name string) ([]int64, error) {
	a, err := f.Info(name)
	if err != nil {
		return nil, err
	}
	if err := f.readable(name, a, 8); err != nil {
		return nil, err
	}
	k := kinds[a.Dtype]
	if k.Float() {
		return nil, format.New(f.name, where(name), "dtype "+string(a.Dtype), "an integer dtype or BOOL")
	}
	v := make([]int64, a.Len())
	return v, f.chunks(name, a, func(at int, b []byte) error {
		if i := elem.Ints(v[at:at+len(b)/k.Size()], b, k); i >= 0 {
			return format.New(f.name, where(name), fmt.Sprintf("element %d is %d", at+i, uint64(v[at+i])), "at most the largest int64")
		}
		return nil
	})
}

// chunks reads the bytes of an array in pieces of whole elements; at is the index of the first
// element of the piece.
func (f *File) chunks(name string, a Info, use func(at int, b []byte) error) error {
	const piece = 1 << 16 // a multiple of every element size
	buf := make([]byte, min(piece, a.end-a.begin))
	for o := a.begin; o < a.end; o += piece {
		b := buf[:min(piece, a.end-o)]
		if n, err := f.r.ReadAt(b, f.data+o); n < len(b) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return format.Wrap(f.name, where(name)+", "+format.Offset(f.data+o+int64(n)), err)
		}
		if err := use(int(o-a.begin)/max(a.Dtype.Size(), 1), b); err != nil {
			return err
		}
	}
	return nil
}
