package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestGradcheck checks the gradients of all operations and layers with the device at work. At least
// nine of ten must run there altogether.
func TestGradcheck(t *testing.T) {
	job := []string{"gradcheck"}
	if testing.Short() {
		list, _, _ := run(t, nil, "gradcheck", "--list")
		for i, name := range strings.Fields(list) {
			if i%8 == 0 {
				job = append(job, name)
			}
		}
	}
	stdout, u := reported(t, nil, job...)
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
			if dir == "tn" {
				crosscheckTN(t, from)
				return
			}
			stdout, u := reported(t, nil, "crosscheck", from)
			t.Logf("%d launches\n%s", u.Launches, lastLines(stdout, 1))
		})
	}
}

// crosscheckTN is the comparison in which one case of 60 departs on the device: its gradients, of
// the size 1e5, multiply the last bits of an activation by 1e7, so that three tensors differ by
// 7e-9 where 1e-9 is asked.
func crosscheckTN(t *testing.T, dir string) {
	stdout, stderr, code := run(t, nil, "crosscheck", dir)
	last := lastLines(stdout, 1)
	t.Log(last)
	if code != 1 || !strings.Contains(last, "60 cases, 2074 tensors compared, 3 over tolerance, 0 skipped; first to depart: tn: eager_order_homo_first: ") {
		t.Errorf("exit code %d, %s%s", code, last, stderr)
	}
	for _, line := range strings.Split(stdout, "\n") {
		if strings.Contains(line, "  over ") && !strings.HasPrefix(line, "eager_order_homo_first ") {
			t.Error(line)
		}
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
