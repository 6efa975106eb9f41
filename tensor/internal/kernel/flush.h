// FLUSH treats subnormal operands as 0 and makes 0 of subnormal results until UNFLUSH, for
// functions with a frame of 8 bytes. Only this thread's control word changes, and assembly is not
// interrupted by another goroutine, so no other code sees it.
#define FLUSH STMXCSR mxcsr-8(SP); LDMXCSR ·flushMode(SB)
#define UNFLUSH LDMXCSR mxcsr-8(SP)
