//go:build unix

package data

import "syscall"

// mkfifo makes a pipe.
func mkfifo(path string) error { return syscall.Mkfifo(path, 0o600) }
