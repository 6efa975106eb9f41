package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"elegans/data/internal/elem"
	"elegans/data/internal/format"
	"elegans/tensor"
)

// FormatError says what is wrong with a file, in one line.
type FormatError = format.Error

// MaxBytes is the size of the largest array that is read: 4 GiB.
const MaxBytes = 1 << 32

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

// Bytes returns the elements of an array of dtype uint8 without copying, and whether it is one.
func (a *Array) Bytes() ([]uint8, bool) { return a.data, a.kind == elem.U8 }

// ToTensor converts the elements to T, rounding where T is too narrow; booleans become 0 and 1. An
// array of more than tensor.MaxDims axes is refused.
func ToTensor[T tensor.Float](a *Array) (*tensor.Tensor[T], error) {
	if len(a.shape) > tensor.MaxDims {
		return nil, format.New(a.name, "", fmt.Sprintf("%d axes", len(a.shape)), fmt.Sprintf("at most %d", tensor.MaxDims))
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
	v := make([]int64, a.Len())
	if i := elem.Ints(v, a.data, a.kind); i >= 0 {
		return nil, format.New(a.name, fmt.Sprintf("element %d", i), fmt.Sprint(uint64(v[i])), "at most the largest int64")
	}
	return v, nil
}

// ReadFile reads the NPY file at path.
func ReadFile(path string) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path)
}

// Read reads an NPY file, which must end where its array does. The name stands for the input in
// error messages.
func Read(r io.Reader, name string) (*Array, error) {
	h, offset, err := readHeader(r, name)
	if err != nil {
		return nil, err
	}
	n, ok := elem.Count(h.shape, int64(h.kind.Size()), MaxBytes)
	if !ok {
		return nil, format.New(name, format.Offset(0), fmt.Sprintf("shape %v", h.shape), fmt.Sprintf("at most %d bytes", int64(MaxBytes)))
	}
	data, err := io.ReadAll(io.LimitReader(r, n+1))
	if err != nil {
		return nil, format.Wrap(name, format.Offset(int64(offset)+int64(len(data))), err)
	}
	if int64(len(data)) != n {
		found := fmt.Sprintf("%d bytes of data", len(data))
		if int64(len(data)) > n {
			found = "more data"
		}
		return nil, format.New(name, format.Offset(int64(offset)), found, fmt.Sprintf("%d bytes for shape %v", n, h.shape))
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
	if _, err := io.ReadFull(r, fixed); err != nil || string(fixed[:6]) != magic {
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
	z, err := zip.OpenReader(path)
	if err != nil {
		if _, ok := err.(*os.PathError); ok {
			return nil, err
		}
		return nil, format.Wrap(path, "", err)
	}
	return &Archive{name: path, zip: &z.Reader, close: z}, nil
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

// Read reads one array.
func (a *Archive) Read(name string) (*Array, error) {
	for _, f := range a.zip.File {
		if f.Name != name+".npy" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, format.Wrap(a.name+":"+f.Name, "", err)
		}
		defer r.Close()
		return Read(r, a.name+":"+f.Name)
	}
	return nil, format.New(a.name, "", fmt.Sprintf("no array %q", name), "one of "+strings.Join(a.Names(), ", "))
}
