//go:build unix

package cli

import (
	"os/signal"
	"syscall"
)

// returnBrokenPipes makes writing to a program that has ended an error, as it is for other files,
// so that there is time to save.
func returnBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }
