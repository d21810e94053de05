// Package asm is classic BPF as seccomp filters use it: programs, an assembler and disassembler,
// the kernel's own checks, and a simulator. It knows instructions, not system calls.
//
// # The machine
//
// For each system call the kernel fills a struct seccomp_data ([Data]: number, ABI, instruction
// pointer, six arguments) and runs the filter over it. The filter has a 32-bit accumulator A, an
// index register X and 16 words of scratch memory M. It loads one aligned 32-bit word of
// seccomp_data at a time into A, compares A with constants, and returns 32 bits: an action
// (SECCOMP_RET_*) and 16 bits of data. A 64-bit argument is two words, and [LowWord] tells where
// the byte order puts them.
//
// Jumps only go forward, so every program ends. A conditional jump has a target for either outcome,
// each at most 255 instructions away; to go farther, it jumps to a [Ja] on the way.
//
// # The text
//
// One instruction a line. This filter for x86_64 kills callers of another ABI and of x32, answers
// EPERM to ptrace, and denies socket with ENOSYS unless its first argument is AF_UNIX:
//
//	000: ld   arch
//	001: jeq  #0xc000003e, 2, 4         ; x86_64
//	002: ld   nr
//	003: jge  #0x40000000, 4, 5         ; x32
//	004: ret  kill_process
//	005: jeq  #101, 9, 6                ; ptrace
//	006: jeq  #41, 7, 10                ; socket
//	007: ld   [16]                      ; arg0.lo
//	008: jeq  #1, 10, 11                ; AF_UNIX
//	009: ret  errno(1)
//	010: ret  allow
//	011: ret  errno(38)
//
// Targets are the numbers of instructions, or labels: a line may begin with its own number, which
// must be right, or with "name:". What follows a semicolon is a comment. The operands are
//
//	#k      a constant, decimal or 0x
//	x, len  the index register; the size of seccomp_data, 64
//	nr      the word at offset 0
//	arch    the word at offset 4
//	[k]     the word at offset k; which half of an argument it is depends on the byte order
//	M[k]    a word of scratch memory
//
// and ret takes a, an action (kill_process, kill_thread, trap(n), errno(n), user_notif, trace(n),
// log, allow, each with or without data) or a constant. The mnemonics are ld ldx st stx, add sub
// mul div or and lsh rsh neg xor, ja jeq jgt jge jset, tax txa, ret. An instruction with a field
// that its text would not show is written ".raw opcode, jt, jf, k", so that every program can be
// read back.
package asm
