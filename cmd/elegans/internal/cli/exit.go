package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"elegans/autograd/optim"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/internal/regular"
	"elegans/lab/jobs"
	"elegans/tensor"
)

// Exit codes. A program that a signal ended exits with 128 and its number: 130 after Ctrl-C.
const (
	// the work could not be done: a disk is full, training diverged, gradients differ
	exitFailed = 1
	exitBad    = 2 // the command line or an input is to blame
	exitFault  = 3 // this program is to blame, or there was no memory left
)

// traceVariable is the environment variable that shows the trace of a fault on standard error,
// instead of keeping it in a file.
const traceVariable = "ELEGANS_TRACE"

// guard calls f, says in one line on standard error what it failed with, and returns the exit code.
func guard(env *environment, f func() error) (code int) {
	defer func() {
		if p := recover(); p != nil {
			code = panicked(env, p, debug.Stack())
		}
	}()
	if err := f(); err != nil {
		return failed(env, err)
	}
	return 0
}

// say writes a message as one line without control characters, whatever it quotes.
func say(w io.Writer, message string) { fmt.Fprintf(w, "elegans: %s\n", quote.Line(message)) }

// failed says what went wrong and returns the exit code for it.
func failed(env *environment, err error) int {
	if env.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		say(env.stderr, strings.ReplaceAll(err.Error(), context.Canceled.Error(), "interrupted"))
		return interruptedCode(env.ctx)
	}
	say(env.stderr, err.Error())
	var b *inputError
	if errors.Is(err, syscall.ENOSPC) { // another input does not mend a full disk
		return exitFailed
	}
	if errors.As(err, &b) || errors.Is(err, memory.ErrLimit) || errors.Is(err, regular.ErrNotRegular) {
		return exitBad
	}
	return exitFailed
}

// panicked says what a panic means and returns the exit code for it. Sizes that only show to be
// impossible deep in the engine, and options that only an optimiser can judge, come as typed
// panics; any other panic is a fault of this program.
func panicked(env *environment, p any, stack []byte) int {
	err, ok := p.(error)
	if !ok {
		err = fmt.Errorf("%v", p)
	}
	var relayed *jobs.PanicError
	if errors.As(err, &relayed) {
		stack = append(relayed.Stack, stack...)
	}
	var (
		shape  *tensor.ShapeError
		usage  *tensor.UsageError
		option *optim.OptionError
		device *tensor.DeviceError
	)
	switch {
	case errors.As(err, &device):
		return failed(env, err)
	case errors.As(err, &shape) && !env.fits:
		return failed(env, badf("the given sizes do not fit together: %w", shape))
	case errors.As(err, &usage) && !env.fits:
		return failed(env, bad(usage))
	case errors.As(err, &option) && !env.fits:
		return failed(env, bad(option))
	}
	fault(env.stderr, err.Error(), stack)
	return exitFault
}

// fault asks for a report in one line. The trace goes to a file, or to w if traceVariable is set.
func fault(w io.Writer, what string, trace []byte) {
	what = "a fault of this program: " + what
	if os.Getenv(traceVariable) != "" {
		say(w, what+"; please report it with the trace below")
		fmt.Fprintf(w, "%s\n", trace)
		return
	}
	f, err := os.CreateTemp("", "elegans-trace-*.txt")
	if err == nil {
		_, err = fmt.Fprintf(f, "%s\n\n%s\n", what, trace)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		say(w, what+"; please report it with the trace that "+traceVariable+"=1 shows")
		return
	}
	say(w, what+"; please report it with the trace in "+f.Name())
}

// inputError marks an error that the user can mend by another command line or input.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

// bad marks err, if there is one, as an error of usage or input.
func bad(err error) error {
	if err == nil {
		return nil
	}
	return &inputError{err}
}

func badf(format string, args ...any) error { return bad(fmt.Errorf(format, args...)) }
