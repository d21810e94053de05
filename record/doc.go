// Package record watches what programs call. A [Session] runs a command whose calls are all carried
// out, and shows those that a filter leaves to its supervisor: the command's own, those of its
// threads and children, whatever they execute, until nobody of them is left.
//
// It works by user notification (SECCOMP_RET_USER_NOTIF): no privileges, no ptrace once the command
// runs. A watched call takes some 10 µs more. What it shows is what programs ask for, and nothing
// that protects anybody: the calls are carried out.
package record

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
)

// Asking returns the program that asks a supervisor wherever p would not let a call pass. Only a
// program whose actions are all constants has one.
func Asking(p asm.Program) (asm.Program, error) {
	// The question is for callers of every ABI. What is for nobody's, a loader does not take: arch
	// 0, which is no machine's, is told from the others.
	out := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, K: 0, Jf: 1},
		{Op: asm.RetK, K: uint32(policy.KillProcess)},
	}
	rest, err := replace(p, func(a policy.Action) bool { return !passes(a) })
	return append(out, rest...), err
}

// Everything is the program that asks about every call of every ABI.
func Everything() asm.Program {
	p, err := Asking(asm.Program{{Op: asm.RetK, K: uint32(policy.KillProcess)}})
	if err != nil {
		panic("record: " + err.Error())
	}
	return p
}

// Reporting returns the program that asks a supervisor wherever p refuses a call in a way that
// [Refuse] can carry out. What stays as it is are trap, whose signal only the kernel can send, and
// errnos that no supervisor may answer with.
func Reporting(p asm.Program) (asm.Program, error) {
	return replace(p, func(a policy.Action) bool {
		return a.Kind() == policy.Errno && a.Data() <= maxErrno || kills(a) ||
			a.Kind() == policy.Trace
	})
}

// maxErrno is the greatest errno that a program may see (include/linux/errno.h).
const maxErrno = 511

// replace puts a question in the place of some actions.
func replace(p asm.Program, which func(policy.Action) bool) (asm.Program, error) {
	var out asm.Program
	for i, in := range p {
		if in.Op == asm.RetA {
			return nil, fmt.Errorf("instruction %d computes the action; only constant ones can be "+
				"replaced by a question", i)
		}
		if in.Op == asm.RetK && which(policy.Action(in.K)) {
			in.K = uint32(policy.Notify)
		}
		out = append(out, in)
	}
	return out, nil
}

func kills(a policy.Action) bool {
	return a.Kind() == policy.KillProcess || a.Kind() == policy.KillThread
}

func passes(a policy.Action) bool { return a.Kind() == policy.Allow || a.Kind() == policy.Log }

// Call is what a policy can say about one call that was made: the arguments that the kernel reads,
// of these the bits that it reads, and no addresses, since these mean nothing to anybody else.
type Call struct {
	Data    policy.Data
	Address [6]bool // arguments that are addresses of the caller's memory; they are 0 in Data
}

// Of returns what can be said about a call.
func Of(d policy.Data) Call {
	c := Call{Data: d}
	c.Data.IP = 0
	abi := explain.ABIOf(d)
	if abi == nil {
		return c
	}
	name, _ := abi.SyscallName(d.Nr)
	args, known := abi.Prototype(name)
	if !known {
		return c
	}
	clear(c.Data.Args[len(args):])
	for i, a := range args {
		value := &c.Data.Args[i]
		*value &= policy.Ones(a.Width)
		if a.Pointer || isAddress(a.Name, *value) {
			c.Address[i], *value = true, 0
		}
	}
	return c
}

// addresses are the parameters that the kernel declares as numbers and that hold addresses: always,
// or with some commands.
var addresses = strings.Fields("addr mmio_addr new_addr start entry brk newsp tls data second " +
	"third " +
	"arg arg1 arg2 arg3 arg4 arg5")

// isAddress reports whether a number is likely to be an address: it may be one, and is above all
// that is reserved at the bottom of memory (vm.mmap_min_addr).
func isAddress(name string, value uint64) bool {
	const lowest = 1 << 16
	return value >= lowest && slices.Contains(addresses, name)
}

// String writes the call as a test block has it, with "_" for addresses.
func (c Call) String() string { return explain.Calling(c.Data, binary.NativeEndian, c.Address) }
