package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"elegans/data/safetensors"
	"elegans/tensor"
)

// summed is a small file with a checksum.
func summed(t *testing.T) []byte {
	t.Helper()
	arrays := map[string]safetensors.Array{
		"weight": safetensors.Of(tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)),
		"step":   safetensors.Ints([]int64{7}),
	}
	var b bytes.Buffer
	if err := safetensors.Encode(&b, arrays, safetensors.WithChecksum(arrays, map[string]string{"a": "b", "z": "é"})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCheckSumSeesEveryBit flips every bit of a file. Either the header is refused, or the sum
// differs. Only the padding of the header is not summed.
func TestCheckSumSeesEveryBit(t *testing.T) {
	whole := summed(t)
	f, err := read(whole)
	if err != nil || f.CheckSum() != nil {
		t.Fatal(err, f.CheckSum())
	}
	if len(f.Metadata()[safetensors.ChecksumKey]) != 64 {
		t.Fatalf("metadata %v", f.Metadata())
	}
	header := 8 + int(binary.LittleEndian.Uint64(whole))
	padding := len(bytes.TrimRight(whole[:header], " "))
	for i := range whole {
		for bit := range 8 {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 1 << bit
			f, err := read(damaged)
			if err == nil {
				err = f.CheckSum()
			}
			var fe *safetensors.FormatError
			if (i < padding || i >= header) && !errors.As(err, &fe) {
				// The key of the sum itself is the one thing that can be lost.
				if _, has := f.Metadata()[safetensors.ChecksumKey]; has {
					t.Fatalf("bit %d of byte %d (%q) was flipped unseen: %v", bit, i, whole[max(0, i-9):i+1], err)
				}
			}
		}
	}
}

// TestCheckSumOfContent holds when the arrays lie in another order, and fails when a name, a dtype
// or a shape is another with the same bytes.
func TestCheckSumOfContent(t *testing.T) {
	whole := string(summed(t))
	header := whole[8 : 8+binary.LittleEndian.Uint64([]byte(whole))]
	data := whole[8+len(header):]
	for _, c := range []struct {
		name, header, data string
		ok                 bool
	}{
		{"as it was", header, data, true},
		{"other order", strings.NewReplacer("[0,8]", "[16,24]", "[8,24]", "[0,16]").Replace(header), data[8:] + data[:8], true},
		{"more spaces", header + "        ", data, true},
		{"name", strings.Replace(header, "weight", "height", 1), data, false},
		{"shape", strings.Replace(header, "[2,2]", "[1,4]", 1), data, false},
		{"dtype", strings.Replace(header, "I64", "U64", 1), data, false},
		{"metadata", strings.Replace(header, `"a":"b"`, `"a":"c"`, 1), data, false},
		{"no sum", strings.Replace(header, `"sha256"`, `"sha257"`, 1), data, true},
		{"empty sum", strings.Replace(header, `"sha256":"`, `"sha256":"","c":"`, 1), data, false},
	} {
		if c.name != "as it was" && c.header == header {
			t.Fatalf("%s: nothing was changed", c.name)
		}
		f, err := read(file(c.header, []byte(c.data)...))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := f.CheckSum(); (err == nil) != c.ok {
			t.Errorf("%s: %v, expected agreement: %v", c.name, err, c.ok)
		} else if err != nil && (strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "x: ")) {
			t.Errorf("%s: %q, expected one line that names the file", c.name, err)
		}
	}
}

// TestCheckSumOfPlainFiles passes a file without a sum.
func TestCheckSumOfPlainFiles(t *testing.T) {
	f, err := read(file(`{}`))
	if err != nil || f.CheckSum() != nil {
		t.Error(err)
	}
}
