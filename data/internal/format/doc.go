// Package format holds the one error type with which every reader of package data refuses a
// malformed file.
package format
