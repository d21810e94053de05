package asm

// The opcodes that a seccomp filter may use, all that seccomp_check_filter of kernel/seccomp.c lets
// pass. The names are the kernel's: the class and mode, then K for an operand in the instruction or
// X for the index register. A is the accumulator, X the index register, M the 16 words of scratch
// memory.
const (
	LdAbs  uint16 = 0x20 // A = the word of seccomp_data at byte offset K
	LdLen  uint16 = 0x80 // A = 64, the size of seccomp_data
	LdImm  uint16 = 0x00 // A = K
	LdMem  uint16 = 0x60 // A = M[K]
	LdxLen uint16 = 0x81 // X = 64
	LdxImm uint16 = 0x01 // X = K
	LdxMem uint16 = 0x61 // X = M[K]
	St     uint16 = 0x02 // M[K] = A
	Stx    uint16 = 0x03 // M[K] = X

	AddK uint16 = 0x04 // A += K
	AddX uint16 = 0x0c
	SubK uint16 = 0x14
	SubX uint16 = 0x1c
	MulK uint16 = 0x24
	MulX uint16 = 0x2c
	DivK uint16 = 0x34
	DivX uint16 = 0x3c // with X == 0 the program returns 0
	OrK  uint16 = 0x44
	OrX  uint16 = 0x4c
	AndK uint16 = 0x54
	AndX uint16 = 0x5c
	LshK uint16 = 0x64
	LshX uint16 = 0x6c // by X mod 32
	RshK uint16 = 0x74
	RshX uint16 = 0x7c // by X mod 32
	Neg  uint16 = 0x84 // A = -A
	XorK uint16 = 0xa4
	XorX uint16 = 0xac

	Ja    uint16 = 0x05 // skip K instructions
	JeqK  uint16 = 0x15 // skip Jt instructions if A == K, else Jf
	JeqX  uint16 = 0x1d
	JgtK  uint16 = 0x25 // A > K, unsigned
	JgtX  uint16 = 0x2d
	JgeK  uint16 = 0x35 // A >= K, unsigned
	JgeX  uint16 = 0x3d
	JsetK uint16 = 0x45 // A & K != 0
	JsetX uint16 = 0x4d

	RetK uint16 = 0x06 // return K
	RetA uint16 = 0x16 // return A
	Tax  uint16 = 0x07 // X = A
	Txa  uint16 = 0x87 // A = X
)
