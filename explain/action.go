// Package explain says what a filter does in the words of the policy language: actions and errors
// by name, system calls and the built-in sets that they make up, conditions over arguments that are
// called as the kernel's prototypes call them, values by the constants that belong there.
//
// [Action], [Call], [Calls] and [Cond] write the parts. [Differences] and [Explain] put them
// together for people to read, [Decompile] to a whole policy, proved equal to the filter.
package explain

import (
	"fmt"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
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

// commonAction returns an action that means the same on all of the ABIs.
func commonAction(a policy.Action, abis []*linux.ABI) string {
	text := Action(a, abis[0])
	for _, abi := range abis {
		if Action(a, abi) != text {
			return Action(a, nil)
		}
	}
	return text
}

const maxErrno = 4095 // MAX_ERRNO of include/linux/err.h

// writable returns an error for an action that the language cannot write.
func writable(a policy.Action) error {
	switch a.Kind() {
	case policy.Errno:
		if a.Data() > maxErrno {
			return fmt.Errorf("errno %d: the kernel knows none above %d", a.Data(), maxErrno)
		}
		return nil
	case policy.Trap, policy.Trace:
		return nil
	case policy.KillProcess, policy.KillThread, policy.Notify, policy.Log, policy.Allow:
		if a.Data() == 0 {
			return nil
		}
		return fmt.Errorf("%v is %v with data %d, which the language cannot write",
			a, a.Kind(), a.Data())
	}
	return fmt.Errorf("%v is no action", a)
}
