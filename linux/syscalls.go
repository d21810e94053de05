package linux

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Syscall is one row of an ABI's table of system calls.
type Syscall struct {
	Name string
	Nr   uint32 // as in seccomp_data.nr: x32's with bit 30, mips' with their base
}

// named is an ABI's table by name.
type named struct {
	list        []Syscall // ascending
	numbers     map[string]uint32
	multiplexes bool // a multiplexer is among them
}

// HasSyscall reports whether some ABI has a system call: in its table, or behind a multiplexer.
func HasSyscall(name string) bool {
	_, own := syscallRows()[name]
	_, behind := multiplexed[name]
	return own || behind
}

// HasSyscall reports whether the ABI has a system call: in its table, or behind a multiplexer, or
// both. The ABI's own table need not be read for that.
func (a *ABI) HasSyscall(name string) bool {
	m, behind := multiplexed[name]
	return a.lists(name) || behind && a.lists(m.mux)
}

// lists reports whether a system call stands in the ABI's table.
func (a *ABI) lists(name string) bool {
	row, ok := syscallRows()[name]
	return ok && a.cell(row) != "-"
}

// syscallRows returns the rows of syscalls.txt by name.
var syscallRows = sync.OnceValue(func() map[string]string {
	rows := make(map[string]string, strings.Count(syscallText, "\n"))
	for name, row := range syscallTable.from("") {
		rows[name] = row
	}
	return rows
})

// cell returns the ABI's column of a row of syscalls.txt.
func (a *ABI) cell(row string) string {
	for range a.column {
		row = row[strings.IndexByte(row, ' ')+1:]
	}
	cell, _, _ := strings.Cut(row, " ")
	return cell
}

// Number returns the number of a system call, by the name in the ABI's table or another one that
// its headers give it.
func (a *ABI) Number(name string) (uint32, bool) {
	nr, ok := a.named().numbers[name]
	return nr, ok
}

// SyscallName returns the name of the system call with the given number.
func (a *ABI) SyscallName(nr uint32) (string, bool) {
	byNr := a.byNumber()
	i := sort.Search(len(byNr), func(i int) bool { return byNr[i].Nr >= nr })
	if i == len(byNr) || byNr[i].Nr != nr {
		return "", false
	}
	return byNr[i].Name, true
}

// Syscalls returns the ABI's table by ascending number, each number once, without what is
// [ABI.Unseen]. The caller may keep it.
func (a *ABI) Syscalls() []Syscall { return slices.Clone(a.byNumber()) }

// Known returns the numbers of the ABI's table, ascending.
func (a *ABI) Known() []NumberRange { return numberRanges(a.byNumber()) }

// numberRanges returns the numbers of calls, ascending.
func numberRanges(calls []Syscall) []NumberRange {
	var out []NumberRange
	for _, s := range calls {
		if n := len(out); n > 0 && s.Nr == out[n-1].Hi+1 {
			out[n-1].Hi = s.Nr
		} else {
			out = append(out, NumberRange{s.Nr, s.Nr})
		}
	}
	return out
}

// SyscallNames returns every name that some ABI's table holds, sorted.
func SyscallNames() []string {
	var names []string
	for name := range syscallTable.from("") {
		names = append(names, name)
	}
	return names
}

// readNames reads the ABI's column of syscalls.txt.
func (a *ABI) readNames() *named {
	const room = 400 // an ABI has about as many
	n := &named{list: make([]Syscall, 0, room), numbers: make(map[string]uint32, room)}
	for name, row := range syscallTable.from("") {
		if nr, err := strconv.Atoi(a.cell(row)); err == nil { // no "-"
			n.list = append(n.list, Syscall{name, uint32(nr)})
			n.numbers[name] = uint32(nr)
			n.multiplexes = n.multiplexes || multiplexers[name] > 0
		}
	}
	return n
}

// sortNumbers returns the ABI's table by ascending number, each once.
func (a *ABI) sortNumbers() []Syscall {
	list := a.named().list
	// number and place: these sort faster than what they stand for
	keys := make([]uint64, len(list))
	for i, s := range list {
		keys[i] = uint64(s.Nr)<<32 | uint64(i)
	}
	slices.Sort(keys)
	sorted := make([]Syscall, len(list))
	for i, k := range keys {
		sorted[i] = list[uint32(k)]
	}
	sorted = slices.DeleteFunc(sorted, func(s Syscall) bool { return s.Name == carrier })
	// Of two names, that of the kernel's table is first in the alphabet: arm_sync_file_range.
	return slices.CompactFunc(sorted, func(a, b Syscall) bool { return a.Nr == b.Nr })
}
