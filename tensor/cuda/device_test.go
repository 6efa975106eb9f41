package cuda

import "testing"

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
