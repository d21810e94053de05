package linux

import "slices"

// NumberRange is an inclusive range of values of seccomp_data.nr.
type NumberRange struct{ Lo, Hi uint32 }

// Contains reports whether a number lies in the range.
func (r NumberRange) Contains(nr uint32) bool { return r.Lo <= nr && nr <= r.Hi }

// numberSpace is how a kernel that has several tables of system calls chooses one by the number,
// whoever calls. The parts are ascending; numbers between them are nobody's calls.
type numberSpace []numberPart

type numberPart struct {
	NumberRange
	table string // in the kernel's words
}

// x86Numbers: bit 30 (__X32_SYSCALL_BIT of arch/x86/include/uapi/asm/unistd.h) marks x32's. -1,
// what a tracer leaves when it skips a call, is not x32's: do_syscall_x64 and do_syscall_x32 of
// arch/x86/entry/syscall_64.c test the sign first.
var x86Numbers = numberSpace{
	{NumberRange{0, 0x3fffffff}, "x86_64"},
	{NumberRange{0x40000000, 0xfffffffe}, "x32"},
	{NumberRange{0xffffffff, 0xffffffff}, "x86_64"},
}

// mipsNumbers: handle_sys64 of arch/mips/kernel/scall64-n64.S goes on to n32's table and then to
// o32's with what is not its own. A task of any of the three ABIs reaches all of them, while
// syscall_get_arch of arch/mips/include/asm/syscall.h tells the task's. A 32-bit kernel has o32
// alone.
var mipsNumbers = numberSpace{
	{NumberRange{4000, 4999}, "o32"},
	{NumberRange{5000, 5999}, "n64"},
	{NumberRange{6000, 6999}, "n32"},
}

// armPrivate is __ARM_NR_BASE of arch/arm/include/uapi/asm/unistd.h.
const armPrivate = 0xf0000

// Foreign is numbers that a caller with an ABI's Arch can use and that the kernel runs by the table
// of another ABI. Nothing of the ABI's can be said of them: the numbers mean other calls, and the
// arguments may lie elsewhere (those of MIPS's n64 tasks in registers, of its o32 calls on the
// stack from the fifth on).
type Foreign struct {
	NumberRange
	Table  string // the kernel's name of the other table: "x32", "o32", "n32", "n64"
	ABI    *ABI   // that has the table, in the same byte order
	Served bool   // ABI has the same Arch, as x32 and x86_64: listed, it serves them
}

// Foreign returns the numbers that seccomp reports with the ABI's Arch and that are another ABI's
// calls, ascending. Most ABIs have none.
func (a *ABI) Foreign() []Foreign {
	var out []Foreign
	for _, part := range a.shared {
		if part.table != a.table {
			other := a.beside(part.table)
			served := other.Arch == a.Arch
			out = append(out, Foreign{part.NumberRange, part.table, other, served})
		}
	}
	return out
}

// Unserved returns those of [ABI.Foreign] that are not Served: no policy can say anything about
// them, but that they are a mismatch.
func (a *ABI) Unserved() []Foreign {
	return slices.DeleteFunc(a.Foreign(), func(f Foreign) bool { return f.Served })
}

// ForeignAt returns the part of [ABI.Foreign] that holds a number.
func (a *ABI) ForeignAt(nr uint32) (Foreign, bool) {
	all := a.Foreign()
	i := slices.IndexFunc(all, func(f Foreign) bool { return f.Contains(nr) })
	if i < 0 {
		return Foreign{}, false
	}
	return all[i], true
}

// beside returns the ABI of another table of the same kernel.
func (a *ABI) beside(table string) *ABI {
	i := slices.IndexFunc(abis,
		func(b *ABI) bool { return b.table == table && b.Machine == a.Machine })
	return abis[i]
}

// Numbers returns the values of nr that belong to the ABI, in its table or not, ascending: all but
// those of [ABI.Foreign].
func (a *ABI) Numbers() []NumberRange {
	var out []NumberRange
	next := uint64(0)
	for _, f := range a.Foreign() {
		if next < uint64(f.Lo) {
			out = append(out, NumberRange{uint32(next), f.Lo - 1})
		}
		next = uint64(f.Hi) + 1
	}
	if next <= 0xffffffff {
		out = append(out, NumberRange{uint32(next), 0xffffffff})
	}
	return out
}

// Owns reports whether a number belongs to the ABI.
func (a *ABI) Owns(nr uint32) bool {
	return !slices.ContainsFunc(a.shared, func(p numberPart) bool {
		return p.table != a.table && p.Contains(nr)
	})
}

// Caller returns the ABI whose call a filter sees by its arch and nr, and false where it is none
// that the tables hold: an unknown arch, or a number of [ABI.Foreign] of which no ABI with that
// Arch is.
func Caller(arch, nr uint32) (*ABI, bool) {
	for _, a := range abis {
		if a.Arch == arch && a.Owns(nr) {
			return a, true
		}
	}
	return nil, false
}

// Cached returns the numbers for which the kernel (5.11 or newer) keeps a bit in a filter's action
// cache: those up to the end of its table (kernel/seccomp.c, seccomp_cache_prepare_bitmap). There
// are none of x32, whose numbers lie beyond NR_syscalls, and none of MIPS, which defines no
// SECCOMP_ARCH_NATIVE. ARM's private calls are beyond it, too. A kernel whose table is shorter than
// that of [KernelVersion] caches as many less.
func (a *ABI) Cached() []NumberRange { return a.CachedIn(Newest) }

// CachedIn returns what a kernel of a release caches.
func (a *ABI) CachedIn(r Release) []NumberRange {
	if a.uncached {
		return nil
	}
	table := a.in(r)
	for a.private > 0 && table[len(table)-1].Nr >= a.private {
		table = table[:len(table)-1]
	}
	return []NumberRange{{0, table[len(table)-1].Nr}}
}

// IsCached reports whether a number is one of [ABI.Cached].
func (a *ABI) IsCached(nr uint32) bool {
	return slices.ContainsFunc(a.Cached(), func(r NumberRange) bool { return r.Contains(nr) })
}
