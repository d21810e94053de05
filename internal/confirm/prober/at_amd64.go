//go:build linux

package main

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The instructions of both entries, each followed by a return, and where they lie in their page.
var instructions = []byte{
	0xcd, 0x80, 0xc3, 0xcc, // int $0x80
	0x0f, 0x05, 0xc3, 0xcc, // syscall
}

const (
	int80At   = 0
	syscallAt = 4
)

// placeAt puts the instructions into a page at an address that is free, or has them already.
func placeAt(address uintptr) error {
	if placed[address] {
		return nil
	}
	placed[address] = true
	page, err := unix.MmapPtr(-1, 0, unsafe.Add(nil, address), 4096, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE)
	if err != nil {
		return fmt.Errorf("page at %#x: %w", address, err)
	}
	code := unsafe.Slice((*byte)(page), 4096)
	copy(code, instructions)
	return unix.Mprotect(code, unix.PROT_READ|unix.PROT_EXEC)
}

var placed = map[uintptr]bool{}

// callAt makes a call by the instruction of its way in the page at an address, and returns its
// errno.
//
//go:nosplit
func callAt(address uintptr, way string, nr uintptr, args [6]uintptr) (errno uintptr) {
	r := int64(0)
	if way == "int80" {
		r = int64(int32(enter80At(address+int80At, nr, args)))
	} else {
		r = int64(enter64At(address+syscallAt, nr, args))
	}
	if -4095 <= r && r < 0 {
		return uintptr(-r)
	}
	return 0
}

func enter80At(pc, nr uintptr, args [6]uintptr) uintptr
func enter64At(pc, nr uintptr, args [6]uintptr) uintptr
