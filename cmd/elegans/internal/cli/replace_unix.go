//go:build unix

package cli

import "syscall"

// replace makes this process run another program: signals, input and exit code are then its own.
func replace(program string, args, env []string) error { return syscall.Exec(program, args, env) }
