package cli

import "syscall"

// hangup has the number that Unix gives SIGHUP; package syscall does not name it here, where no
// terminal closes.
const hangup = syscall.Signal(1)
