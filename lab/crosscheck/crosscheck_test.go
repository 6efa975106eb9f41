package crosscheck

import (
	"testing"

	"elegans/internal/reference"
	"elegans/tensor"
)

// TestReference runs the recorded cases with every set of kernels: all must agree, and none may be
// skipped.
func TestReference(t *testing.T) {
	active, sets := tensor.Kernels()
	defer func() {
		if err := tensor.UseKernels(active); err != nil {
			t.Error(err)
		}
	}()
	for dir, least := range map[string]int{"ops": 282, "optim": 37 + 25, "tn": 60} {
		path := reference.Path(t, dir)
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
				reference.Compared(t, dir, rep.Cases, least)
			})
		}
	}
}
