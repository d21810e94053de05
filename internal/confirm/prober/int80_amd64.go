//go:build linux

package main

import "golang.org/x/sys/unix"

// below4G keeps a mapping where a 32-bit call can point to it.
const below4G = unix.MAP_32BIT

// int80 makes an i386 system call from 64-bit code, and returns its errno. The kernel reads the
// lower halves of the registers; a filter sees them whole.
//
//go:nosplit
func int80(nr uintptr, args [6]uintptr) (errno uintptr) {
	if r := int32(enter80(nr, args)); -4095 <= r && r < 0 {
		return uintptr(-r)
	}
	return 0 // an address may be negative as well
}

func enter80(nr uintptr, args [6]uintptr) uintptr
