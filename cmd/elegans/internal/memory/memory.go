package memory

import (
	"fmt"
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Names of the two measures.
const (
	VmHWM   = "VmHWM"
	Runtime = "Go runtime"
)

// Peak returns the peak memory of the process in bytes, and how it was measured: VmHWM or Runtime.
func Peak() (bytes int64, how string) {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if n, ok := parseStatus(string(status)); ok {
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

// parseStatus finds the line "VmHWM:	  123456 kB" of proc_pid_status(5).
func parseStatus(status string) (bytes int64, ok bool) {
	for line := range strings.Lines(status) {
		value, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		fields := strings.Fields(value)
		if len(fields) != 2 || fields[1] != "kB" {
			return 0, false
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil || n <= 0 || n > 1<<50 {
			return 0, false
		}
		return n << 10, true
	}
	return 0, false
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
