//go:build linux

#include "textflag.h"

// func enter80(nr uintptr, args [6]uintptr) uintptr
TEXT ·enter80(SB), NOSPLIT, $8-64
	MOVQ BP, saved-8(SP)
	MOVQ nr+0(FP), AX
	MOVQ args_0+8(FP), BX
	MOVQ args_1+16(FP), CX
	MOVQ args_2+24(FP), DX
	MOVQ args_3+32(FP), SI
	MOVQ args_4+40(FP), DI
	MOVQ args_5+48(FP), BP
	INT  $0x80
	MOVQ saved-8(SP), BP
	MOVQ AX, ret+56(FP)
	RET
