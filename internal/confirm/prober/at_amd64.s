//go:build linux

#include "textflag.h"

// func enter80At(pc, nr uintptr, args [6]uintptr) uintptr
TEXT ·enter80At(SB), NOSPLIT, $16-72
	MOVQ BP, saved-8(SP)
	MOVQ pc+0(FP), R12
	MOVQ nr+8(FP), AX
	MOVQ args_0+16(FP), BX
	MOVQ args_1+24(FP), CX
	MOVQ args_2+32(FP), DX
	MOVQ args_3+40(FP), SI
	MOVQ args_4+48(FP), DI
	MOVQ args_5+56(FP), BP
	CALL R12
	MOVQ saved-8(SP), BP
	MOVQ AX, ret+64(FP)
	RET

// func enter64At(pc, nr uintptr, args [6]uintptr) uintptr
TEXT ·enter64At(SB), NOSPLIT, $0-72
	MOVQ pc+0(FP), R12
	MOVQ nr+8(FP), AX
	MOVQ args_0+16(FP), DI
	MOVQ args_1+24(FP), SI
	MOVQ args_2+32(FP), DX
	MOVQ args_3+40(FP), R10
	MOVQ args_4+48(FP), R8
	MOVQ args_5+56(FP), R9
	CALL R12
	MOVQ AX, ret+64(FP)
	RET
