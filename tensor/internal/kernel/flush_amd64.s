//go:build amd64 && !purego

#include "textflag.h"

// The control word of FLUSH: that of Go (round to nearest, no exceptions) with the bits for
// subnormal operands (6) and results (15).
DATA ·flushMode(SB)/4, $0x9fc0
GLOBL ·flushMode(SB), RODATA|NOPTR, $4
