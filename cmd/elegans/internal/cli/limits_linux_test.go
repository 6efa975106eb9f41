package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"elegans/autograd/train"
)

// hungry is a program that asks for more memory than TestLimitedMemory lets it have.
func hungry() {
	if code, ok := superviseLimited(); ok {
		os.Exit(code)
	}
	b := make([]byte, 8<<30)
	b[len(os.Args)] = 1
	os.Exit(int(b[0]))
}

// limited runs a program of TestMain in a shell under a limit.
func limited(t *testing.T, limit, program string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	link := filepath.Join(dir, program)
	if err := os.Symlink(os.Args[0], link); err != nil {
		t.Skip(err)
	}
	c := exec.Command("sh", append([]string{"-c", limit + ` && exec "$0" "$@"`, link}, args...)...)
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if c.ProcessState == nil {
		t.Skip(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// TestLimitedMemory ends a program that finds no memory with one line and the code of a fault, and
// lets one that finds enough work as without a limit.
func TestLimitedMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector needs more address space than the limits of this test")
	}
	const limit = "ulimit -v 6000000"
	code, _, errs := limited(t, limit, "hungry")
	if code != exitFault || errs != "elegans: out of memory (address space limited to 5.72 GiB)\n" {
		t.Errorf("exit code %d and %q", code, errs)
	}
	code, out, errs := limited(t, limit, "elegans", "version")
	if code != 0 || !strings.HasPrefix(out, "elegans ") || errs != "" {
		t.Errorf("exit code %d, %q and %q", code, out, errs)
	}
	code, _, errs = limited(t, limit, "elegans", "train", "--epochs", "0")
	if code != exitBad || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "elegans: ") {
		t.Errorf("exit code %d and %q", code, errs)
	}
}

// TestWhyGivenUp reads what runtimes print.
func TestWhyGivenUp(t *testing.T) {
	for trace, want := range map[string]string{
		"runtime: out of memory: cannot allocate 4194304-byte block (0 in use)\nfatal error: out of memory\n":       "out of memory",
		"fatal error: runtime: cannot allocate memory\n\ngoroutine 1":                                               "out of memory",
		"fatal error: failed to reserve page summary memory\n":                                                      "out of memory",
		"runtime: failed to create new OS thread (have 5 already; errno=11)\nfatal error: newosproc\n":              "no thread could be started",
		"runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\nPC=0x7f m=0 sigcode": "no thread could be started",
		"fatal error: concurrent map writes\n":                                                                      "",
		"panic: odd\n\ngoroutine 7":                                                                                 "",
	} {
		if got := whyGivenUp(trace); got != want {
			t.Errorf("%q: %q, expected %q", trace, got, want)
		}
	}
}

// TestFullDisk lets no file grow beyond a limit, as a full disk does: the run fails with one line,
// the checkpoint that was there stays whole, nothing else is left, and without the limit the run
// goes on from it.
func TestFullDisk(t *testing.T) {
	dir := begun(t, "300")
	last := filepath.Join(dir, train.LastFile)
	was, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := limited(t, "ulimit -f 100", "elegans", "train", "--resume", "--out", dir)
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if code != exitFailed || out != "" || !strings.HasSuffix(lines[len(lines)-1], "file too large") || strings.Contains(errs, "goroutine") {
		t.Errorf("exit code %d, %q and %q", code, out, errs)
	}
	if now, err := os.ReadFile(last); err != nil || string(now) != string(was) {
		t.Errorf("the checkpoint was changed (%v)", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if code, _, errs := call("", "train", "--resume", "--out", dir); code != 0 {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
