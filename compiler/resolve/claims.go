package resolve

import (
	"slices"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// appendClaims resolves the lines of a test block that are about this ABI, by its index.
func (s *scope) appendClaims(out []Claim, x *dsl.Test, abi int) []Claim {
	test := x.Name.Text()
	for _, c := range x.Claims {
		if !s.r.spend(c.Span, 1) {
			break
		}
		if c.Call.ABI != nil && !s.means(c.Call.ABI) {
			continue
		}
		want, okWant := s.action(&c.Action)
		calls, okCalls := s.call(&c.Call, c.Call.ABI != nil)
		if okWant && okCalls && len(calls) > 0 {
			out = append(out, Claim{
				Claim: c, Test: test, Text: c.Span.Text(), ABI: abi, Calls: calls, Want: want,
			})
		}
	}
	return out
}

// means reports whether the prefix of a line is this ABI. A name that is none, or none of the
// policy's ABIs, is an error.
func (s *scope) means(name *dsl.ABIName) bool {
	abi, ok := linux.Lookup(name.Text)
	switch {
	case !ok:
		s.r.unknownArch(name.Span, name.Text)
	case !slices.Contains(s.r.abis, abi) && !slices.Contains(s.r.listed, abi):
		d := diag.Errorf(name.Span, codes.UnknownArch, "the policy does not serve %s", abi.Name)
		s.r.report.add(nil, d.WithHelp("list %s in arch, or remove the line", abi.Name))
	}
	return abi == s.abi
}

// sortClaims puts the claims of all ABIs in the order of the text.
func sortClaims(claims []Claim) {
	slices.SortStableFunc(claims, func(a, b Claim) int { return a.Span.Compare(b.Span) })
}

// Calls gives a call of the command line its meaning on an ABI. The name stands for the text in
// positions. A call without arguments and condition means all its doors, also that behind a
// multiplexer.
func Calls(abi *linux.ABI, name, text string) ([]Call, diag.List) {
	c, diags := dsl.ParseCall(name, text)
	if len(diags) > 0 {
		return nil, diags
	}
	r := newResolver(Options{})
	r.abis, r.commandLine = []*linux.ABI{abi}, true
	s := newScope(r, abi)
	if c.ABI != nil && !s.means(c.ABI) {
		return nil, r.report.finish(r.abis, lints{})
	}
	calls, _ := s.call(c, true)
	r.checkUses()
	diags = r.report.finish(r.abis, lints{})
	if diags.HasErrors() {
		return nil, diags
	}
	return calls, diags
}

// Doors returns the ways into the system call of a name: its own number, and its number behind a
// multiplexer.
func Doors(abi *linux.ABI, name string) []Call {
	var out []Call
	for _, d := range appendDoors(nil, abi, name) {
		out = append(out, Call{Nr: d.nr, Cond: doorCond(d)})
	}
	return out
}

// call resolves the left side of a claim; there are no calls where the ABI does not have it. An ABI
// that is meant expressly can also be asked for numbers that its callers use and no ABI of the same
// Arch owns.
func (s *scope) call(c *dsl.Call, expressly bool) ([]Call, bool) {
	var ways [2]call // few names have more
	doors := ways[:0]
	m := mention{c.Name.Span, c.Name.Name, c.Name.Number, c.Name.To, c.Name.All}
	if lo, hi, ok := m.numbers(); ok && expressly && s.unserved(lo, hi) {
		for nr := uint64(lo); nr <= uint64(hi); nr++ {
			doors = append(doors, call{nr: uint32(nr)})
		}
	} else {
		doors = s.appendCalls(doors, m)
	}
	if !s.r.spend(c.Span, len(doors)) {
		return nil, false
	}
	if len(c.Args) == 0 && c.Cond == nil {
		out := make([]Call, len(doors))
		for i, d := range doors {
			out[i] = callBy(d, doorCond(d))
		}
		return out, true
	}
	var out []Call
	for _, d := range doors {
		for _, w := range waysOf(s.abi, d) {
			call, seen, ok := s.constrained(c, w)
			if !ok {
				return nil, false
			}
			if seen {
				out = append(out, call)
			} else if d.all {
				s.unseen(c.Span, d)
				return nil, false
			}
		}
	}
	if len(doors) > 0 && len(out) == 0 {
		d := diag.Warningf(c.Span, codes.BehindMultiplexer,
			"the arguments of %s lie behind %s, out of sight", doors[0].name, doors[0].mux)
		s.add(d.WithHelp("write the line without arguments and without a condition"))
	}
	return out, true
}

// unserved reports whether numbers are of one part of [linux.ABI.Unserved].
func (s *scope) unserved(lo, hi uint32) bool {
	return slices.ContainsFunc(s.abi.Unserved(), func(f linux.Foreign) bool {
		return f.Contains(lo) && f.Contains(hi)
	})
}

// callBy returns the calls through a door, in the first version that its condition holds for.
func callBy(c call, door policy.Cond) Call {
	out := Call{Nr: c.nr, Cond: door}
	if c.mux == "" {
		return out
	}
	first := policy.Data{Args: [6]uint64{uint64(c.sub)}}
	if !door.Holds(first) {
		first.Args[0] |= 1 << 16 // ipc with a version
	}
	out.Args[0], out.Given[0] = first.Args[0], true
	return out
}

// register returns the width of an argument register. On a 32-bit ABI it is that of what the
// language speaks of, but a call of the command line can have what a 64-bit task leaves in the
// upper half.
func (s *scope) register() int {
	if s.r.commandLine {
		return 64
	}
	return s.abi.Bits
}

// doorCond is the condition that a call through a multiplexer is the one that is meant.
func doorCond(c call) policy.Cond {
	if c.mux == "" {
		return nil
	}
	return behindMultiplexer([]call{c})
}

// constrained resolves arguments and condition of a call by one way to it. They are not seen where
// some of them lie in memory.
func (s *scope) constrained(c *dsl.Call, w way) (out Call, seen, ok bool) {
	out = callBy(w.call, w.door)
	all := make(policy.And, 0, len(c.Args)+2)
	if w.door != nil {
		all = append(all, w.door)
	}
	seen, ok = true, true
	for i := range c.Args {
		a := c.Args[i]
		if a.Any {
			continue
		}
		o := s.argument(w, i)
		r := condResolver{scope: s, call: w.call}
		if d := s.late[bareExpr(a.Value)]; d != nil {
			c, fits := r.lateTest(a.Span, d, o)
			ok, seen = ok && fits, seen && !o.hidden
			if c != nil && !o.hidden {
				all = append(all, c)
			}
			continue
		}
		value := s.integer(a.Span, s.expr(a.Value))
		if value != nil && !fitsIn(value, o.Width) {
			o.Width, o.Signed = s.register(), false // all that the caller left there
		}
		v, fits := r.fit(a.Span, value, o)
		if o.unread {
			d := diag.Warningf(a.Span, codes.UnreadArgument, "%s does not read arg%d", w.name, i)
			s.add(d.WithHelp("write _ for it, or leave it out"))
		}
		ok = ok && fits
		if o.hidden {
			seen = false
			continue
		}
		out.Args[o.Arg], out.Given[o.Arg] = v, true
		all = append(all, valueTest(o, v))
	}
	if c.Cond != nil && seen {
		cond, visible, fits := s.callCond(c, w)
		if !visible || !fits {
			return out, false, ok && fits
		}
		all = append(all, cond)
	}
	if len(all) > 0 {
		out.Cond = all
	}
	return out, seen, ok
}

// callCond resolves the condition of a call, which is not seen where it asks for what lies in
// memory.
func (s *scope) callCond(c *dsl.Call, w way) (cond policy.Cond, seen, ok bool) {
	operands, ok := s.operands(distinctOperands(c.Cond), w)
	if !ok {
		return nil, false, false
	}
	if slices.ContainsFunc(operands, func(o operand) bool { return o.hidden }) {
		return nil, false, true
	}
	if cond, ok = s.cond(c.Cond, w.call, operands); !ok {
		return nil, false, false
	}
	if how := truthOf(cond); how != depends && !w.call.all {
		d := diag.Warningf(c.Cond.Span, codes.ConstantCondition, "the condition %v holds", how)
		s.add(d.WithHelp("%s", how.claimHelp()))
	}
	return cond, true, true
}

// valueTest asks for one value of an argument: of the bits that the kernel reads, or of all that
// the register holds where the value has others.
func valueTest(o operand, v uint64) policy.Test {
	mask := policy.Ones(o.Width)
	if v&o.ignored == 0 {
		mask &^= o.ignored
	}
	return policy.Test{Operand: o.Operand, Mask: mask, Set: []policy.Range{{Lo: v, Hi: v}}}
}
