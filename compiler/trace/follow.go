package trace

import (
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// dispatched is the calls that come to an instruction of the dispatch.
type dispatched struct {
	word     uint32 // the offset of what A holds
	arch, nr policy.Range
}

// tested returns the values of what A holds.
func (c *dispatched) tested() *policy.Range {
	if c.word == asm.OffArch {
		return &c.arch
	}
	return &c.nr
}

// follow marks the instructions that calls of a decision meet from pc on: in the dispatch exactly
// those that some of its numbers go through; behind it all that can be reached, whatever the
// arguments.
func (t *Trace) follow(d *decision, pc int, calls dispatched) {
	for {
		in := t.result.Program[pc]
		yes, no := t.result.Program.Next(pc)
		switch in.Op {
		case asm.LdAbs:
			if in.K != asm.OffArch && in.K != asm.OffNr {
				t.rest(d, pc)
				return
			}
			calls.word = in.K
		case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
			d.code[pc] = true
			t.name(d, pc, calls.word)
			for _, values := range split(in, *calls.tested()) {
				part, to := calls, no
				*part.tested() = values
				if asm.Holds(in.Op, uint32(values.Lo), in.K) {
					to = yes
				}
				t.follow(d, to, part)
			}
			return
		case asm.Ja:
		default:
			t.rest(d, pc)
			return
		}
		d.code[pc] = true
		pc = yes
	}
}

// name notes the system call or the ABI whose number an instruction compares with.
func (t *Trace) name(d *decision, pc int, word uint32) {
	in, c := t.result.Program[pc], &t.code[pc]
	if d.abi == noABI || in.Op == asm.JsetK {
		return
	}
	abi := t.result.ABIs[d.abi]
	name, ok := abi.Name, in.K == abi.Arch
	if word == asm.OffNr {
		name, ok = abi.SyscallName(in.K)
	}
	if ok && !slices.Contains(c.names, name) {
		c.names = append(c.names, name)
	}
}

// split cuts values where a test of them changes its answer. They are few: the compiler tests a bit
// only of numbers among which every decision is as narrow as the bit is wide, see bitScan.
func split(in asm.Instruction, r policy.Range) []policy.Range {
	k := uint64(in.K)
	var cuts []uint64
	switch in.Op {
	case asm.JeqK:
		cuts = []uint64{k, k + 1}
	case asm.JgtK:
		cuts = []uint64{k + 1}
	case asm.JgeK:
		cuts = []uint64{k}
	case asm.JsetK:
		step := max(k&-k, 1)
		for at := (r.Lo/step + 1) * step; at <= r.Hi; at += step {
			cuts = append(cuts, at)
		}
	}
	var out []policy.Range
	for _, at := range cuts {
		if r.Lo < at && at <= r.Hi {
			out = append(out, policy.Range{Lo: r.Lo, Hi: at - 1})
			r.Lo = at
		}
	}
	return append(out, r)
}

// rest marks all that can be reached from pc, and what it comes from.
func (t *Trace) rest(d *decision, pc int) {
	if d.code[pc] {
		return
	}
	d.code[pc] = true
	in, c := t.result.Program[pc], &t.code[pc]
	for _, o := range t.origins(d) {
		if in.Op == asm.RetK && in.K == uint32(t.action(o)) || in.Op != asm.RetK && t.hasCond(o) {
			c.origins[o] = true
		}
	}
	if in.Op == asm.RetK {
		return
	}
	yes, no := t.result.Program.Next(pc)
	t.rest(d, yes)
	t.rest(d, no)
}
