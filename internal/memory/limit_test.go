package memory

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{"1": 1, "4096": 4096, "2KiB": 2048, "1.5 GiB": 3 << 29, "3MiB": 3 << 20, "1TiB": 1 << 40} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "-1", "NaN", "Inf", "GiB", "1e30", "12 apples", "5GB"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q: got %d without an error", s, got)
		} else if !strings.Contains(err.Error(), Variable) {
			t.Errorf("%q: %v does not name the variable", s, err)
		}
	}
}

func TestNeed(t *testing.T) {
	t.Setenv(Variable, "1MiB")
	if err := Need("a matrix", 1<<20); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	for _, bytes := range []float64{1<<20 + 1, 1e300, math.Inf(1), math.NaN()} {
		err := Need("a matrix", bytes)
		if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "a matrix: about ") {
			t.Errorf("%g bytes: %v", bytes, err)
		}
	}
	t.Setenv(Variable, "much")
	if err := Need("a matrix", 1); err == nil {
		t.Error("a limit that is no size was taken")
	}
}

func TestAvailable(t *testing.T) {
	if n := Available(); n < 1<<20 || n > 1<<50 {
		t.Errorf("available memory %d bytes: not believable", n)
	}
	t.Setenv(Variable, "")
	if n, err := Limit(); err != nil || n < 1<<18 {
		t.Errorf("limit %d, %v", n, err)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[float64]string{0: "0 bytes", 1023: "1023 bytes", 1536: "1.5 KiB", 8 << 30: "8 GiB", 1e30: "8.88e+14 PiB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%g: %q, want %q", bytes, got, want)
		}
	}
}
