package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// interrupt is a standard error on which a text stands for Ctrl-C.
type interrupt struct {
	bytes.Buffer
	at     string
	cancel func()
}

func (i *interrupt) Write(p []byte) (int, error) {
	if i.at != "" && bytes.Contains(p, []byte(i.at)) {
		i.cancel()
	}
	return i.Buffer.Write(p)
}

// TestInterruptedMainJob stops the main job after its first run. The next call goes on, and writes
// what an uninterrupted one writes; the call after that starts afresh.
func TestInterruptedMainJob(t *testing.T) {
	dir := t.TempDir()
	call := func(name, interruptAt string) (code int, stdout, stderr string) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var out bytes.Buffer
		errs := &interrupt{at: interruptAt, cancel: cancel}
		args := strings.Fields("--seeds 2 --epochs 2 --width 2 --rounds 1 --batch 400 --jobs 1 --out")
		args = append(args, filepath.Join(dir, name))
		code = run(environment{ctx: ctx, stop: func() {}, stdout: &out, stderr: errs, args: args})
		return code, out.String(), errs.String()
	}
	if code, _, errs := call("whole", ""); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	runs := filepath.Join(dir, "broken", "runs")
	code, out, errs := call("broken", "1/8")
	said := "elegans: stopped with 1 of 8 runs finished; the same command goes on with the runs in " + runs + "\n"
	if code != 130 || out != "" || !strings.HasSuffix(errs, said) {
		t.Fatalf("exit code %d, %q, %s", code, out, errs)
	}
	if code, _, errs = call("broken", ""); code != 0 || strings.Count(errs, "made before") != 1 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, name := range []string{"curves.csv", "worm.safetensors"} {
		whole, err := os.ReadFile(filepath.Join(dir, "whole", name))
		if err != nil {
			t.Fatal(err)
		}
		broken, err := os.ReadFile(filepath.Join(dir, "broken", name))
		if err != nil || !bytes.Equal(whole, broken) {
			t.Errorf("%s after an interruption is another (%v)", name, err)
		}
	}
	if _, err := os.Stat(runs); err == nil {
		t.Error("the runs of a complete main job are still there")
	}
	if code, _, errs = call("broken", ""); code != 0 || strings.Contains(errs, "made before") {
		t.Errorf("after a complete main job: exit code %d, %s", code, errs)
	}
}
