package crosscheck

import (
	"os"
	"path/filepath"
	"testing"

	"elegans/tensor"
)

// shared returns a folder of the shared material, and skips the test where there is none.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path = filepath.Join(filepath.Dir(dir), "shared", path)
	if _, err := os.Stat(path); err != nil {
		t.Skip("shared material not present")
	}
	return path
}

// TestReference runs the recorded cases with every set of kernels: all must agree, and none may be
// skipped.
func TestReference(t *testing.T) {
	active, sets := tensor.Kernels()
	defer func() {
		if err := tensor.UseKernels(active); err != nil {
			t.Error(err)
		}
	}()
	for _, dir := range []string{"ops", "optim", "tn"} {
		path := shared(t, "reference/"+dir)
		for _, set := range sets {
			t.Run(dir+"/"+set, func(t *testing.T) {
				if err := tensor.UseKernels(set); err != nil {
					t.Fatal(err)
				}
				rep, err := Run(path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rep.Rows {
					if row.Verdict == Over || row.Verdict == Skipped {
						t.Errorf("%s: %s: %s %s", row.Case, row.Tensor, row.Verdict, row.Detail)
					}
				}
				t.Log(rep.Summary())
			})
		}
	}
}
