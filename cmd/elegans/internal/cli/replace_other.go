//go:build !unix

package cli

import (
	"errors"
	"os"
	"os/exec"
)

// replace runs another program and ends with its exit code.
func replace(program string, args, env []string) error {
	c := &exec.Cmd{Path: program, Args: args, Env: env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := c.Run()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) && exit.Exited() {
		os.Exit(c.ProcessState.ExitCode())
	}
	return err
}
