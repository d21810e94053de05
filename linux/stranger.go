package linux

import "fmt"

// Stranger returns an ABI that the tables do not hold, for callers whose arch is none of theirs: it
// has no names of system calls and no prototypes, every number and 64 bits of each argument.
func Stranger(arch uint32, bigEndian bool) *ABI {
	return &ABI{
		Name:      fmt.Sprintf("arch %#x", arch),
		Arch:      arch,
		BigEndian: bigEndian,
		Bits:      64,
		uncached:  true,
		named:     func() *named { return &named{} },
		byNumber:  func() []Syscall { return nil },
	}
}

// Strange reports whether the ABI is a [Stranger].
func (a *ABI) Strange() bool { _, ok := Lookup(a.Name); return !ok }
