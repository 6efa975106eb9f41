package crosscheck_test

import (
	"fmt"
	"os"
	"path/filepath"

	"elegans/lab/crosscheck"
)

func Example() {
	dir, err := os.MkdirTemp("", "crosscheck")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	manifest := `{"kind": "schedules", "tolerance": {"atol": 1e-12, "rtol": 1e-10}, "cases": [
		{"name": "halve", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5, 0.25]},
		{"name": "wrong", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5, 0.5]}]}`
	if err := os.WriteFile(filepath.Join(dir, "schedules.json"), []byte(manifest), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	report, err := crosscheck.Run(dir, crosscheck.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := report.WriteTable(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// schedules case   tensor   max abs   max rel  verdict halve  lr       0.0e+00   0.0e+00  ok
	// wrong  lr       2.5e-01   5.0e-01  over     element 2 is 0.25, the reference has 0.5 2 cases,
	// 2 tensors compared, 1 over tolerance, 0 skipped; first to depart: schedules: wrong: lr
}
