package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestLostOutput prints tables and JSON to a full disk: each must count as a failure with one line.
func TestLostOutput(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"connectome", "info"}, {"gradcheck", "--list"}} {
		var stderr bytes.Buffer
		code := run(environment{ctx: context.Background(), stop: func() {}, stdout: fullDisk{}, stderr: &stderr, args: args})
		if s := stderr.String(); code != 1 || strings.Count(s, "\n") != 1 || !strings.Contains(s, "no space left") {
			t.Errorf("%v: exit code %d, %q", args, code, s)
		}
	}
}

// TestCrosscheckOfNothing gives a manifest without cases, which proves nothing.
func TestCrosscheckOfNothing(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ops.json":        `{"kind": "ops", "tolerance": {"float64": {"rtol": 1e-6, "atol": 1e-6}}, "cases": []}`,
		"ops.safetensors": "\x02\x00\x00\x00\x00\x00\x00\x00{}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	code := run(environment{ctx: context.Background(), stop: func() {}, stdout: &stdout, stderr: &stderr, args: []string{"crosscheck", dir}})
	if s := stderr.String(); code != 2 || !strings.Contains(s, `ops.json: key "cases": empty`) {
		t.Errorf("exit code %d, %q", code, s)
	}
}
