package main

import (
	"encoding/binary"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/linux"
)

// annotator comments the instructions of a program: with the names of what it loads, of the ABIs and system
// calls that it compares with, and of the errnos that it returns.
type annotator struct {
	program asm.Program
	order   binary.ByteOrder
	abi     *linux.ABI // the only one that the filter is for, or nil
	known   []known
}

// known is what is certain at an instruction, on whichever path it is reached.
type known struct {
	reached bool
	word    int64 // the offset of the word of seccomp_data that A holds, or -1; some of its bits may be masked
	arch    int64 // its value, or -1
	nr      int64 // its value, or -1
}

func newAnnotator(f *filter) *annotator {
	a := &annotator{program: f.program, order: f.order, known: make([]known, len(f.program))}
	if abis := f.abis(); len(abis) == 1 {
		a.abi = abis[0]
	}
	if len(a.known) > 0 {
		a.known[0] = known{true, -1, -1, -1}
	}
	for pc := range a.program {
		if a.known[pc].reached {
			a.follow(pc)
		}
	}
	return a
}

// follow carries what is known to the instructions behind pc.
func (a *annotator) follow(pc int) {
	in, k := a.program[pc], a.known[pc]
	next := uint64(pc) + 1
	switch in.Op {
	case asm.RetK, asm.RetA:
	case asm.Ja:
		a.join(next+uint64(in.K), k)
	case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.JeqX, asm.JgtX, asm.JgeX, asm.JsetX:
		a.join(next+uint64(in.Jf), k)
		if in.Op == asm.JeqK {
			k = k.equal(in.K)
		}
		a.join(next+uint64(in.Jt), k)
	case asm.LdAbs:
		k.word = int64(in.K)
		a.join(next, k)
	case asm.AndK:
		if k.word == asm.OffNr || k.word == asm.OffArch {
			k.word = -1
		}
		a.join(next, k)
	case asm.St, asm.Stx, asm.Tax, asm.LdxLen, asm.LdxImm, asm.LdxMem:
		a.join(next, k)
	default: // A changes
		k.word = -1
		a.join(next, k)
	}
}

// equal adds that A is v.
func (k known) equal(v uint32) known {
	switch k.word {
	case asm.OffNr:
		k.nr = int64(v)
	case asm.OffArch:
		k.arch = int64(v)
	}
	return k
}

func (a *annotator) join(pc uint64, k known) {
	if pc >= uint64(len(a.known)) {
		return
	}
	old := &a.known[pc]
	if !old.reached {
		*old = k
		return
	}
	for _, v := range []struct{ old, new *int64 }{{&old.word, &k.word}, {&old.arch, &k.arch}, {&old.nr, &k.nr}} {
		if *v.old != *v.new {
			*v.old = -1
		}
	}
}

// at returns the comment of an instruction, or "".
func (a *annotator) at(pc int) string {
	in, k := a.program[pc], a.known[pc]
	switch in.Op {
	case asm.LdAbs:
		return a.load(in.K, k)
	case asm.RetK:
		return a.returned(in.K, k)
	case asm.JeqK, asm.JgtK, asm.JgeK:
		switch k.word {
		case asm.OffArch:
			return archName(in.K)
		case asm.OffNr:
			return a.number(in.K, k)
		}
	}
	return ""
}

// load names the argument that a load reads half of.
func (a *annotator) load(offset uint32, k known) string {
	name := asm.WordName(offset, a.order)
	if offset == asm.OffNr || offset == asm.OffArch {
		return ""
	}
	abi := a.abiOf(k, uint32(k.nr))
	if abi == nil || k.nr < 0 || offset < asm.OffArgs {
		return name
	}
	call, _ := abi.SyscallName(uint32(k.nr))
	args, _ := abi.Prototype(call)
	if i := int(offset-asm.OffArgs) / 8; i < len(args) && args[i].Name != "" {
		name += ", " + args[i].Name + " of " + call
	}
	return name
}

func (a *annotator) number(nr uint32, k known) string {
	abi := a.abiOf(k, nr)
	if abi == nil {
		return ""
	}
	if name, ok := abi.SyscallName(nr); ok {
		return name
	}
	if nr == 0x40000000 {
		return "x32"
	}
	return ""
}

// returned names the errno of a return.
func (a *annotator) returned(value uint32, k known) string {
	abi := a.abiOf(k, uint32(k.nr))
	if abi == nil || value>>16 != 5 {
		return ""
	}
	name, _ := abi.ErrnoName(value & 0xffff)
	return name
}

// abiOf returns the ABI of a call at a place where k is known, or nil.
func (a *annotator) abiOf(k known, nr uint32) *linux.ABI {
	arch := k.arch
	if arch < 0 && a.abi != nil {
		arch = int64(a.abi.Arch)
	}
	if arch < 0 {
		return nil
	}
	for _, abi := range linux.ABIs() {
		if int64(abi.Arch) == arch && belongs(abi, nr) {
			return abi
		}
	}
	return nil
}

// belongs reports whether a number is one of the ABI's, in its table or not.
func belongs(abi *linux.ABI, nr uint32) bool {
	for _, r := range abi.Numbers() {
		if r.Lo <= nr && nr <= r.Hi {
			return true
		}
	}
	return false
}

// archName names the ABIs of a value of arch.
func archName(arch uint32) string {
	var out []string
	for _, abi := range linux.ABIs() {
		if abi.Arch == arch {
			out = append(out, abi.Name)
		}
	}
	return strings.Join(out, " or ")
}
