package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// signalError is why the context of a command ended. It is a context.Canceled.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string        { return "interrupted" }
func (e *signalError) Is(target error) bool { return target == context.Canceled }

// code returns the exit code of a program that the signal ended, as shells count.
func (e *signalError) code() int { return 128 + int(e.signal) }

// interruptedCode returns the exit code of a command whose context has ended.
func interruptedCode(ctx context.Context) int {
	if e, ok := context.Cause(ctx).(*signalError); ok {
		return e.code()
	}
	return (&signalError{syscall.SIGINT}).code()
}

// interruption is the error of a command that a signal ended in order, with what the user should
// know: how to go on.
type interruption struct{ text string }

func interrupted(format string, args ...any) error {
	return &interruption{fmt.Errorf(format, args...).Error()}
}

func (e *interruption) Error() string        { return e.text }
func (e *interruption) Is(target error) bool { return target == context.Canceled }

// twice says that signals may come twice within a moment: from the terminal, and from a parent that
// passes its own on.
var twice bool

// moment is longer than a signal takes on its way, and shorter than the time between two key
// strokes.
const moment = 100 * time.Millisecond

// listen returns a context that ends at the first Ctrl-C, SIGTERM or SIGHUP: the command saves what
// it has and returns. The next signal ends the program at once. After a call of stop the first one
// does, for commands that have nothing to save.
func listen() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(hangup) { // nohup asks to go on
		signal.Notify(signals, hangup)
	}
	var nothingToSave atomic.Bool
	go func() {
		var last time.Time
		for s := range signals {
			if twice && time.Since(last) < moment {
				continue
			}
			last = time.Now()
			e := &signalError{s.(syscall.Signal)}
			if ctx.Err() != nil || nothingToSave.Load() {
				end(e)
			}
			cancel(e)
		}
	}()
	return ctx, func() {
		nothingToSave.Store(true)
		if e, ok := context.Cause(ctx).(*signalError); ok { // it came just before
			end(e)
		}
	}
}

// end leaves the program at once.
func end(e *signalError) {
	say(os.Stderr, e.Error())
	os.Exit(e.code())
}
