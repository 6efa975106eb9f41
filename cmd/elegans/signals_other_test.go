//go:build !unix

package main

// stubborn is for systems that have signals.
func stubborn() {}
