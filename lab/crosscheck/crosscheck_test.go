package crosscheck

import (
	"path/filepath"
	"strings"
	"testing"

	"elegans/data/safetensors"
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
	for dir, least := range map[string]int{"ops": 282, "optim": 37 + 25, "tn": 60, "esn": 128, "former": 42, "timm": 4, "worm": 8, "moe": 6} {
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
				if dir == "former" && len(refusals(rep)) != 7 {
					t.Errorf("the reference stops in 7 cases, found %v", refusals(rep))
				}
				if dir == "tn" {
					comparesMotors(t, path, rep)
				}
				t.Log(rep.Summary())
				reference.Compared(t, dir, rep.Cases, least)
			})
		}
	}
}

// refusals returns the cases that the reference cannot run, with what becomes of them.
func refusals(rep Report) (cases []string) {
	for _, row := range rep.Rows {
		if row.Verdict == Refused || row.Verdict == Sound {
			cases = append(cases, row.Case+": "+string(row.Verdict))
		}
	}
	return cases
}

// comparesMotors wants a comparison of the motor neurons of every case that has them recorded.
func comparesMotors(t *testing.T, path string, rep Report) {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(path, "tn.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	compared, recorded := map[string]bool{}, 0
	for _, row := range rep.Rows {
		compared[row.Case] = compared[row.Case] || row.Tensor == "motors_stack"
	}
	for _, name := range f.Names() {
		if entry, ok := strings.CutSuffix(name, "/motors_stack"); ok {
			recorded++
			if !compared[entry] {
				t.Errorf("%s: its motor neurons were recorded, but not compared", entry)
			}
		}
	}
	if recorded == 0 {
		t.Error("no case has its motor neurons recorded")
	}
}
