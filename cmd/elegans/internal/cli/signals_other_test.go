//go:build !unix

package cli

// stubborn is for systems that have signals.
func stubborn() {}
