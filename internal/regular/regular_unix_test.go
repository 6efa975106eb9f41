//go:build unix

package regular

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipesAndDevices would wait for ever, or fill the memory, if they were opened.
func TestPipesAndDevices(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	for name, kind := range map[string]string{pipe: "a pipe", "/dev/zero": "a device", "/dev/null": "a device"} {
		if _, err := Open(name); !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), kind) {
			t.Errorf("%s: %v, want the refusal of %s", name, err, kind)
		}
	}
}
