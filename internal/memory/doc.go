// Package memory says how much memory the process has used and how much it may use.
//
// Peak is what commands print beside their times. On Linux it is VmHWM of /proc/self/status: the
// largest resident set so far, with everything that counts against the machine: program, Go heap,
// stacks, mapped files. Elsewhere it is what the Go runtime has obtained from the system, which is
// never given back in that count and so is a peak too, of another thing; Peak says which of the two
// it was.
//
// Need is asked before memory is taken whose size an input states: the shape in the header of an
// archive, the attribute of a manifest, the number of neurons of a control. It compares the
// estimate with Limit, and so a file of two megabytes that unfolds to eight gigabytes is refused in
// one line.
package memory
