// Package neutral describes a seccomp policy in no compiler's own terms, so that every compiler can be
// given the same one.
//
// A policy is a list of rules, each for one system call of every ABI that has it; the first rule whose
// tests all hold decides. Eval is the meaning; the peers' inputs and the .scp text are translations.
package neutral

import (
	"fmt"

	"github.com/seccompc/seccompc/policy"
)

// Op is a comparison with a constant. All comparisons are unsigned.
type Op uint8

// The comparisons.
const (
	Eq     Op = iota // argument == Value
	Ne               // argument != Value
	Lt               // argument < Value
	Le               // argument <= Value
	Gt               // argument > Value
	Ge               // argument >= Value
	Masked           // argument & Mask == Value
)

// Test compares the low Width bits of one argument with a constant.
type Test struct {
	Arg   int // 0..5
	Width int // 32 or 64
	Op    Op
	Mask  uint64 // Masked only
	Value uint64
}

// Rule gives an action to a call when all of its tests hold.
type Rule struct {
	Call   string // the name, or "" where the call is meant by number
	Nr     uint32 // the number, on every ABI, where Call is ""
	When   []Test // all must hold; none: always
	Action policy.Action
}

// Policy is a filter's specification. A caller of any other ABI is killed.
type Policy struct {
	Name    string   // a file name without its suffix
	Title   string   // for the reader of the table
	ABIs    []string // of x86_64, i386, x32
	Default policy.Action
	Rules   []Rule
}

// Holds evaluates the test on an argument register.
func (t Test) Holds(arg uint64) bool {
	x := arg & policy.Ones(t.Width)
	switch t.Op {
	case Eq:
		return x == t.Value
	case Ne:
		return x != t.Value
	case Lt:
		return x < t.Value
	case Le:
		return x <= t.Value
	case Gt:
		return x > t.Value
	case Ge:
		return x >= t.Value
	case Masked:
		return x&t.Mask == t.Value
	}
	panic(fmt.Sprintf("neutral: unknown comparison %d", t.Op))
}

// Holds reports whether all of the rule's tests hold.
func (r Rule) Holds(args [6]uint64) bool {
	for _, t := range r.When {
		if !t.Holds(args[t.Arg]) {
			return false
		}
	}
	return true
}

// Number returns the rule's value of nr on the ABI, and whether the ABI has the call.
func (r Rule) Number(abi ABI) (uint32, bool) {
	if r.Call == "" {
		return r.Nr, true
	}
	return abi.Number(r.Call)
}

// Eval returns the action that the policy gives to the call.
func (p *Policy) Eval(d policy.Data) policy.Action {
	abi, ok := p.find(d)
	if !ok {
		return policy.KillProcess
	}
	for _, r := range p.Rules {
		if nr, ok := r.Number(abi); ok && nr == d.Nr && r.Holds(d.Args) {
			return r.Action
		}
	}
	return p.Default
}

func (p *Policy) find(d policy.Data) (ABI, bool) {
	for _, name := range p.ABIs {
		if abi := ABIs[name]; abi.serves(d.Arch, d.Nr) {
			return abi, true
		}
	}
	return ABI{}, false
}

// Constant returns the action of a number whose arguments do not matter: where no rule with a test comes
// before the one that decides. The second result is false for an argument-checked number.
func (p *Policy) Constant(abi ABI, nr uint32) (policy.Action, bool) {
	for _, r := range p.Rules {
		n, ok := r.Number(abi)
		if !ok || n != nr {
			continue
		}
		return r.Action, len(r.When) == 0
	}
	return p.Default, true
}
