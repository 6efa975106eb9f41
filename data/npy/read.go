package npy

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

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

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 16
)

// Array is an array as it was read.
type Array struct {
	name  string
	shape []int
	kind  elem.Kind
	data  []byte // row-major, little-endian
}

// Shape returns the lengths of the axes, none for a scalar. The slice belongs to the Array.
func (a *Array) Shape() []int { return a.shape }

// Len returns the number of elements.
func (a *Array) Len() int { return len(a.data) / a.kind.Size() }

// IsFloat reports whether the elements are floating-point numbers.
func (a *Array) IsFloat() bool { return a.kind.Float() }

// ToBytes returns the elements as bytes, if they are integers or booleans and all from 0 to 255;
// otherwise nil. Those of dtype uint8 are not copied.
func (a *Array) ToBytes() []uint8 {
	if a.kind.Float() {
		return nil
	}
	if a.kind.Size() == 1 && a.kind != elem.I8 {
		return a.data
	}
	return elem.Bytes(a.data, a.kind)
}

// ToTensor converts the elements to T, rounding where T is too narrow; booleans become 0 and 1. An
// array of more than tensor.MaxDims axes is refused.
func ToTensor[T tensor.Float](a *Array) (*tensor.Tensor[T], error) {
	if len(a.shape) > tensor.MaxDims {
		return nil, format.New(a.name, "", fmt.Sprintf("%d axes", len(a.shape)), fmt.Sprintf("at most %d", tensor.MaxDims))
	}
	if err := memory.Need(fmt.Sprintf("%s: a tensor of shape %v", quote.Name(a.name), a.shape), float64(a.Len())*float64(elem.KindOf[T]().Size())); err != nil {
		return nil, err
	}
	t := tensor.New[T](a.shape...)
	elem.Floats(t.Data(), a.data, a.kind)
	return t, nil
}

// Int64s returns the elements of an integer or boolean array in row-major order.
func (a *Array) Int64s() ([]int64, error) {
	if a.kind.Float() {
		return nil, format.New(a.name, "", "floating-point elements", "whole numbers or booleans")
	}
	if err := memory.Need(fmt.Sprintf("%s: %d whole numbers", quote.Name(a.name), a.Len()), 8*float64(a.Len())); err != nil {
		return nil, err
	}
	v := make([]int64, a.Len())
	if i := elem.Ints(v, a.data, a.kind); i >= 0 {
		return nil, format.New(a.name, fmt.Sprintf("element %d", i), fmt.Sprint(uint64(v[i])), "at most the largest int64")
	}
	return v, nil
}

// ReadFile reads the NPY file at path.
func ReadFile(path string) (*Array, error) { return ReadFileContext(context.Background(), path) }

// ReadFileContext is ReadFile until the context ends.
func ReadFileContext(ctx context.Context, path string) (*Array, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return read(contextReader{ctx, f}, path, st.Size())
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

// Read implements io.Reader.
func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// Read reads an NPY file, which must end where its array does. The name stands for the input in
// error messages.
func Read(r io.Reader, name string) (*Array, error) { return read(r, name, -1) }

// read is Read of an input of a known size, or -1. Where the size is known, it is compared with the
// header before memory is taken.
func read(r io.Reader, name string, size int64) (*Array, error) {
	h, offset, err := readHeader(r, name)
	if err != nil {
		return nil, err
	}
	n, ok := elem.Count(h.shape, int64(h.kind.Size()), math.MaxInt64)
	if !ok {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("shape %v", h.shape), fmt.Sprintf("at most %d bytes", math.MaxInt64))
	}
	wrong := func(have int64) error {
		found := fmt.Sprintf("%d bytes of data", have)
		if have > n {
			found = "more data"
		}
		return format.New(name, format.Offset(int64(offset)), found, fmt.Sprintf("%d bytes for shape %v", n, h.shape))
	}
	if size >= 0 && size-int64(offset) != n {
		return nil, wrong(size - int64(offset))
	}
	whole := float64(n)
	if h.fortran {
		whole *= 2
	}
	if err := memory.Need(fmt.Sprintf("%s: an array of shape %v", quote.Name(name), h.shape), whole); err != nil {
		return nil, err
	}
	data, err := bound.ReadFull(r, n, max(size, 1<<16))
	if err == io.EOF {
		return nil, wrong(int64(len(data)))
	}
	if err == nil {
		var extra [1]byte
		if _, err = io.ReadFull(r, extra[:]); err == nil {
			return nil, wrong(n + 1)
		}
	}
	if err != io.EOF {
		return nil, format.Wrap(name, format.Offset(int64(offset)+int64(len(data))), err)
	}
	if h.swapped {
		elem.Swap(data, h.kind.Size())
	}
	if h.fortran {
		data = rowMajor(data, h.shape, h.kind.Size())
	}
	return &Array{name: name, shape: h.shape, kind: h.kind, data: data}, nil
}

func readHeader(r io.Reader, name string) (h header, offset int, err error) {
	fixed := make([]byte, 10)
	if _, err := io.ReadFull(r, fixed); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return h, 0, format.Wrap(name, format.Offset(0), err)
	} else if err != nil || string(fixed[:6]) != magic {
		return h, 0, format.New(name, format.Offset(0), fmt.Sprintf("%q", fixed[:6]), fmt.Sprintf("%q and a version", magic))
	}
	n := int(binary.LittleEndian.Uint16(fixed[8:]))
	offset = len(fixed)
	switch major, minor := fixed[6], fixed[7]; {
	case minor != 0 || major < 1 || major > 3:
		return h, 0, format.New(name, format.Offset(6), fmt.Sprintf("version %d.%d", major, minor), "1.0, 2.0 or 3.0")
	case major > 1: // four bytes of length
		var high [2]byte
		if _, err := io.ReadFull(r, high[:]); err != nil {
			return h, 0, format.Wrap(name, format.Offset(8), err)
		}
		if binary.LittleEndian.Uint16(high[:]) != 0 {
			n = maxHeader + 1
		}
		offset += len(high)
	}
	if n > maxHeader {
		return h, 0, format.New(name, format.Offset(8), "a longer header", fmt.Sprintf("at most %d bytes", maxHeader))
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, 0, format.Wrap(name, format.Offset(int64(offset)), err)
	}
	h, err = parseHeader(name, string(text), offset)
	return h, offset + n, err
}

// rowMajor reorders column-major data.
func rowMajor(src []byte, shape []int, size int) []byte {
	dst := make([]byte, 0, len(src))
	index := make([]int, len(shape))
	strides := make([]int, len(shape))
	stride := size
	for i, d := range shape {
		strides[i] = stride
		stride *= d
	}
	for at := 0; len(dst) < len(src); {
		dst = append(dst, src[at:at+size]...)
		for i := len(shape) - 1; i >= 0; i-- { // the next index, the last axis fastest
			index[i]++
			at += strides[i]
			if index[i] < shape[i] {
				break
			}
			at -= shape[i] * strides[i]
			index[i] = 0
		}
	}
	return dst
}

// Archive is an NPZ file whose arrays are read when asked for.
type Archive struct {
	name  string
	zip   *zip.Reader
	close io.Closer
}

// OpenArchive opens the NPZ file at path. The caller closes it.
func OpenArchive(path string) (*Archive, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	var z *zip.Reader
	if err == nil {
		z, err = zip.NewReader(f, st.Size())
	}
	if err != nil {
		_ = f.Close()
		return nil, format.Wrap(path, "", err)
	}
	return &Archive{name: path, zip: z, close: f}, nil
}

// ReadArchive is OpenArchive of the bytes of a file; name stands for it in error messages.
func ReadArchive(b []byte, name string) (*Archive, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, format.Wrap(name, "", err)
	}
	return &Archive{name: name, zip: z}, nil
}

// Close closes the file.
func (a *Archive) Close() error {
	if a.close == nil {
		return nil
	}
	return a.close.Close()
}

// Names returns the names of the arrays, without ".npy", sorted.
func (a *Archive) Names() []string {
	var names []string
	for _, f := range a.zip.File {
		if n, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// Others returns the names of the members that are no arrays, sorted.
func (a *Archive) Others() []string {
	var names []string
	for _, f := range a.zip.File {
		if !strings.HasSuffix(f.Name, ".npy") {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Read reads one array. The size that its member claims is compared with that of the compressed
// bytes before these are inflated.
func (a *Archive) Read(name string) (*Array, error) {
	return a.ReadContext(context.Background(), name)
}

// ReadContext is Read until the context ends.
func (a *Archive) ReadContext(ctx context.Context, name string) (*Array, error) {
	var member *zip.File
	for _, f := range a.zip.File {
		if f.Name != name+".npy" {
			continue
		}
		if member != nil {
			return nil, format.New(a.name, "", fmt.Sprintf("two members %s", quote.Text(f.Name)), "one of each")
		}
		member = f
	}
	if member == nil {
		return nil, format.New(a.name, "", fmt.Sprintf("no array %s", quote.Text(name)), "one of "+quote.Names(a.Names()))
	}
	where := a.name + ":" + member.Name
	if member.UncompressedSize64 > math.MaxInt64 {
		return nil, format.New(where, "", fmt.Sprintf("a size of %d bytes", member.UncompressedSize64), "the size of an array")
	}
	size := int64(member.UncompressedSize64)
	if err := bound.Unfold(quote.Name(where), size, int64(min(member.CompressedSize64, math.MaxInt64))); err != nil {
		return nil, err
	}
	r, err := member.Open()
	if err != nil {
		return nil, format.Wrap(where, "", err)
	}
	defer r.Close()
	return read(contextReader{ctx, r}, where, size)
}
