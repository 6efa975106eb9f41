package report_test

import (
	"context"
	"fmt"
	"os"

	"elegans/lab/experiment"
	"elegans/lab/recipe"
	"elegans/lab/report"
)

// Two learning rates, two runs of each, and their report.
func ExampleWrite() {
	slow := recipe.Default("mlp")
	slow.Train.Epochs, slow.Train.Batch, slow.Train.LR = 1, 400, 1e-4
	fast := slow
	fast.Train.LR = 1e-2
	res, err := experiment.Comparison{
		Arms: []experiment.Arm{
			{Name: "slow", Title: "small learning rate", Config: experiment.Variant(slow, nil)},
			{Name: "fast", Title: "large learning rate", Config: experiment.Variant(fast, nil)},
		},
		Seeds: 2,
	}.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "report")
	if err == nil {
		defer os.RemoveAll(dir)
		err = report.Write(dir, res, "an example")
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		fmt.Println(f.Name())
	}
	fmt.Println(err)
	// Output:
	// curves.csv
	// index.html
	// results.csv
	// results.json
	// slow.safetensors
	// <nil>
}
