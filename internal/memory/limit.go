package memory

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// Variable is the environment variable that replaces the limit: a number of bytes, or one with the
// suffix KiB, MiB, GiB or TiB.
const Variable = "ELEGANS_MEMORY"

// share is the part of the available memory that a single input may ask for: what is made of an
// input, a tensor of the pixels or a matrix of the edges, takes up to as much again, and the rest
// of the machine goes on.
const share = 4

// least is permitted however little is available: the estimate of that is rough.
const least = 64 << 20

// unknown is taken for the available memory where the system does not say.
const unknown = 8 << 30

// Limit returns how many bytes one input may ask for: a quarter of what is available now, or what
// Variable says. A value of Variable that is not a size is an error.
func Limit() (int64, error) {
	if s := os.Getenv(Variable); s != "" {
		return parseSize(s)
	}
	return max(Available()/share, least), nil
}

// Need returns an error, which wraps ErrLimit, if a thing of the given size in bytes is larger than
// Limit. The size is a float64 so that products of large counts do not overflow. The thing is named
// as in "images of shape [60000 28 28]".
func Need(what string, bytes float64) error {
	if bytes <= 1<<20 && os.Getenv(Variable) == "" { // not worth asking the system
		return nil
	}
	limit, err := Limit()
	if err != nil {
		return err
	}
	if bytes <= float64(limit) {
		return nil
	}
	return &Error{What: what, Bytes: bytes, Limit: limit}
}

// ErrLimit is what an Error wraps.
var ErrLimit = errors.New("more memory than one input may take")

// Error says that an input asks for too much memory.
type Error struct {
	What  string
	Bytes float64
	Limit int64
}

// Error names the thing, its size and the way to permit it.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: about %s of memory, expected at most %s (%s=SIZE permits more)", e.What, Size(e.Bytes), Size(float64(e.Limit)), Variable)
}

// Unwrap returns ErrLimit.
func (e *Error) Unwrap() error { return ErrLimit }

// Size writes a number of bytes with a binary unit: "1.5 GiB".
func Size(bytes float64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"}
	k := 0
	for ; bytes >= 1024 && k < len(units)-1; k++ {
		bytes /= 1024
	}
	if k == 0 {
		return fmt.Sprintf("%.0f bytes", bytes)
	}
	return fmt.Sprintf("%.3g %s", bytes, units[k])
}

// parseSize reads a value of Variable.
func parseSize(s string) (int64, error) {
	number, factor := s, 1.0
	for k, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n, ok := strings.CutSuffix(s, unit); ok {
			number, factor = strings.TrimSpace(n), math.Pow(1024, float64(k+1))
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v >= 1) || v*factor > 1<<60 {
		return 0, fmt.Errorf("%s %q: not a size, expected a number of bytes or one with KiB, MiB, GiB or TiB", Variable, s)
	}
	return int64(v * factor), nil
}

// Available returns how many bytes the process can still take: the least of what the machine has
// free, the room in its control groups, the limit of its address space, and GOMEMLIMIT.
func Available() int64 {
	room := int64(math.MaxInt64)
	for _, n := range []int64{machine(), controlGroup(), addressSpace(), debug.SetMemoryLimit(-1)} {
		if n > 0 {
			room = min(room, n)
		}
	}
	if room == math.MaxInt64 {
		return unknown
	}
	return room
}

// machine reads MemAvailable of proc_meminfo(5); 0 if it is not known.
func machine() int64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return kilobytes(string(b), "MemAvailable:")
}

// addressSpace returns what the soft limit of the address space (ulimit -v) leaves beside the
// program's own mappings; 0 if there is none. The runtime of Go reserves a part of it without using
// it, so what is left is an upper bound.
func addressSpace() int64 {
	b, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(line, "Max address space")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			return 0
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil { // "unlimited"
			return 0
		}
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return n
		}
		return max(1, n-kilobytes(string(status), "VmSize:"))
	}
	return 0
}

// controlGroup returns the room that the control groups of the process leave, version 2 or 1; 0 if
// none has a limit. Every group above its own counts too.
func controlGroup() int64 {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	room := int64(0)
	for line := range strings.Lines(string(b)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		base, limit, usage := "/sys/fs/cgroup", "memory.max", "memory.current"
		if fields[1] == "memory" {
			base, limit, usage = "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		} else if fields[1] != "" {
			continue
		}
		for dir := path.Clean("/" + fields[2]); ; dir = path.Dir(dir) {
			top, okTop := readNumber(path.Join(base, dir, limit))
			used, okUsed := readNumber(path.Join(base, dir, usage))
			if okTop && okUsed && top < 1<<60 {
				used -= reclaimable(path.Join(base, dir))
				if free := max(1, top-used); room == 0 || free < room {
					room = free
				}
			}
			if dir == "/" {
				break
			}
		}
	}
	return room
}

// reclaimable returns what a control group counts as used, but would give back at once: pages of
// files that nobody has read lately.
func reclaimable(dir string) int64 {
	b, err := os.ReadFile(path.Join(dir, "memory.stat"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) == 2 && (fields[0] == "inactive_file" || fields[0] == "total_inactive_file") {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return max(0, n)
		}
	}
	return 0
}

// readNumber reads a file that holds one number.
func readNumber(file string) (int64, bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

// kilobytes finds a line like "MemAvailable:   123456 kB" and returns its bytes; 0 if there is
// none.
func kilobytes(text, key string) int64 {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, key)
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return 0
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil || n <= 0 || n > 1<<50 {
			return 0
		}
		return n << 10
	}
	return 0
}
