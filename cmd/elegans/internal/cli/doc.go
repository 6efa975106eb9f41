// Package cli is the command line of the programs elegans and elegans-cuda, which differ only in
// the devices that they know: every command, its options, its messages and exit codes.
package cli
