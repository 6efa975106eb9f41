package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the tests start the program: it is the test's own binary under another name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == program {
		main()
	}
	os.Exit(m.Run())
}

const program = "elegans-cuda"

// run runs the program with settings of the environment added and returns what it wrote.
func run(t *testing.T, settings []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, self, append([]string{"--device", "cuda"}, args...)...)
	c.Args[0] = program
	c.Env = append(os.Environ(), settings...)
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	if ctx.Err() != nil {
		t.Fatalf("%v %v: has not ended\n%s", settings, args, &errs)
	}
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// usage is what the stand-in reports of a run.
type usage struct{ Calls, Launches, Leaks, Forgotten int }

// reported runs the program, which must succeed, and returns its output and what the stand-in says.
func reported(t *testing.T, settings []string, args ...string) (string, usage) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	stdout, stderr, code := run(t, append(settings, "STANDIN_REPORT="+file), args...)
	if code != 0 {
		t.Fatalf("%v: exit code %d\n%s%s", args, code, lastLines(stdout, 5), stderr)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var u usage
	if err := json.Unmarshal(b, &u); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return stdout, u
}

func needStandIn(t *testing.T) {
	t.Helper()
	if os.Getenv("STANDIN") == "" {
		t.Skip("needs the stand-in for the driver: tensor/cuda/standin/run")
	}
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n") + "\n"
}

// TestEveryCallFails lets each call of the driver fail in turn: one line says so, the exit code is
// 1, and nothing hangs.
func TestEveryCallFails(t *testing.T) {
	needStandIn(t)
	job := []string{"compare-devices", "mlp", "--batch", "2", "--dtype", "float32"}
	_, u := reported(t, nil, job...)
	if u.Calls < 100 || u.Leaks != 0 || u.Forgotten != 0 {
		t.Fatalf("without a failure: %+v", u)
	}
	step := 1
	if testing.Short() {
		step = 13
	}
	for n := 2; n <= u.Calls; n += step { // the first is cuInit, which gorgonia.org/cu answers for
		_, stderr, code := run(t, []string{fmt.Sprintf("STANDIN_FAIL=%d", n), "STANDIN_QUIET=1"}, job...)
		if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "elegans: ") || !strings.Contains(stderr, "OutOfMemory") {
			t.Errorf("call %d of %d fails: exit code %d, %q", n, u.Calls, code, stderr)
		}
	}
}

// TestOutOfMemory: the line says how much was asked for, and how much is free.
func TestOutOfMemory(t *testing.T) {
	needStandIn(t)
	_, stderr, code := run(t, []string{"STANDIN_MEMORY=2000000", "STANDIN_QUIET=1"}, "compare-devices", "mlp", "--dtype", "float32")
	if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "bytes, where ") || !strings.Contains(stderr, " are free: OutOfMemory") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// TestInterrupt: a training that is stopped on the device is saved, and says how to go on there.
func TestInterrupt(t *testing.T) {
	needStandIn(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "run")
	c := exec.CommandContext(t.Context(), self, "--device", "cuda:0", "--staged", "train", "mlp", "--hidden", "4", "--epochs", "1000000", "--limit", "64", "--out", out)
	c.Args[0] = program
	messages, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var last string
	interrupted := false
	for lines := bufio.NewScanner(messages); lines.Scan(); {
		last = lines.Text()
		if !interrupted && strings.Contains(last, "train loss") {
			interrupted = true
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = c.Wait() // its exit code tells
	want := "go on with: elegans --device cuda:0 --staged train --out " + out + " --resume"
	if code := c.ProcessState.ExitCode(); code != 130 || !strings.HasSuffix(last, want) {
		t.Errorf("exit code %d, %q, want 130 and %q", code, last, want)
	}
	if _, stderr, code := run(t, nil, "eval", filepath.Join(out, "last.safetensors")); code != 0 {
		t.Errorf("what was saved: exit code %d, %q", code, stderr)
	}
}
