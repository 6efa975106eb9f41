package memory

import (
	"fmt"
	"os"
	"runtime/metrics"
)

// Names of the two measures.
const (
	VmHWM   = "VmHWM"
	Runtime = "Go runtime"
)

// Peak returns the peak memory of the process in bytes, and how it was measured: VmHWM or Runtime.
func Peak() (bytes int64, how string) {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if n := kilobytes(string(status), "VmHWM:"); n > 0 {
			return n, VmHWM
		}
	}
	return runtimePeak(), Runtime
}

// Line is Peak in words: "peak memory 512.3 MiB (VmHWM)".
func Line() string {
	n, how := Peak()
	return fmt.Sprintf("peak memory %.1f MiB (%s)", float64(n)/(1<<20), how)
}

// runtimePeak returns the memory that the Go runtime has mapped.
func runtimePeak() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(s[0].Value.Uint64())
}
