// Package policy is the meaning of a seccomp policy: numbers only, one section per ABI, and the
// slow and obvious evaluator that everything else in this project is held against.
//
// A Policy holds no names, no files and no defaults left to be filled in: the compiler's resolver
// has decided all of that. What remains is what the kernel would be asked: given a struct
// seccomp_data, which action?
package policy

import (
	"encoding/binary"
)

// Data is one system call as a filter sees it: the kernel's struct seccomp_data
// (include/uapi/linux/seccomp.h). It converts to and from asm.Data.
type Data struct {
	Nr   uint32 // the number; the kernel declares it int, filters compare it unsigned
	Arch uint32 // AUDIT_ARCH_* of the caller
	IP   uint64 // the caller's instruction pointer
	Args [6]uint64
}

// Policy is a resolved policy: every listed ABI with its rules in order, and the action for callers
// of any other ABI.
type Policy struct {
	ABIs     []ABI
	Mismatch Action

	// Late is what the conditions compare with that is not known yet, in the order of the text.
	Late []*Late
}

// ABI is the part of a policy that serves one ABI.
type ABI struct {
	Name      string
	Arch      uint32  // AUDIT_ARCH_*
	BigEndian bool    // the byte order of this ABI's seccomp_data
	Numbers   []Range // the values of nr that belong to this ABI; disjoint where ABIs share an Arch
	Known     []Range // the numbers that the ABI's table holds, sorted and disjoint
	Rules     []Rule  // the first that names the call and whose condition holds decides
	Default   Action  // for known numbers that no rule decides
	Unknown   Action  // for the other numbers of this ABI that no rule decides

	// What follows is no part of the meaning: it says how often the kernel will ask.
	// the numbers for which the kernel keeps in mind that a filter always allows them
	Cached []Range
	Rare   bool // most kernels refuse the ABI's calls
}

// Rule gives an action to some numbers under a condition.
type Rule struct {
	Numbers []uint32 // values of nr
	Cond    Cond     // nil: always
	Action  Action
	Source  int // identifies the rule of the source text that this one comes from; see the resolver
}

// ByteOrder returns the byte order of the machines that the policy is for, which its ABIs share.
func (p *Policy) ByteOrder() binary.ByteOrder {
	if len(p.ABIs) > 0 && p.ABIs[0].BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// Find returns the section of the policy that serves the call, or nil where Mismatch decides.
func (p *Policy) Find(d Data) *ABI {
	for i := range p.ABIs {
		a := &p.ABIs[i]
		if a.Arch == d.Arch && Contains(a.Numbers, uint64(d.Nr)) {
			return a
		}
	}
	return nil
}

// Eval returns the action that the policy gives to the call. It needs the late values that the
// policy compares with.
func (p *Policy) Eval(d Data, late ...LateValues) Action {
	a := p.Find(d)
	if a == nil {
		return p.Mismatch
	}
	if r := a.Decide(d, late...); r != nil {
		return r.Action
	}
	if Contains(a.Known, uint64(d.Nr)) {
		return a.Default
	}
	return a.Unknown
}

// Decide returns the rule that decides the call, or nil where Default or Unknown does.
func (a *ABI) Decide(d Data, late ...LateValues) *Rule {
	for i := range a.Rules {
		r := &a.Rules[i]
		if r.names(d.Nr) && (r.Cond == nil || r.Cond.Holds(d, late...)) {
			return r
		}
	}
	return nil
}

func (r *Rule) names(nr uint32) bool {
	for _, n := range r.Numbers {
		if n == nr {
			return true
		}
	}
	return false
}
