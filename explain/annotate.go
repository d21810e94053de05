package explain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/relocation"
)

// Annotate returns the comments of a program's instructions, by their places: the names of what it
// loads, of the ABIs and system calls that it compares with, of the constants that it looks for,
// and of the errnos that it returns. There is a comment only where the name is certain, on
// whichever path the instruction is reached; the others are "". The ABIs are those that the program
// is for.
//
// The late values are those that instructions wait for, if they are known. The kernel need not
// accept the program.
func Annotate(
	p asm.Program, order binary.ByteOrder, abis []*linux.ABI, late ...relocation.Value,
) []string {
	a := newAnnotator(p, order, abis)
	a.late = late
	out := make([]string, len(p))
	for pc := range p {
		out[pc] = a.at(pc)
	}
	return out
}

// annotator knows what is certain at each instruction of a program.
type annotator struct {
	program asm.Program
	order   binary.ByteOrder
	abis    []*linux.ABI // that the program may be for
	known   []certain
	late    []relocation.Value
}

// certain is what is known at an instruction, on whichever path it is reached.
type certain struct {
	reached bool
	word    int64         // the offset of the word of seccomp_data that A holds, or -1
	mask    uint32        // the bits of the word that are left in A
	flip    uint32        // of these, the ones that are inverted
	arch    int64         // its value, or -1
	args    [6]int64      // the arguments' low words, or -1
	calls   []policy.Data // the system calls that lead here, by Arch and Nr; nil for many
}

// maxCalls are told apart at one instruction.
const maxCalls = 4

func newAnnotator(p asm.Program, order binary.ByteOrder, abis []*linux.ABI) *annotator {
	return annotatorFrom(certain{arch: -1}, p, order, abis)
}

// annotatorFrom is for the runs of a program of which something is certain at its start.
func annotatorFrom(
	start certain, p asm.Program, order binary.ByteOrder, abis []*linux.ABI,
) *annotator {
	a := &annotator{program: p, order: order, abis: abis, known: make([]certain, len(p))}
	if len(abis) == 0 {
		a.abis = withOrder(order)
	}
	if len(a.known) > 0 {
		start.reached, start.word, start.args = true, -1, [6]int64{-1, -1, -1, -1, -1, -1}
		a.known[0] = start
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
	next, fails := a.program.Next(pc)
	switch in.Op {
	case asm.RetK, asm.RetA:
	case asm.Ja:
		a.join(next, k)
	case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.JeqX, asm.JgtX, asm.JgeX, asm.JsetX,
		asm.Waiting:
		a.join(fails, k)
		if in.Op == asm.JeqK {
			k = a.equal(k, in.K)
		}
		a.join(next, k)
	default:
		a.join(next, k.after(in))
	}
}

// after is what is known behind an instruction that does not jump.
func (k certain) after(in asm.Instruction) certain {
	switch in.Op {
	case asm.LdAbs:
		k.word, k.mask, k.flip = -1, ^uint32(0), 0
		if in.K < asm.DataSize && in.K%4 == 0 {
			k.word = int64(in.K)
		}
	case asm.AndK:
		k.mask, k.flip = k.mask&in.K, k.flip&in.K
	case asm.XorK:
		if k.word < asm.OffArgs || in.K&^k.mask != 0 {
			k.word = -1 // of numbers and of other bits nothing is said
		}
		k.flip ^= in.K
	case asm.St, asm.Stx, asm.Tax, asm.LdxLen, asm.LdxImm, asm.LdxMem: // A stays
	default:
		k.word = -1
	}
	return k
}

// equal adds that A is v.
func (a *annotator) equal(k certain, v uint32) certain {
	switch {
	case k.mask != ^uint32(0), k.flip != 0:
	case k.word == asm.OffArch:
		k.arch = int64(v)
	case k.word == asm.OffNr && k.arch >= 0:
		k.calls = []policy.Data{{Arch: uint32(k.arch), Nr: v}}
	case k.word >= asm.OffArgs && asm.LowWord(argOf(uint32(k.word)), a.order) == uint32(k.word):
		k.args[argOf(uint32(k.word))] = int64(v)
	}
	return k
}

func (a *annotator) join(pc int, k certain) {
	if pc >= len(a.known) {
		return
	}
	old := &a.known[pc]
	if !old.reached {
		*old = k
		return
	}
	if old.word != k.word || old.mask != k.mask || old.flip != k.flip {
		old.word = -1
	}
	if old.arch != k.arch {
		old.arch = -1
	}
	for i := range old.args {
		if old.args[i] != k.args[i] {
			old.args[i] = -1
		}
	}
	old.calls = unionOfCalls(old.calls, k.calls)
}

// unionOfCalls returns the calls of both lists, nil for too many.
func unionOfCalls(a, b []policy.Data) []policy.Data {
	if a == nil || b == nil {
		return nil
	}
	out := slices.Clone(a)
	for _, d := range b {
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	if len(out) > maxCalls {
		return nil
	}
	return out
}

// at returns the comment of an instruction, or "".
func (a *annotator) at(pc int) string {
	in, k := a.program[pc], a.known[pc]
	if !k.reached {
		return ""
	}
	switch in.Op {
	case asm.LdAbs:
		return a.loaded(in.K, k)
	case asm.RetK:
		return a.returned(in.K, k)
	case asm.Waiting:
		return a.waiting(pc)
	case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
		switch {
		case k.word < 0:
		case k.word == asm.OffArch && in.Op == asm.JeqK:
			return archName(in.K)
		case k.word == asm.OffNr && in.Op != asm.JsetK:
			return numberName(in.K, k)
		case k.word >= asm.OffArgs:
			return a.compared(in, k)
		}
	}
	return ""
}

// waiting says which late value an instruction waits for, and what it will be.
func (a *annotator) waiting(pc int) string {
	in := a.program[pc]
	value, high := int(in.K/2), in.K%2 == 1
	name := fmt.Sprintf("late value %d", value)
	half := map[bool]string{false: "the low half of ", true: "the high half of "}[high]
	if value < len(a.late) {
		name = a.late[value].Name
		if a.late[value].Width == 32 {
			half = ""
		}
	}
	holds, fails := a.program.Next(pc)
	return fmt.Sprintf("waits for %s%s: jeq %s, %d, %d", half, name, name, holds, fails)
}

// loaded names the argument that a load reads half of.
func (a *annotator) loaded(offset uint32, k certain) string {
	name := asm.WordName(offset, a.order)
	if offset < asm.OffIP || name == "" {
		return ""
	}
	var of []string
	for _, d := range k.calls {
		abi := ABIOf(d)
		if abi == nil {
			continue
		}
		call, _ := abi.SyscallName(d.Nr)
		args, _ := abi.Prototype(call)
		if i := argOf(offset); i >= 0 && i < len(args) && args[i].Name != "" {
			of = append(of, args[i].Name+" of "+call)
		}
	}
	return several(name, of)
}

// argOf returns the argument that a word is half of, or -1.
func argOf(offset uint32) int {
	if offset < asm.OffArgs {
		return -1
	}
	return int(offset-asm.OffArgs) / 8
}

// compared says in the language's words what a test of an argument's low word asks.
func (a *annotator) compared(in asm.Instruction, k certain) string {
	arg := argOf(uint32(k.word))
	if asm.LowWord(arg, a.order) != uint32(k.word) {
		return ""
	}
	t := policy.Test{
		Operand: policy.Operand{Arg: arg, Width: 32}, Mask: uint64(k.mask), Value: uint64(in.K),
	}
	var cond policy.Cond
	switch set := in.K & k.mask; {
	case in.Op == asm.JeqK:
		t.Value ^= uint64(k.flip)
		t.Set = []policy.Range{{Lo: t.Value, Hi: t.Value}}
		cond = t
	case in.Op == asm.JsetK && k.flip&set == 0:
		t.Op, t.Mask = policy.Any, uint64(set)
		cond = t
	case in.Op == asm.JsetK: // some bit is not as flip has it
		t.Mask, t.Value = uint64(set), uint64(k.flip&set)
		t.Set = []policy.Range{{Lo: t.Value, Hi: t.Value}}
		cond = policy.Not{X: t}
	default:
		return ""
	}
	var of []string
	for _, d := range k.calls {
		if abi := ABIOf(d); abi != nil {
			of = append(of, k.told(about(abi, d.Nr)).cond(cond))
		}
	}
	return several("", of)
}

// told returns a writer that knows the arguments' values. Where a register's upper half counts,
// the lower one does not say enough.
func (k certain) told(s *callWriter) *callWriter {
	for i, v := range k.args {
		if _, width, _ := s.argument(i); v >= 0 && width <= 32 {
			s = s.knowing(i, uint64(v))
		}
	}
	return s
}

// several writes texts behind a first one; those of several calls once each, and none of them if
// they are too many to read.
func several(first string, texts []string) string {
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) > 2 {
		texts = nil
	}
	if first != "" {
		texts = append([]string{first}, texts...)
	}
	return strings.Join(texts, ", ")
}

func numberName(nr uint32, k certain) string {
	if k.arch < 0 {
		return ""
	}
	for _, abi := range linux.Of(uint32(k.arch)) {
		for _, f := range abi.Foreign() { // where another ABI's numbers begin
			if nr == f.Lo && nr > 0 && f.Lo < f.Hi {
				return f.Table
			}
		}
		if name, ok := abi.SyscallName(nr); ok {
			return name
		}
	}
	return ""
}

// returned names the errno of a return, where it has one name on every ABI that it may be for.
func (a *annotator) returned(value uint32, k certain) string {
	action := policy.Action(value)
	if action.Kind() != policy.Errno {
		return ""
	}
	abis := a.abis
	if k.arch >= 0 {
		abis = linux.Of(uint32(k.arch))
	}
	var common string
	for i, abi := range abis {
		name, _ := abi.ErrnoName(uint32(action.Data()))
		if i > 0 && name != common {
			return ""
		}
		common = name
	}
	return common
}

// archName names the ABIs of a value of arch.
func archName(arch uint32) string {
	var out []string
	for _, abi := range linux.Of(arch) {
		out = append(out, abi.Name)
	}
	return strings.Join(out, " or ")
}

// Served returns the ABIs of a byte order for which a program has rules of their own. Of those that
// share an arch it is the first alone: x32's calls cannot be told from numbers of x86_64 that
// happen to be refused.
func Served(p asm.Program, order binary.ByteOrder) []*linux.ABI {
	var out []*linux.ABI
	for _, abi := range withOrder(order) {
		if linux.Of(abi.Arch)[0] == abi && p.Serves(abi.Arch) {
			out = append(out, abi)
		}
	}
	return out
}

// withOrder returns the ABIs whose machines have a byte order.
func withOrder(order binary.ByteOrder) []*linux.ABI {
	big := order.Uint16([]byte{0, 1}) == 1
	var out []*linux.ABI
	for _, abi := range linux.ABIs() {
		if abi.BigEndian == big {
			out = append(out, abi)
		}
	}
	return out
}
