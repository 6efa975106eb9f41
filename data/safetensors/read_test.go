package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"elegans/data/safetensors"
	"elegans/tensor"
)

// TestParametersAreNoIntegers: what is read in place of parameters has a floating-point dtype.
func TestParametersAreNoIntegers(t *testing.T) {
	header := `{"w":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}`
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(append(b, header...), make([]byte, 8)...)
	f, err := safetensors.Read(bytes.NewReader(b), int64(len(b)), "m.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if x, err := safetensors.Get[float32](f, "w"); err != nil || x.Len() != 2 {
		t.Errorf("Get: %v", err)
	}
	if err := safetensors.GetInto(tensor.New[float32](2), f, "w"); err == nil || !strings.Contains(err.Error(), `dtype "I32"`) || !strings.Contains(err.Error(), "F64, F32, F16 or BF16") {
		t.Errorf("GetInto: %v", err)
	}
}
