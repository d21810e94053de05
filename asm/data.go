package asm

import (
	"encoding/binary"
	"fmt"
)

// Data is one system call as a filter sees it, the kernel's struct seccomp_data
// (include/uapi/linux/seccomp.h):
//
//	struct seccomp_data {              offset
//	        int   nr;                  //  0
//	        __u32 arch;                //  4
//	        __u64 instruction_pointer; //  8
//	        __u64 args[6];             // 16, 24, 32, 40, 48, 56
//	};                                 // 64 bytes
//
// A filter reads it in aligned 32-bit words of the machine's byte order: of a 64-bit field, the low
// word comes first on a little-endian machine and second on a big-endian one.
type Data struct {
	Nr   uint32 // the number; the kernel declares it int, filters compare it unsigned
	Arch uint32 // AUDIT_ARCH_* of the caller
	IP   uint64 // the caller's instruction pointer
	Args [6]uint64
}

// Offsets of the fields of struct seccomp_data in bytes, and its size.
const (
	OffNr    = 0
	OffArch  = 4
	OffIP    = 8
	OffArgs  = 16
	DataSize = 64
)

// IP is the argument index that stands for the instruction pointer in [LowWord] and [HighWord].
const IP = 6

// LowWord returns the byte offset of the less significant word of an argument, 0 to 5, or of [IP].
// It panics for any other index.
func LowWord(arg int, order binary.ByteOrder) uint32 {
	if bigEndian(order) {
		return argOffset(arg) + 4
	}
	return argOffset(arg)
}

// HighWord returns the byte offset of the more significant word of an argument, 0 to 5, or of [IP].
// It panics for any other index.
func HighWord(arg int, order binary.ByteOrder) uint32 {
	if bigEndian(order) {
		return argOffset(arg)
	}
	return argOffset(arg) + 4
}

func argOffset(arg int) uint32 {
	switch {
	case arg == IP:
		return OffIP
	case arg >= 0 && arg < 6:
		return OffArgs + 8*uint32(arg)
	}
	panic(fmt.Sprintf("asm: no argument %d", arg))
}

func bigEndian(order binary.ByteOrder) bool { return order.Uint16(one[:]) == 1 }

// one is 1 in big-endian order. Through the interface a slice of a local array would go to the
// heap.
var one = [2]byte{0, 1}

// WordName returns what a load from a byte offset reads: "nr", "arch", "ip.lo", "arg0.hi" and so
// on, or "" for an offset that no filter can load from.
func WordName(offset uint32, order binary.ByteOrder) string {
	switch offset {
	case OffNr:
		return "nr"
	case OffArch:
		return "arch"
	}
	for arg := 0; arg <= IP; arg++ {
		name := fmt.Sprintf("arg%d", arg)
		if arg == IP {
			name = "ip"
		}
		switch offset {
		case LowWord(arg, order):
			return name + ".lo"
		case HighWord(arg, order):
			return name + ".hi"
		}
	}
	return ""
}

// Words returns the 16 words that [LdAbs] reads on a machine of the byte order: Words(order)[k/4]
// is the word at byte offset k.
func (d Data) Words(order binary.ByteOrder) [DataSize / 4]uint32 {
	var w [DataSize / 4]uint32
	w[OffNr/4], w[OffArch/4] = d.Nr, d.Arch
	low := 0
	if bigEndian(order) {
		low = 1
	}
	put := func(at int, v uint64) { w[at+low], w[at+1-low] = uint32(v), uint32(v>>32) }
	put(OffIP/4, d.IP)
	for i, v := range d.Args {
		put(OffArgs/4+2*i, v)
	}
	return w
}
