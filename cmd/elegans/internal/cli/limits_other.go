//go:build !linux

package cli

// superviseLimited does nothing where the limits of a process are not known.
func superviseLimited() (code int, ok bool) { return 0, false }
