package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/internal/reference"
	"elegans/tensor"
)

// file assembles a file from a header and data.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func read(b []byte) (*safetensors.File, error) {
	return safetensors.Read(bytes.NewReader(b), int64(len(b)), "x")
}

func TestRoundTrip(t *testing.T) {
	key := tensor.NewKey(1, "test")
	a64 := tensor.Normal[float64](key, 0, 1, 300, 100)
	a32 := tensor.Normal[float32](key, 0, 1, 7)
	a32.Data()[0] = float32(math.Copysign(0, -1))
	a32.Data()[1] = float32(math.Inf(1))
	arrays := map[string]safetensors.Array{
		"b.weight": safetensors.Of(a64),
		"a.bias":   safetensors.Of(a32),
		"scalar":   safetensors.Of(tensor.Scalar(2.5)),
		"empty":    safetensors.Of(tensor.New[float32](3, 0, 2)),
		"step":     safetensors.Ints([]int64{math.MinInt64, math.MaxInt64}, 2),
		"mask":     safetensors.Raw(safetensors.BOOL, []byte{1, 0, 1}, 3),
		`odd "é<>`: safetensors.Ints([]int64{-1}),
	}
	meta := map[string]string{"z": "1", "a": "π & <b>"}
	path := filepath.Join(t.TempDir(), "f.safetensors")
	if err := safetensors.Write(path, arrays, meta); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.Metadata(); !maps.Equal(got, meta) {
		t.Errorf("metadata %v, want %v", got, meta)
	}
	if got, want := f.Names(), slices.Sorted(maps.Keys(arrays)); !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	for name, want := range map[string]any{"b.weight": a64, "scalar": tensor.Scalar(2.5)} {
		got, err := safetensors.Get[float64](f, name)
		if err != nil || fmt.Sprint(got.Shape(), got.Data()) != fmt.Sprint(want.(*tensor.Tensor[float64]).Shape(), want.(*tensor.Tensor[float64]).Data()) {
			t.Errorf("%s: differs, %v", name, err)
		}
	}
	got, err := safetensors.Get[float32](f, "a.bias")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Data() {
		if math.Float32bits(v) != math.Float32bits(a32.Data()[i]) {
			t.Errorf("a.bias[%d] = %v, want %v", i, v, a32.Data()[i])
		}
	}
	if e, err := safetensors.Get[float32](f, "empty"); err != nil || !slices.Equal(e.Shape(), []int{3, 0, 2}) {
		t.Errorf("empty: %v, %v", e.Shape(), err)
	}
	if v, err := f.Int64s("step"); err != nil || !slices.Equal(v, []int64{math.MinInt64, math.MaxInt64}) {
		t.Errorf("step: %v, %v", v, err)
	}
	if v, err := f.Int64s("mask"); err != nil || !slices.Equal(v, []int64{1, 0, 1}) {
		t.Errorf("mask: %v, %v", v, err)
	}
	if v, err := f.Int64s(`odd "é<>`); err != nil || !slices.Equal(v, []int64{-1}) {
		t.Errorf("odd name: %v, %v", v, err)
	}
	if err := safetensors.GetInto(tensor.New[float64](100, 300), f, "b.weight"); err == nil || !strings.Contains(err.Error(), "shape [300 100], expected [100 300]") {
		t.Errorf("GetInto with a wrong shape: %v", err)
	}
}

func TestEncodeIsDeterministicAndAligned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arrays := map[string]safetensors.Array{}
		for _, name := range rapid.SliceOfDistinct(rapid.String().Filter(func(s string) bool { return s != "__metadata__" }), rapid.ID[string]).Draw(t, "names") {
			n := rapid.IntRange(0, 5).Draw(t, "n")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				arrays[name] = safetensors.Of(tensor.New[float32](n))
			case 1:
				arrays[name] = safetensors.Of(tensor.New[float64](n, 2))
			default:
				arrays[name] = safetensors.Raw(safetensors.U8, make([]byte, n), n)
			}
		}
		meta := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		var a, b bytes.Buffer
		if err := safetensors.Encode(&a, arrays, meta); err != nil {
			t.Fatal(err)
		}
		if err := safetensors.Encode(&b, maps.Clone(arrays), maps.Clone(meta)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Fatalf("two encodings differ (%v)", err)
		}
		if n := binary.LittleEndian.Uint64(a.Bytes()); n%8 != 0 {
			t.Fatalf("header of %d bytes is not aligned", n)
		}
		f, err := read(a.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Names()) != len(arrays) || !maps.Equal(f.Metadata(), meta) {
			t.Fatalf("read back %q, %q", f.Names(), f.Metadata())
		}
	})
}

func TestDtypes(t *testing.T) {
	f, err := read(file(`{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[],"data_offsets":[4,6]},
		"u":{"dtype":"U64","shape":[1],"data_offsets":[6,14]},"i":{"dtype":"I16","shape":[1,1],"data_offsets":[14,16]}}   `,
		0x00, 0x3c, 0x00, 0xc0, 0x20, 0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff))
	if err != nil {
		t.Fatal(err)
	}
	h, err := safetensors.Get[float64](f, "h")
	if err != nil || h.Data()[0] != 1 || h.Data()[1] != -2 {
		t.Errorf("F16: %v %v", h, err)
	}
	if b, err := safetensors.Get[float32](f, "b"); err != nil || b.Item() != 2.5 {
		t.Errorf("BF16: %v %v", b, err)
	}
	if i, err := f.Int64s("i"); err != nil || i[0] != -2 {
		t.Errorf("I16: %v %v", i, err)
	}
	for name, want := range map[string]string{
		"u": `x: tensor "u": element 0 is 18446744073709551615, expected at most the largest int64`,
		"h": `x: tensor "h": dtype F16, expected an integer dtype or BOOL`,
		"?": `x: tensor "?": no such tensor, expected one of b, h, i, u`,
	} {
		if _, err := f.Int64s(name); err == nil || err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	one := func(desc string) string { return `{"w":{` + desc + `}}` }
	for _, c := range []struct {
		name string
		file []byte
		want string // part of the message
	}{
		{"short", []byte{1, 2}, "offset 0: 2 bytes, expected 8 bytes of header length"},
		{"long header", append(binary.LittleEndian.AppendUint64(nil, 1<<62), "{}"...), "header length 4611686018427387904, expected 2 to 2"},
		{"no object", file(`[]`), `'[', expected "{"`},
		{"UTF-8", file("{\"\xff\":1}"), "offset 10: byte 0xff, expected valid UTF-8"},
		{"JSON", file(`{"w":}`), "header: invalid character"},
		{"cut", file(`{"w":{"dtype"`), "unexpected EOF"},
		{"trailing", file(`{} {}`), `'{' after the header`},
		{"duplicate", file(`{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`), `tensor "w" twice`},
		{"duplicate key", file(one(`"dtype":"U8","dtype":"I8"`)), `"dtype" twice`},
		{"duplicate metadata", file(`{"__metadata__":{},"__metadata__":{}}`), "__metadata__ twice"},
		{"metadata value", file(`{"__metadata__":{"a":1}}`), `__metadata__ "a" is 1, expected a string`},
		{"missing key", file(one(`"dtype":"U8","shape":[0]`)), "2 of the 3 keys"},
		{"unknown key", file(one(`"dtype":"U8","size":3`)), `key "size", expected dtype, shape, data_offsets`},
		{"many axes", file(one(`"dtype":"U8","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,1]`), 0), "shape is longer, expected at most 64 numbers"},
		{"uncounted elements", file(one(`"dtype":"F4","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]`)), "expected a number of elements that can be counted"},
		{"negative", file(one(`"dtype":"U8","shape":[-1],"data_offsets":[0,0]`)), "shape has -1"},
		{"fraction", file(one(`"dtype":"U8","shape":[1.0],"data_offsets":[0,0]`)), "shape has 1.0"},
		{"overflow", file(one(`"dtype":"U8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]`)), "bytes beyond counting for U8"},
		{"length", file(one(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), 0, 0, 0, 0), "4 bytes, expected 8 bytes for F32 [2]"},
		{"backward", file(one(`"dtype":"U8","shape":[1],"data_offsets":[1,0]`), 0), "data_offsets [1 0], expected begin and end"},
		{"gap", file(one(`"dtype":"U8","shape":[1],"data_offsets":[1,2]`), 0, 0), "begins at 1, leaving a gap after the start of the data, expected 0"},
		{"overlap", file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 0, 0, 0), `tensor "b": begins at 1, inside tensor "a", expected 2`},
		{"cut data", file(one(`"dtype":"U8","shape":[3],"data_offsets":[0,3]`), 0), `1 bytes of data, expected 3, where tensor "w" ends`},
		{"extra data", file(`{}`, 0), "1 bytes of data, expected 0, where the start of the data ends"},
	} {
		_, err := read(c.file)
		var fe *safetensors.FormatError
		if err == nil || !errors.As(err, &fe) || !strings.HasPrefix(err.Error(), "x: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q, want one line with %q", c.name, err, c.want)
		}
	}
}

// TestUnknownDtype reads a file with a complex array beside a real one, as a model with rotary
// embeddings has it: only who asks for the complex one is refused.
func TestUnknownDtype(t *testing.T) {
	f, err := safetensors.Open("testdata/c64.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !slices.Equal(f.Names(), []string{"freqs", "w"}) {
		t.Errorf("names %q", f.Names())
	}
	if w, err := safetensors.Get[float32](f, "w"); err != nil || !slices.Equal(w.Data(), []float32{0, 1, 2, 3, 4, 5}) {
		t.Errorf("the known array: %v, %v", w, err)
	}
	if info, err := f.Info("freqs"); err != nil || info.Dtype != "C64" || info.Len() != 6 {
		t.Errorf("%+v, %v", info, err)
	}
	const want = `testdata/c64.safetensors: tensor "freqs": dtype "C64", expected F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 or BOOL`
	_, get := safetensors.Get[float32](f, "freqs")
	_, ints := f.Int64s("freqs")
	for _, err := range []error{get, ints, safetensors.GetInto(tensor.New[float64](2, 3), f, "freqs")} {
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestMemory asks for more than may be taken: bytes become eight times as many.
func TestMemory(t *testing.T) {
	f, err := read(file(`{"b":{"dtype":"BOOL","shape":[4096],"data_offsets":[0,4096]}}`, make([]byte, 4096)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(memory.Variable, "16KiB")
	_, get := safetensors.Get[float64](f, "b")
	_, ints := f.Int64s("b")
	for _, err := range []error{get, ints} {
		if !errors.Is(err, memory.ErrLimit) || !strings.HasPrefix(err.Error(), `x: tensor "b" of shape [4096]: about 32 KiB`) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := safetensors.Get[float32](f, "b"); err != nil {
		t.Error(err)
	}
	if _, err := read(file(`{"__metadata__":{"a":"` + strings.Repeat("b", 2000) + `"}}`)); !errors.Is(err, memory.ErrLimit) {
		t.Errorf("a long header: %v", err)
	}
}

func TestWriteRefusals(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, c := range []struct {
		name   string
		arrays map[string]safetensors.Array
		meta   map[string]string
	}{
		{"reserved name", map[string]safetensors.Array{"__metadata__": safetensors.Ints(nil, 0)}, nil},
		{"bad name", map[string]safetensors.Array{"\xff": safetensors.Ints(nil, 0)}, nil},
		{"zero array", map[string]safetensors.Array{"a": {}}, nil},
		{"bad metadata", nil, map[string]string{"a": "\xff"}},
	} {
		if err := safetensors.Write(path, c.arrays, c.meta); err == nil {
			t.Errorf("%s: written", c.name)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("Ints of a wrong length: no *tensor.ShapeError")
		}
	}()
	safetensors.Ints([]int64{1, 2}, 3)
}

func TestReferenceFile(t *testing.T) {
	f, err := safetensors.Open(reference.Path(t, "ops/ops.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Metadata()["set"] != "main" {
		t.Errorf("metadata %v", f.Metadata())
	}
	empty := 0
	for _, name := range f.Names() {
		a, _ := safetensors.Get[float64](f, name)
		if info, err := f.Info(name); err != nil || a.Len() != info.Len() {
			t.Fatalf("%s: %d elements, want %d (%v)", name, a.Len(), info.Len(), err)
		}
		if a.Len() == 0 {
			empty++
		}
	}
	if empty != 4 {
		t.Errorf("%d empty arrays, want 4", empty)
	}
	reference.Compared(t, "ops/ops.safetensors", len(f.Names()), 1679)
}

func FuzzSafetensors(f *testing.F) {
	f.Add(file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"a":"b"}}  `, 1, 2, 3, 4))
	f.Add(file(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"b":{"dtype":"BOOL","shape":[0,9],"data_offsets":[1,1]}}`, 1))
	f.Add(file(`{"a":{"dtype":"F16","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,2]}}`, 1, 2))
	f.Add(file(`{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}`, 0, 1, 2, 3, 4, 5, 6, 7))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := read(b)
		if err != nil {
			return
		}
		arrays := map[string]safetensors.Array{}
		for _, name := range file.Names() {
			info, err := file.Info(name)
			if err != nil {
				t.Fatal(err)
			}
			a, err := safetensors.Get[float64](file, name)
			if info.Dtype.Size() == 0 {
				if err == nil {
					t.Fatalf("%q of dtype %q was read", name, info.Dtype)
				}
				return
			}
			if len(info.Shape) > tensor.MaxDims {
				return
			}
			if err != nil || a.Len() != info.Len() {
				t.Fatalf("%q: %v", name, err)
			}
			arrays[name] = safetensors.Of(a)
		}
		var out bytes.Buffer
		if err := safetensors.Encode(&out, arrays, file.Metadata()); err != nil {
			t.Fatal(err)
		}
		again, err := read(out.Bytes())
		if err != nil || !slices.Equal(again.Names(), file.Names()) || !maps.Equal(again.Metadata(), file.Metadata()) {
			t.Fatalf("what was written cannot be read back: %v", err)
		}
	})
}

func BenchmarkGet(b *testing.B) {
	var buf bytes.Buffer
	if err := safetensors.Encode(&buf, map[string]safetensors.Array{"w": safetensors.Of(tensor.New[float32](1 << 20))}, nil); err != nil {
		b.Fatal(err)
	}
	f, err := read(buf.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	dst := tensor.New[float32](1 << 20)
	b.SetBytes(4 << 20)
	for b.Loop() {
		if err := safetensors.GetInto(dst, f, "w"); err != nil {
			b.Fatal(err)
		}
	}
}
