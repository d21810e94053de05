package linux

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Syscall is one row of an ABI's table of system calls.
type Syscall struct {
	Name string
	Nr   uint32 // as in seccomp_data.nr: x32's with bit 30, mips' with their base
}

// numbers is an ABI's table, indexed both ways.
type numbers struct {
	byName map[string]uint32
	byNr   []Syscall // ascending, each number once

	multiplexes bool // a multiplexer is among them
}

// HasSyscall reports whether some ABI has a system call: in its table, or behind a multiplexer.
func HasSyscall(name string) bool {
	_, own := syscallTable.find(name)
	_, behind := multiplexed[name]
	return own || behind
}

// HasSyscall reports whether the ABI has a system call: in its table, or behind a multiplexer, or both.
func (a *ABI) HasSyscall(name string) bool {
	_, own := a.Number(name)
	_, _, behind := a.Multiplexed(name)
	return own || behind
}

// Number returns the number of a system call.
func (a *ABI) Number(name string) (uint32, bool) {
	nr, ok := a.numbers().byName[name]
	return nr, ok
}

// SyscallName returns the name of the system call with the given number.
func (a *ABI) SyscallName(nr uint32) (string, bool) {
	byNr := a.numbers().byNr
	i := sort.Search(len(byNr), func(i int) bool { return byNr[i].Nr >= nr })
	if i == len(byNr) || byNr[i].Nr != nr {
		return "", false
	}
	return byNr[i].Name, true
}

// Syscalls returns the ABI's table by ascending number. The caller may keep it.
func (a *ABI) Syscalls() []Syscall { return slices.Clone(a.numbers().byNr) }

// Known returns the numbers of the ABI's table, ascending.
func (a *ABI) Known() []NumberRange {
	var out []NumberRange
	for _, s := range a.numbers().byNr {
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

// readNumbers reads the ABI's column of syscalls.txt.
func (a *ABI) readNumbers() *numbers {
	list := make([]Syscall, 0, 400) // an ABI has about as many
	for name, row := range syscallTable.from("") {
		for range a.column {
			_, row, _ = strings.Cut(row, " ")
		}
		cell, _, _ := strings.Cut(row, " ")
		if cell == "-" {
			continue
		}
		if nr, err := strconv.ParseUint(cell, 10, 32); err == nil {
			list = append(list, Syscall{name, uint32(nr)})
		}
	}
	n := &numbers{byName: make(map[string]uint32, len(list)), byNr: list}
	for _, s := range list {
		n.byName[s.Name] = s.Nr
	}
	_, socketcall := n.byName["socketcall"]
	_, ipc := n.byName["ipc"]
	n.multiplexes = socketcall || ipc
	slices.SortFunc(list, func(x, y Syscall) int { return cmp.Compare(x.Nr, y.Nr) })
	return n
}
