// Package explain says what a filter does in the words of the policy language: actions and errors
// by name, system calls and the built-in sets that they make up, conditions over arguments that are
// called as the kernel's prototypes call them, values by the constants that belong there.
//
// [Action], [Call], [Calls] and [Cond] write the parts. [Differences] and [Explain] put them
// together for people to read, [Decompile] to a whole policy, proved equal to the filter.
package explain

import (
	"encoding/binary"
	"fmt"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Action returns an action with the name that its errno has on the ABI, or with the number where
// there is no ABI, or it has none. A value that the language cannot write is hexadecimal.
func Action(a policy.Action, abi *linux.ABI) string {
	if a.Kind() != policy.Errno || abi == nil || abi.Strange() {
		return a.String()
	}
	if name, ok := abi.ErrnoName(uint32(a.Data())); ok {
		return "deny(" + name + ")"
	}
	return a.String()
}

// CommonAction returns an action with the name that its errno has on all of the ABIs, or with the
// number where that names several errors.
func CommonAction(a policy.Action, abis []*linux.ABI) string {
	text := Action(a, abis[0])
	for _, abi := range abis {
		if Action(a, abi) != text {
			return Action(a, nil)
		}
	}
	return text
}

const maxErrno = 4095 // MAX_ERRNO of include/linux/err.h

// Taken returns the action that the kernel carries out for what a filter returns: it looks at the
// data of errno, trap and trace alone, knows no errno above 4095, and kills the process for what
// is no action (__seccomp_filter of kernel/seccomp.c).
func Taken(a policy.Action) policy.Action {
	switch a.Kind() {
	case policy.Errno:
		return policy.Errno | min(a&0xffff, maxErrno)
	case policy.Trap, policy.Trace:
		return a
	case policy.KillThread, policy.Notify, policy.Log, policy.Allow:
		return a.Kind()
	}
	return policy.KillProcess
}

// asTaken returns a function as the kernel takes its answers, and notes what it does not look at.
func (r *ReadBack) asTaken(
	s *proof.Space, f proof.Function, order binary.ByteOrder,
) (taken proof.Function, err error) {
	if taken, err = s.Map(f, Taken); err != nil {
		return taken, err
	}
	d, err := s.Differ(s.Sure(f), s.Sure(taken))
	if err != nil {
		return taken, err
	}
	if d != nil {
		r.Ignored = append(r.Ignored, fmt.Sprintf("%s gets %#x, which the kernel takes as %s: so "+
			"does the policy", Call(d.Call, order), uint32(d.A), Action(d.B, ABIOf(d.Call))))
	}
	narrowed, err := s.Narrow(taken, narrow()...)
	if err != nil {
		return taken, err
	}
	if d, err = s.Differ(s.Sure(taken), s.Sure(narrowed)); d != nil {
		r.Ignored = append(r.Ignored, fmt.Sprintf("%s: the filter looks at the upper 32 bits of "+
			"an argument, which are 0 on this ABI", Call(d.Call, order)))
	}
	return narrowed, err
}

// narrow returns the arches whose callers have registers of 32 bits.
func narrow() (arches []uint32) {
	for _, abi := range linux.ABIs() {
		if abi.Bits == 32 {
			arches = append(arches, abi.Arch)
		}
	}
	return arches
}
