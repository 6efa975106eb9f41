package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"elegans/internal/memory"
)

// childVariable tells the program that it is the child of superviseLimited.
const childVariable = "ELEGANS_LIMITED_CHILD"

// childErrors is the descriptor that stands for standard error in the child.
const childErrors = 3

// superviseLimited keeps the promise of one line where the system limits memory or threads so that
// the runtime may have to give up: it then prints pages on descriptor 2 and exits with 2, which no
// program can prevent within itself. So under such limits the program runs as a child of itself,
// with that descriptor caught, and what the runtime says is put into one line. Without such limits,
// and in the child, ok is false and nothing has happened but that the child has its standard error.
func superviseLimited() (code int, ok bool) {
	if os.Getenv(childVariable) != "" {
		_ = os.Unsetenv(childVariable)
		os.Stderr = os.NewFile(childErrors, "stderr")
		twice = true
		return 0, false
	}
	limits := limitsInForce()
	if limits == "" {
		return 0, false
	}
	if n := processLimit(); n < leastThreads {
		say(os.Stderr, fmt.Sprintf("no thread could be started (processes limited to %d, expected at least %d)", n, leastThreads))
		return exitFault, true
	}
	program, err := os.Executable()
	if err != nil {
		return 0, false
	}
	caught, given, err := os.Pipe()
	if err != nil {
		return 0, false
	}
	child := exec.Command(program, os.Args[1:]...)
	child.Args[0] = os.Args[0]
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, given
	child.ExtraFiles = []*os.File{os.Stderr} // childErrors
	// The child must not live on when this process is killed.
	runtime.LockOSThread()
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 8)
	wanted := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(hangup) { // nohup
		wanted = append(wanted, hangup)
	}
	signal.Notify(signals, wanted...)
	if err := child.Start(); err != nil {
		say(os.Stderr, fmt.Sprintf("the program cannot start: %v (%s)", err, limits))
		return exitFault, true
	}
	_ = given.Close()
	go func() {
		for s := range signals {
			_ = child.Process.Signal(s)
		}
	}()
	const most = 1 << 20
	trace, _ := io.ReadAll(io.LimitReader(caught, most))
	_, _ = io.Copy(io.Discard, caught)
	err = child.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		say(os.Stderr, err.Error())
		return exitFault, true
	}
	return translate(child.ProcessState, string(trace), limits), true
}

// translate says in a line what a runtime has printed before it gave up, and returns the exit code.
func translate(state *os.ProcessState, trace, limits string) int {
	status, _ := state.Sys().(syscall.WaitStatus)
	if trace == "" && status.Signaled() {
		return (&signalError{status.Signal()}).code()
	}
	if trace == "" {
		return state.ExitCode()
	}
	if state.Exited() && state.ExitCode() != 2 { // the runtime gives up with 2
		_, _ = io.WriteString(os.Stderr, trace)
		return state.ExitCode()
	}
	switch reason := whyGivenUp(trace); reason {
	case "":
		fault(os.Stderr, firstLine(trace), []byte(trace))
	default:
		say(os.Stderr, reason+" ("+limits+")")
	}
	return exitFault
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// whyGivenUp tells a lack of memory or of threads from other reasons, for which it is empty.
func whyGivenUp(trace string) string {
	for _, why := range []struct {
		reason string
		signs  []string
	}{
		{"no thread could be started", []string{"newosproc", "failed to create new OS thread", "pthread_create failed"}},
		{"out of memory", []string{"out of memory", "cannot allocate memory", "failed to reserve", "failed to allocate"}},
	} {
		for _, sign := range why.signs {
			if strings.Contains(trace, sign) {
				return why.reason
			}
		}
	}
	return ""
}

// fewThreads is a limit of processes and threads below which the program may not get the threads
// that it wants beside those of other programs.
const fewThreads = 4096

// leastThreads is what the runtime of Go takes for itself and for a child.
const leastThreads = 8

// rlimitNproc is RLIMIT_NPROC, which package syscall does not name.
const rlimitNproc = 6

// limitsInForce names the limits that can make the runtime give up; it is empty if there are none.
func limitsInForce() string {
	var found []string
	for _, l := range []struct {
		resource int
		what     string
	}{{syscall.RLIMIT_AS, "address space"}, {syscall.RLIMIT_DATA, "data"}} {
		var r syscall.Rlimit
		if err := syscall.Getrlimit(l.resource, &r); err == nil && r.Cur < 1<<62 {
			found = append(found, l.what+" limited to "+memory.Size(float64(r.Cur)))
		}
	}
	if n := processLimit(); n < fewThreads {
		found = append(found, fmt.Sprintf("processes limited to %d", n))
	}
	return strings.Join(found, ", ")
}

// processLimit returns how many processes and threads the user may have. There is no limit for
// root.
func processLimit() uint64 {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(rlimitNproc, &r); err != nil || os.Getuid() == 0 {
		return math.MaxUint64
	}
	return r.Cur
}
