package memory

import (
	"runtime"
	"strings"
	"testing"
)

// TestPeak touches memory and sees the peak rise, and stay when the memory is gone. The system may
// take back pages that were not touched for a while, so the rise is asked for in part only.
func TestPeak(t *testing.T) {
	const size = 64 << 20
	before, how := Peak()
	if runtime.GOOS == "linux" && how != VmHWM {
		t.Errorf("measured by %s on Linux", how)
	}
	b := make([]byte, before+size)
	for i := range b {
		b[i] = byte(i)
	}
	after, _ := Peak()
	if after < before+size/2 {
		t.Errorf("%d bytes before and %d after touching %d more", before, after, len(b))
	}
	runtime.KeepAlive(b)
	runtime.GC()
	if n, _ := Peak(); n < after {
		t.Errorf("the peak fell from %d to %d", after, n)
	}
	if line := Line(); !strings.HasPrefix(line, "peak memory ") || !strings.HasSuffix(line, "MiB ("+how+")") {
		t.Errorf("line %q", line)
	}
	if n := runtimePeak(); n < size {
		t.Errorf("the runtime says %d bytes, with more than %d in use", n, size)
	}
}

func TestKilobytes(t *testing.T) {
	for _, c := range []struct {
		status string
		want   int64
	}{
		{"Name:\telegans\nVmPeak:\t  999 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 7 kB\n", 1234 << 10},
		{"VmHWM:\t1234 MB\n", 0}, {"VmHWM:\n", 0}, {"VmHWM:\tmany kB\n", 0}, {"VmHWM:\t-4 kB\n", 0}, {"VmHWM:\t9999999999999999999 kB\n", 0}, {"VmRSS:\t7 kB\n", 0}, {"", 0},
	} {
		if n := kilobytes(c.status, "VmHWM:"); n != c.want {
			t.Errorf("%q: %d, want %d", c.status, n, c.want)
		}
	}
}
