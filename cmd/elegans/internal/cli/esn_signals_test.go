//go:build unix

package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestSearchInterrupted: Ctrl-C says how far the search has come and how to go on.
func TestSearchInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "found")
	p := start(t, "elegans", "esn", "search", "--task", "narma10", "--space", "radius=log:.1:2", "--trials", "100000", "--out", out)
	p.until("0 of them made before")
	p.signal(syscall.SIGINT)
	code, last := p.end()
	want := regexp.MustCompile(`^elegans: interrupted with \d+ of 144446 trials done; the same command goes on with those in `)
	if code != 130 || !want.MatchString(last) {
		t.Errorf("exit code %d and %q, expected 130 and %v", code, last, want)
	}
}

// TestTrainInterrupted: Ctrl-C keeps the runs that are done, and the same command goes on with
// them.
func TestTrainInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "runs")
	args := []string{"elegans", "esn", "train", "--task", "narma10", "--neurons", "20", "--seeds", "10000", "--out", out}
	p := start(t, args[0], args[1:]...)
	p.until("10000 runs, 0 of them made before")
	p.signal(syscall.SIGINT)
	code, last := p.end()
	want := regexp.MustCompile(`^elegans: interrupted with (\d+) of 10000 runs done; the same command goes on with those in `)
	found := want.FindStringSubmatch(last)
	if code != 130 || found == nil {
		t.Fatalf("exit code %d and %q, expected 130 and %v", code, last, want)
	}
	p = start(t, args[0], args[1:]...)
	p.until("10000 runs, " + found[1] + " of them made before")
	p.signal(syscall.SIGINT)
	p.end()
}

// TestStreamInterrupted: every row is answered at once, Ctrl-C saves the state while the stream
// waits for a row, and the same command goes on with the same predictions as one that was not
// stopped.
func TestStreamInterrupted(t *testing.T) {
	dir := t.TempDir()
	stream := func(state string) (*process, func(row int) string) {
		p := &process{t: t, cmd: &exec.Cmd{
			Path: os.Args[0], Args: []string{"elegans", "esn", "stream", "--new", "--target", "0", "--neurons", "20", "--state", filepath.Join(dir, state)},
		}}
		in, err1 := p.cmd.StdinPipe()
		out, err2 := p.cmd.StdoutPipe()
		errs, err3 := p.cmd.StderrPipe()
		for _, err := range []error{err1, err2, err3, p.cmd.Start()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() {
			if p.cmd.ProcessState == nil {
				_ = p.cmd.Process.Kill()
				_ = p.cmd.Wait()
			}
		})
		p.errs = bufio.NewScanner(errs)
		answers := bufio.NewScanner(out)
		return p, func(row int) string {
			if _, err := fmt.Fprintf(in, "%v\n", level(row)/20); err != nil || !answers.Scan() {
				t.Fatalf("row %d: no answer: %v, %v", row, err, answers.Err())
			}
			return answers.Text()
		}
	}
	var want, got []string
	p, ask := stream("whole.safetensors")
	for row := range 30 {
		want = append(want, ask(row))
	}
	p.signal(syscall.SIGINT)
	p.end()
	p, ask = stream("part.safetensors")
	for row := range 12 {
		got = append(got, ask(row))
	}
	p.signal(syscall.SIGINT)
	code, last := p.end()
	if code != 130 || !strings.HasPrefix(last, "elegans: interrupted; the state after 12 rows is saved, the same command goes on") {
		t.Errorf("exit code %d and %q", code, last)
	}
	_, ask = stream("part.safetensors")
	for row := range 18 {
		got = append(got, ask(12+row))
	}
	if !slices.Equal(got, want) {
		t.Errorf("predictions after a stop\n%v\nexpected\n%v", got, want)
	}
}
