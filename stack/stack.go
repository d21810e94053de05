// Package stack says what the kernel makes of filters that are in force together: which of them
// decides a call, and whether each can be installed under those before it.
package stack

import (
	"encoding/binary"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Stack is filters in the order in which they are installed, for machines of one byte order.
type Stack struct {
	Filters []asm.Program
	Order   binary.ByteOrder
	ABIs    []*linux.ABI // whose callers it is for

	// Late is what the filters wait for, by number: the same numbers in each, see [Join].
	Late []*policy.Late
}

// Answer is what one filter answers to a call.
type Answer struct {
	Action policy.Action
	asm.Result
}

// Decide returns what each filter answers to a call, and the index of the one whose answer the
// kernel takes: the strictest, of equally strict ones that of the newest (seccomp_run_filters of
// kernel/seccomp.c), data such as an errno included. The filters answer as filled with late values.
func (s Stack) Decide(
	d policy.Data, late ...policy.LateValues,
) (answers []Answer, by int, err error) {
	for i, p := range s.Filters {
		if len(late) > 0 {
			p = p.Filled(s.values(late[0]))
		}
		res, err := p.Run(asm.Data(d), s.Order)
		if err != nil {
			return nil, 0, err
		}
		a := Answer{policy.Action(res.Ret), res}
		answers = append(answers, a)
		if a.Action.Precedence() <= answers[by].Action.Precedence() {
			by = i
		}
	}
	return answers, by, nil
}
