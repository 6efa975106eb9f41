package crosscheck

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/internal/reference"
	"elegans/tensor"
)

// smallM2 returns a folder with a copy of the small manifest of the published autoencoder, whose
// text edit may change.
func smallM2(t *testing.T, edit func([]byte) []byte) string {
	t.Helper()
	from, to := reference.Path(t, "m2"), t.TempDir()
	for _, name := range []string{"m2_small.json", "m2_small.safetensors"} {
		raw, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".json" {
			raw = edit(raw)
		}
		if err := os.WriteFile(filepath.Join(to, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestM2(t *testing.T) {
	active, sets := tensor.Kernels()
	defer func() {
		if err := tensor.UseKernels(active); err != nil {
			t.Error(err)
		}
	}()
	dir := smallM2(t, func(raw []byte) []byte { return raw })
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			if testing.Short() && set != active {
				t.Skip("the set in use is enough for a short test")
			}
			if err := tensor.UseKernels(set); err != nil {
				t.Fatal(err)
			}
			rep, err := Run(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rep.Rows {
				if row.Verdict != OK {
					t.Errorf("%s: %s: %s %s", row.Case, row.Tensor, row.Verdict, row.Detail)
				}
			}
			if rep.Tensors < 1400 {
				t.Errorf("%s, want more than 1400 tensors", rep.Summary())
			}
			reference.Compared(t, "m2/m2_small.json", rep.Cases, 6)
		})
	}
}

// TestM2Full runs the cases of full width, with the set of kernels in use.
func TestM2Full(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a minute and a half, and 5 GB")
	}
	rep, err := Run(reference.Path(t, "m2"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rep.Rows {
		if row.Verdict != OK {
			t.Errorf("%s: %s: %s: %s %s", row.Manifest, row.Case, row.Tensor, row.Verdict, row.Detail)
		}
	}
	reference.Compared(t, "m2", rep.Cases, 2*8+6)
}

// TestM2Departs changes facts of the manifest: each must be noticed, where it belongs.
func TestM2Departs(t *testing.T) {
	type change struct{ old, new, wantCase, wantTensor string }
	for _, changes := range [][]change{
		{
			{`"source": 60`, `"source": 61`, "topology", "motors and their sources"},
			{`<= 1e-9 *`, `<= 1e-18 *`, "float64", "enc.conv2"},
			{`"lr": 0.001`, `"lr": 0.0011`, "adam float64", "adam loss"},
		},
		{{`"seed": 20230401`, `"seed": 20230402`, "weights", "weight enc.conv1.kernel"}},
	} {
		rep, err := Run(smallM2(t, func(raw []byte) []byte {
			for _, c := range changes {
				if !bytes.Contains(raw, []byte(c.old)) {
					t.Fatalf("the manifest does not hold %s", c.old)
				}
				raw = bytes.Replace(raw, []byte(c.old), []byte(c.new), 1)
			}
			return raw
		}), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if !slices.ContainsFunc(rep.Rows, func(row Row) bool { return row.Verdict == Over && row.Case == c.wantCase && row.Tensor == c.wantTensor }) {
				t.Errorf("%s -> %s: no row says so: %s", c.old, c.new, rep.Summary())
			}
		}
	}
	dir := smallM2(t, func(raw []byte) []byte {
		return bytes.Replace(raw, []byte("max abs difference"), []byte("mean difference"), 1)
	})
	if _, err := Run(dir, Options{}); err == nil || !strings.Contains(err.Error(), "every tensor") {
		t.Errorf("a rule of tolerance that is not known: error %v", err)
	}
}

// TestM2Bounds asks for models that no machine holds.
func TestM2Bounds(t *testing.T) {
	for old, c := range map[string][2]string{
		`"d": 16`:     {`"d": 65536`, "parameters, expected at most"},
		`"heads": 86`: {`"heads": 65536`, "heads is 65536, expected 0 to 2048"},
	} {
		_, err := Run(smallM2(t, func(raw []byte) []byte {
			if !bytes.Contains(raw, []byte(old)) {
				t.Fatalf("the manifest does not hold %s", old)
			}
			return bytes.Replace(raw, []byte(old), []byte(c[0]), 1)
		}), Options{})
		if err == nil || !strings.Contains(err.Error(), "m2_small.json") || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: error %v, want one that says %q", c[0], err, c[1])
		}
	}
}
