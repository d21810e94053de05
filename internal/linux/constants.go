package linux

import "go/constant"

// Constant returns the value that a constant of the UAPI has on the ABI, a go/constant Int.
func (a *ABI) Constant(name string) (constant.Value, bool) { return nil, false }

// ConstantNames returns the constants of the ABI whose names start with prefix, sorted.
func (a *ABI) ConstantNames(prefix string) []string { return nil }

// ConstantNames returns the constants of all ABIs, sorted.
func ConstantNames() []string { return nil }

// ErrnoName returns the name of an error number on the ABI: "EPERM" for 1. Where several names share a
// number it is the one that the man pages head their entry with: EAGAIN, not EWOULDBLOCK.
func (a *ABI) ErrnoName(n uint32) (string, bool) { return "", false }

// ArgFamilies returns the prefixes of the constants that an argument of a system call takes.
func ArgFamilies(syscall string, arg int) []string { return nil }
