package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestGradcheck checks the gradients of all operations and layers with the device at work. At least
// nine of ten must run there altogether.
func TestGradcheck(t *testing.T) {
	stdout, u := reported(t, nil, "gradcheck")
	t.Logf("%d launches\n%s", u.Launches, lastLines(stdout, 5))
	m := regexp.MustCompile(`; (\d+) computed on the device \((\d+) %\)`).FindStringSubmatch(stdout)
	if m == nil {
		t.Fatal("no summary")
	}
	if share, _ := strconv.Atoi(m[2]); share < 90 {
		t.Errorf("%d %% of the operations and layers run on the device, expected at least 90", share)
	}
}

// TestCrosscheck compares the device with the reference values that lie in the repository, within
// the tolerances that the processor has.
func TestCrosscheck(t *testing.T) {
	for _, dir := range []string{"ops", "edges", "optim", "tn", "m2", "former", "esn"} {
		t.Run(dir, func(t *testing.T) {
			if testing.Short() && dir != "ops" && dir != "optim" {
				t.Skip("only the smallest")
			}
			from := filepath.Join("..", "..", "..", "testdata", "reference", dir)
			if dir == "m2" {
				from = only(t, from, "m2_small") // of the full width an interpreter takes hours
			}
			stdout, u := reported(t, nil, "crosscheck", from)
			t.Logf("%d launches\n%s", u.Launches, lastLines(stdout, 1))
		})
	}
}

// only returns a folder with one manifest of another folder, and its tensors.
func only(t *testing.T, from, name string) string {
	t.Helper()
	dir := t.TempDir()
	for _, suffix := range []string{".json", ".safetensors"} {
		b, err := os.ReadFile(filepath.Join(from, name+suffix))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name+suffix), string(b))
	}
	return dir
}
