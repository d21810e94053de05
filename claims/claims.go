// Package claims decides the lines of a policy's test blocks on a program, for all values, and
// tells which rules no line is about.
package claims

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
	"github.com/seccompc/seccompc/stack"
)

// Failure is a claim that a program does not keep.
type Failure struct {
	Claim resolve.Claim
	Call  policy.Data       // one that the claim is about
	Late  policy.LateValues // late values with which it is
	Got   policy.Action     // what the program answers to it, or the kernel
	// Exempt reports that the kernel lets the call pass without asking the program, as newer
	// kernels do, so that no claim about it holds but one that it is allowed.
	Exempt bool
	// By is the filter installed before that decides the call; nil: the policy's own.
	By *Under
}

// Under is a filter that is in force when the policy's is installed.
type Under struct {
	Name    string
	Program asm.Program
	Policy  *resolve.Resolved // nil: not known
}

// Checker decides claims of a policy on a program.
type Checker struct {
	policy  *resolve.Resolved
	space   *proof.Space
	program proof.Function
	stack   stack.Stack
	under   []Under
}

// New returns the checker for the claims of a policy and a program, which need not be that
// policy's. Under are the filters installed before it, the oldest first: the claims are about all
// of them together. The error is of package proof where the program is too complex to be followed.
func New(
	r *resolve.Resolved, p asm.Program, order binary.ByteOrder, under ...Under,
) (*Checker, error) {
	c := &Checker{policy: r, space: proof.New(), under: under, stack: stack.Stack{Order: order}}
	var parts []stack.Waiting
	for _, u := range under {
		part := stack.Waiting{Program: u.Program}
		if u.Policy != nil {
			part.Late = u.Policy.Policy.Late
		}
		parts = append(parts, part)
	}
	parts = append(parts, stack.Waiting{Program: p, Late: r.Policy.Late})
	var err error
	if c.stack.Filters, c.stack.Late, err = stack.Join(parts...); err != nil {
		return nil, err
	}
	c.program, err = c.space.Programs(order, c.stack.Filters, c.stack.Late...)
	return c, err
}

// OfPolicy returns the checker for the claims of a policy and that policy itself, compiled or not.
func OfPolicy(r *resolve.Resolved) (*Checker, error) {
	space := proof.New()
	f, err := space.Policy(r.Policy)
	return &Checker{policy: r, space: space, program: f}, err
}

// Check decides all claims and returns those that do not hold, in the order of the text.
func (c *Checker) Check() ([]Failure, error) {
	var out []Failure
	for _, claim := range c.policy.Claims {
		bad, err := c.broken(claim)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", claim.Span.Pos(), err)
		}
		if bad != nil {
			out = append(out, *bad)
		}
	}
	return out, nil
}

// broken returns a call that does not get what the claim says, or nil. It may come by any of the
// doors that lead to what the claim names.
func (c *Checker) broken(claim resolve.Claim) (*Failure, error) {
	for _, door := range claim.Calls {
		exempt := claim.Want != policy.Allow && c.exempt(claim, door)
		other := func(a policy.Action) bool { return exempt || a != claim.Want }
		bad, err := c.space.Find(c.program, c.calls(claim, door), other)
		switch {
		case err != nil:
			return nil, err
		case bad != nil && exempt:
			return &Failure{claim, bad.Data, bad.Late, policy.Allow, true, nil}, nil
		case bad != nil:
			by, err := c.decides(bad.Data, bad.Late)
			return &Failure{claim, bad.Data, bad.Late, c.program.Eval(bad.Data, bad.Late), false,
				by}, err
		}
	}
	return nil, nil
}

// decides returns the filter that decides a call, nil where it is the policy's own.
func (c *Checker) decides(d policy.Data, late policy.LateValues) (*Under, error) {
	if len(c.under) == 0 {
		return nil, nil
	}
	_, by, err := c.stack.Decide(d, late)
	if err != nil || by == len(c.under) {
		return nil, err
	}
	return &c.under[by], nil
}

// exempt reports whether the kernel lets the calls by a door pass whatever the program says.
func (c *Checker) exempt(claim resolve.Claim, door resolve.Call) bool {
	abi := c.policy.ABIs[claim.ABI]
	name, known := abi.SyscallName(door.Nr)
	return known && abi.Exempt(name)
}

// Witness returns a call by one of the claim's doors that gets what the claim says, or nil.
func (c *Checker) Witness(claim resolve.Claim, door resolve.Call) (*proof.Example, error) {
	return c.space.Find(c.program, c.calls(claim, door),
		func(a policy.Action) bool { return a == claim.Want })
}

// calls returns the calls that a claim is about by one of its doors.
func (c *Checker) calls(claim resolve.Claim, door resolve.Call) proof.Calls {
	return callsBy(c.policy, claim, door)
}

func callsBy(r *resolve.Resolved, claim resolve.Claim, door resolve.Call) proof.Calls {
	nr := policy.Range{Lo: uint64(door.Nr), Hi: uint64(door.Nr)}
	arch := r.ABIs[claim.ABI].Arch
	return proof.Calls{Arch: arch, Numbers: []policy.Range{nr}, Cond: door.Cond}
}

// Lines counts the lines that claims come from: each makes one claim for every ABI that it is
// about.
func Lines(claims []resolve.Claim) int {
	lines := map[diag.Span]bool{}
	for _, c := range claims {
		lines[c.Span.Start()] = true
	}
	return len(lines)
}

// Diagnostics returns an error for each failure, with the call and what decides it in the policy.
func Diagnostics(r *resolve.Resolved, failures []Failure) diag.List {
	var out diag.List
	for _, f := range failures {
		abi := r.ABIs[f.Claim.ABI]
		test := ""
		if f.Claim.Test != "" {
			test = "of the test " + strconv.Quote(f.Claim.Test)
		}
		out = append(out, diag.Finding{
			Severity: diag.Error,
			Code:     "test-failed",
			Span:     f.Claim.Span,
			Message: fmt.Sprintf("on %s a call that fits gets %s", abi.Name,
				explain.Action(f.Got, abi)),
			Notes: []diag.Note{
				{Text: "one such call: " + explain.Call(f.Call, abi.ByteOrder()) +
					explain.Late(f.Late, r.Policy.Late)},
				f.decides(r),
			},
			Help: "add a rule that decides the call so, or mend the line",
		}.WithNotes(test))
	}
	return out
}

// decides is the note of what decides the call of a failure.
func (f Failure) decides(r *resolve.Resolved) diag.Note {
	if f.By != nil && !f.Exempt {
		return f.By.decides(f.Call, f.Late)
	}
	by := r.Decide(f.Call, f.Late)
	switch {
	case f.Exempt:
		return diag.Note{Text: "the kernel lets it pass without asking the filter " +
			"(kernel/seccomp.c, seccomp_uprobe_exception)"}
	}
	return deciding(by, "this rule decides it")
}

// decides is the note of what decides a call in a filter installed before.
func (u *Under) decides(d policy.Data, late policy.LateValues) diag.Note {
	name := diag.Printable(u.Name)
	if u.Policy == nil {
		return diag.Note{Text: name + ", installed before, decides it"}
	}
	by := u.Policy.Decide(d, late)
	if by.Rule == nil {
		return diag.Note{Text: name + ", installed before, decides it: " + by.Why()}
	}
	return deciding(by, "this rule of "+name+", installed before, decides it")
}

// deciding is the note of a rule, or of what decides instead.
func deciding(by resolve.Decision, text string) diag.Note {
	if by.Rule == nil {
		return diag.Note{Text: "no rule decides it: " + by.Why()}
	}
	if by.Rule.Reason != "" {
		text += ": " + strings.Join(strings.Fields(by.Rule.Reason), " ")
	}
	return diag.Note{Span: &by.Rule.Span, Text: text}
}
