package cuda

import (
	"regexp"
	"testing"
)

// open opens the device for a test, and closes it after it.
func open(t *testing.T, o Options) *Device {
	t.Helper()
	d, err := Open(0, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestNamesOfKernels: no two families have a kernel of one name, under which it is kept and
// counted.
func TestNamesOfKernels(t *testing.T) {
	files, err := sources.ReadDir("kernels")
	if err != nil {
		t.Fatal(err)
	}
	entry, of := regexp.MustCompile(`\.entry (\w+)`), map[string]string{}
	for _, f := range files {
		ptx, err := sources.ReadFile("kernels/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range entry.FindAllStringSubmatch(string(ptx), -1) {
			if other := of[m[1]]; other != "" {
				t.Errorf("kernel %s is in %s and in %s", m[1], other, f.Name())
			}
			of[m[1]] = f.Name()
		}
	}
	if len(of) < 100 {
		t.Errorf("only %d kernels", len(of))
	}
}
