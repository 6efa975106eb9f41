// Package memory reports the peak memory of the process, which commands print beside their times.
//
// On Linux it is VmHWM of /proc/self/status: the largest resident set so far, with everything that
// counts against the machine: program, Go heap, stacks, mapped files. Elsewhere it is what the Go
// runtime has obtained from the system, which is never given back in that count and so is a peak
// too, of another thing; Peak says which of the two it was.
package memory
