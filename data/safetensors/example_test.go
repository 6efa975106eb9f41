package safetensors_test

import (
	"fmt"
	"os"
	"path/filepath"

	"elegans/data/safetensors"
	"elegans/tensor"
)

func Example() {
	dir, err := os.MkdirTemp("", "safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	err = safetensors.Write(path, map[string]safetensors.Array{
		"fc.weight": safetensors.Of(tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)),
		"step":      safetensors.Ints([]int64{1200}),
	}, map[string]string{"format": "pt"})
	if err != nil {
		fmt.Println(err)
		return
	}

	f, err := safetensors.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	w, err := safetensors.Get[float64](f, "fc.weight") // any float type may be asked for
	if err != nil {
		fmt.Println(err)
		return
	}
	step, err := f.Int64s("step")
	fmt.Println(f.Names(), w.Shape(), w.Data(), step, err)
	// Output: [fc.weight step] [2 2] [1 2 3 4] [1200] <nil>
}
