// Package neutral describes a seccomp policy in no compiler's own terms, so that every compiler can
// be given the same one.
//
// A policy is a list of rules, each for one system call of every ABI that has it; the first rule
// whose tests all hold decides. Eval is the meaning; the peers' inputs and the .scp text are
// translations.
package neutral

import (
	"fmt"
	"slices"

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
func (r Rule) Holds(args Args) bool {
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
	return p.decide(p.rules(abi, d.Nr), d.Args)
}

// decide returns the action of the first rule that holds.
func (p *Policy) decide(rules []Rule, args Args) policy.Action {
	for _, r := range rules {
		if r.Holds(args) {
			return r.Action
		}
	}
	return p.Default
}

// rules returns the rules that name the number, in order, as wide as the ABI's registers.
func (p *Policy) rules(abi ABI, nr uint32) []Rule {
	var rules []Rule
	for _, r := range p.Rules {
		if n, ok := r.Number(abi); ok && n == nr {
			r.When = narrow(r.When, abi.Width)
			rules = append(rules, r)
		}
	}
	return rules
}

// narrow cuts tests to the width of a register: what stands above is not defined.
func narrow(tests []Test, width int) []Test {
	cut := slices.Clone(tests)
	for i := range cut {
		t := &cut[i]
		if t.Width > width {
			t.Width = width
			t.Mask &= policy.Ones(width)
		}
	}
	return cut
}

func (p *Policy) find(d policy.Data) (ABI, bool) {
	for _, name := range p.ABIs {
		if abi := ABIs[name]; abi.serves(d.Arch, d.Nr) {
			return abi, true
		}
	}
	return ABI{}, false
}

// AllowsAlways reports whether a number of the ABI is allowed without a look at its arguments: what
// the kernel's cache can hold (kernel/seccomp.c, seccomp_cache_prepare), were the filter to let it.
func (p *Policy) AllowsAlways(abi ABI, nr uint32) bool {
	rules := p.rules(abi, nr)
	if len(rules) == 0 {
		return p.Default == policy.Allow
	}
	return len(rules[0].When) == 0 && rules[0].Action == policy.Allow
}

// Serves reports whether the caller's ABI is one that the policy names.
func (p *Policy) Serves(d policy.Data) bool {
	_, ok := p.find(d)
	return ok
}

// Rulings returns how many different actions the rules that name the call have, and whether any of
// them tests an argument.
func (p *Policy) Rulings(d policy.Data) (actions int, tests bool) {
	abi, _ := p.find(d)
	seen := map[policy.Action]bool{}
	for _, r := range p.rules(abi, d.Nr) {
		seen[r.Action] = true
		tests = tests || len(r.When) > 0
	}
	return len(seen), tests
}
