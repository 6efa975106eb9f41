//go:build !unix

package cli

// returnBrokenPipes has nothing to do: no signal ends the program.
func returnBrokenPipes() {}
