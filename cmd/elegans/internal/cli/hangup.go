//go:build !js

package cli

import "syscall"

// hangup is what a terminal sends to its programs when it closes.
const hangup = syscall.SIGHUP
