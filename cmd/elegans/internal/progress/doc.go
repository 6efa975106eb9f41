// Package progress shows how far a long command has come: a bar with rate and remaining time on a
// terminal, plain lines elsewhere. Everything goes to the stream that is given, which should be
// standard error. A Display may be used by several goroutines.
package progress
