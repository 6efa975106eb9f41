package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"elegans/autograd/optim"
	"elegans/internal/memory"
	"elegans/internal/regular"
	"elegans/lab/jobs"
	"elegans/tensor"
)

// outOfRange is a fault that the runtime finds.
func outOfRange() error {
	var none []int
	return errors.New(fmt.Sprint(none[len(os.Args)]))
}

// TestGuard maps errors and panics to exit codes and one line each.
func TestGuard(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	shape := func() error { tensor.PanicShape("MatMul", "axes do not fit", []int{1, 2}); return nil }
	fault := "elegans: a fault of this program: "
	report := "; please report it with the trace in " + filepath.Join(dir, "elegans-trace-")
	for _, c := range []struct {
		name  string
		f     func() error
		fits  bool
		code  int
		lines string // beginning
		trace string // in the file
	}{
		{"nothing", func() error { return nil }, false, 0, "", ""},
		{"failure", func() error { return errors.New("no luck") }, false, 1, "elegans: no luck\n", ""},
		{"input", func() error { return badf("--x %d: expected 1", 2) }, false, 2, "elegans: --x 2: expected 1\n", ""},
		{"wrapped input", func() error { return fmt.Errorf("a: %w", badf("b")) }, false, 2, "elegans: a: b\n", ""},
		{"size of an input", func() error { return &memory.Error{What: "x", Bytes: 4, Limit: 2} }, false, 2, "elegans: x: about 4 bytes", ""},
		{"a pipe", func() error { return fmt.Errorf("p: %w", regular.ErrNotRegular) }, false, 2, "elegans: p: not", ""},
		{"full disk", func() error { return bad(syscall.ENOSPC) }, false, 1, "elegans: no space left", ""},
		{"two lines", func() error { return errors.Join(badf("one"), badf("two\x1b[31m\r\tthree\n")) }, false, 2,
			`elegans: one; two\x1b[31m\r three` + "\n", ""},
		{"sizes of the user", shape, false, 2, "elegans: the given sizes do not fit together: ", ""},
		{"sizes of ours", shape, true, 3, fault, "TestGuard"},
		{"usage", func() error { tensor.PanicUsage("Dropout", "p is 2"); return nil }, false, 2, "elegans: ", ""},
		{"option", func() error { panic(&optim.OptionError{}) }, false, 2, "elegans: ", ""},
		{"index", outOfRange, false, 3, fault + "runtime error: index out of range", "outOfRange"},
		{"text", func() error { panic("a\nb") }, false, 3, fault + "a; b" + report, "TestGuard"},
		{"run", func() error { panic(&jobs.PanicError{Value: "broken", Stack: []byte("there")}) }, false, 3,
			fault + "broken" + report, "there"},
		{"sizes in a run", func() error {
			panic(&jobs.PanicError{Value: &tensor.ShapeError{Op: "MatMul"}})
		}, false, 2, "elegans: the given sizes do not fit together: ", ""},
	} {
		var b bytes.Buffer
		env := environment{ctx: context.Background(), stderr: &b, fits: c.fits}
		code := guard(&env, c.f)
		lines := 1
		if c.lines == "" {
			lines = 0
		}
		if code != c.code || !strings.HasPrefix(b.String(), c.lines) || strings.Count(b.String(), "\n") != lines {
			t.Errorf("%s: exit code %d and %q, expected %d and one line %q", c.name, code, b.String(), c.code, c.lines)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) > 1 || (len(files) == 1) != (c.code == 3) {
			t.Fatalf("%s: files %q (%v)", c.name, files, err)
		}
		for _, f := range files {
			trace, err := os.ReadFile(f)
			if err != nil || !strings.Contains(string(trace), c.trace) || !strings.Contains(b.String(), f) {
				t.Errorf("%s: %s (%v) has %q", c.name, f, err, trace)
			}
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestTrace shows the trace on request, and where there is no place for a file says how to.
func TestTrace(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	for value, want := range map[string]string{
		"":  "report it with the trace that ELEGANS_TRACE=1 shows\n",
		"1": "report it with the trace below\ngoroutine ",
	} {
		t.Setenv(traceVariable, value)
		var b bytes.Buffer
		code := guard(&environment{ctx: context.Background(), stderr: &b}, outOfRange)
		if code != exitFault || !strings.Contains(b.String(), want) {
			t.Errorf("%s=%s: exit code %d, %q", traceVariable, value, code, b.String())
		}
	}
}

// TestInterruptedExit exits with 128 and the number of the signal, but only if the signal is why
// the command failed.
func TestInterruptedExit(t *testing.T) {
	for _, c := range []struct {
		cause, err error
		code       int
		line       string
	}{
		{&signalError{syscall.SIGINT}, context.Canceled, 130, "interrupted"},
		{&signalError{syscall.SIGTERM}, fmt.Errorf("reading: %w", context.Canceled), 143, "reading: interrupted"},
		{&signalError{hangup}, interrupted("go on with %s", "x"), 129, "go on with x"},
		{&signalError{syscall.SIGINT}, &signalError{syscall.SIGINT}, 130, "interrupted"},
		{nil, context.Canceled, 130, "interrupted"},
		{&signalError{syscall.SIGINT}, bad(context.Canceled), 130, "interrupted"},
		{&signalError{syscall.SIGINT}, fmt.Errorf("saving: %w", syscall.ENOSPC), 1, "saving: no space left on device"},
		{&signalError{syscall.SIGINT}, nil, 0, ""},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(c.cause)
		var b bytes.Buffer
		code := guard(&environment{ctx: ctx, stderr: &b}, func() error { return c.err })
		want := ""
		if c.line != "" {
			want = "elegans: " + c.line + "\n"
		}
		if code != c.code || b.String() != want {
			t.Errorf("%v after %v: exit code %d and %q, expected %d and %q", c.err, c.cause, code, b.String(), c.code, want)
		}
	}
}
