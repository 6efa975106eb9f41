//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// stubborn is a program that a signal does not end in order, for TestSecondSignal.
func stubborn() {
	ctx, stop := listen()
	if len(os.Args) > 1 {
		stop()
	}
	fmt.Fprintln(os.Stderr, "ready")
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "told")
	select {}
}

// process is a program under test, which TestMain runs in the place of the tests.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	errs *bufio.Scanner // lines of standard error
}

func start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: &exec.Cmd{Path: os.Args[0], Args: append([]string{program}, args...)}}
	errs, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	p.errs = bufio.NewScanner(errs)
	return p
}

// until reads standard error up to a line that has a text.
func (p *process) until(text string) {
	p.t.Helper()
	var seen []string
	for p.errs.Scan() {
		if strings.Contains(p.errs.Text(), text) {
			return
		}
		seen = append(seen, p.errs.Text())
	}
	p.t.Fatalf("standard error without %q:\n%s", text, strings.Join(seen, "\n"))
}

// signal sends a signal.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for the end of the program and returns its exit code and its last line.
func (p *process) end() (code int, last string) {
	p.t.Helper()
	for p.errs.Scan() {
		last = p.errs.Text()
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode(), last
}

// signalCodes holds the exit code of every signal that this program is told of: nohup, under which
// the tests may run as well, keeps the hangup from it and from what it starts.
var signalCodes = func() map[syscall.Signal]int {
	codes := map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, hangup: 129}
	if signal.Ignored(hangup) {
		delete(codes, hangup)
	}
	return codes
}()

// TestSignals stops a training with every signal, each time going on from where the last one
// stopped it.
func TestSignals(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	p := start(t, "elegans", "train", "mlp", "--hidden", "4", "--epochs", "1000000", "--limit", "100", "--out", out)
	epochs := 0
	for s, code := range signalCodes {
		p.until("train loss")
		p.signal(s)
		got, last := p.end()
		want := "elegans: stopped before the end of training; a checkpoint is saved, go on with: elegans train --out " + out + " --resume"
		if got != code || last != want {
			t.Fatalf("%v: exit code %d and %q, expected %d and %q", s, got, last, code, want)
		}
		log, err := os.ReadFile(filepath.Join(out, "epochs.csv"))
		if err != nil || strings.Count(string(log), "\n") <= epochs+1 {
			t.Fatalf("%v: %d lines in the log after %d epochs (%v)", s, strings.Count(string(log), "\n"), epochs, err)
		}
		epochs = strings.Count(string(log), "\n") - 1
		p = start(t, "elegans", "train", "--out", out, "--resume")
	}
}

// TestSecondSignal ends a program that does not come to its end after the first signal, and one
// that has nothing to save at the first.
func TestSecondSignal(t *testing.T) {
	for s, code := range signalCodes {
		p := start(t, "stubborn")
		p.until("ready")
		p.signal(s)
		p.until("told")
		p.signal(s)
		if got, last := p.end(); got != code || last != "elegans: interrupted" {
			t.Errorf("second %v: exit code %d, %q", s, got, last)
		}
		p = start(t, "stubborn", "nothing to save")
		p.until("ready")
		p.signal(s)
		if got, last := p.end(); got != code || last != "elegans: interrupted" {
			t.Errorf("%v with nothing to save: exit code %d, %q", s, got, last)
		}
	}
}

// TestKilledMixture kills the training of a transformer whose experts are chosen with noise, again
// and again: what comes out is what comes out of a run that was left alone.
func TestKilledMixture(t *testing.T) {
	dir := t.TempDir()
	alone, killed := filepath.Join(dir, "alone"), filepath.Join(dir, "killed")
	args := func(out string) []string {
		return strings.Fields("train vit --experts 4 --noisy-gating --dim 8 --depth 2 --dropout 0.1 --limit 200 --epochs 40 --out " + out)
	}
	if code, _, errs := call("", args(alone)...); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	p := start(t, "elegans", args(killed)...)
	for range 3 {
		p.until("train loss")
		p.until("train loss")
		p.signal(syscall.SIGKILL)
		if code, last := p.end(); code == 0 {
			t.Fatalf("it ended before it was killed: %s", last)
		}
		p = start(t, "elegans", "train", "--out", killed, "--resume")
	}
	if code, last := p.end(); code != 0 {
		t.Fatalf("exit code %d: %s", code, last)
	}
	for _, name := range []string{"last.safetensors", "best.safetensors", "epochs.csv"} {
		want, err := os.ReadFile(filepath.Join(alone, name))
		got, errs := os.ReadFile(filepath.Join(killed, name))
		if err != nil || errs != nil {
			t.Fatal(err, errs)
		}
		if filepath.Ext(name) == ".safetensors" { // the header holds the time that training took
			want, got = want[8+binary.LittleEndian.Uint64(want):], got[8+binary.LittleEndian.Uint64(got):]
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s after three kills is another", name)
		}
	}
}

// smallJob is a main job of 8 runs that takes a moment.
func smallJob(out string) []string {
	return strings.Fields("compare --seeds 2 --epochs 2 --width 2 --rounds 1 --batch 400 --jobs 1 --out " + out)
}

// TestKilledMainJob kills the main job after its first run: the next call keeps that run, and comes
// to what an uninterrupted one comes to.
func TestKilledMainJob(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := call("", smallJob(filepath.Join(dir, "whole"))...); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	p := start(t, "elegans", smallJob(filepath.Join(dir, "killed"))...)
	p.until("1/8")
	p.signal(syscall.SIGKILL)
	p.end()
	code, _, errs := call("", smallJob(filepath.Join(dir, "killed"))...)
	if code != 0 || !strings.Contains(errs, "made before") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, name := range []string{"curves.csv", "worm.safetensors"} {
		whole, err := os.ReadFile(filepath.Join(dir, "whole", name))
		if err != nil {
			t.Fatal(err)
		}
		if killed, err := os.ReadFile(filepath.Join(dir, "killed", name)); err != nil || string(killed) != string(whole) {
			t.Errorf("%s after a kill is another (%v)", name, err)
		}
	}
}

// TestTwoMainJobs refuses a second main job in the folder of one at work.
func TestTwoMainJobs(t *testing.T) {
	out := filepath.Join(t.TempDir(), "report")
	p := start(t, "elegans", "--epochs", "100000", "--out", out)
	p.until("training")
	code, _, errs := call("", smallJob(out)...)
	if code != exitBad || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "another training is at work") {
		t.Errorf("exit code %d, %q", code, errs)
	}
	p.signal(syscall.SIGTERM)
	if code, last := p.end(); code != 143 || !strings.HasPrefix(last, "elegans: stopped with 0 of 20 runs finished; ") {
		t.Errorf("exit code %d, %q", code, last)
	}
}
