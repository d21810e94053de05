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
}

// Answer is what one filter answers to a call.
type Answer struct {
	Action policy.Action
	asm.Result
}

// Decide returns what each filter answers to a call, and the index of the one whose answer the
// kernel takes: the strictest, of equally strict ones that of the newest (seccomp_run_filters of
// kernel/seccomp.c), data such as an errno included.
func (s Stack) Decide(d policy.Data) (answers []Answer, by int, err error) {
	for i, p := range s.Filters {
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
