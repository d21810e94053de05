package compiler

import (
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// prove checks the program: the kernel takes it, it is the policy, and the kernel's action cache
// holds every call that the policy allows whatever its arguments.
func prove(r *resolve.Resolved, start diag.Span, p asm.Program) diag.List {
	bug := func(format string, args ...any) diag.List {
		d := diag.Errorf(start, codes.NotProved, format, args...)
		return diag.List{d.WithHelp("this is a bug in seccompc: please report it with the policy")}
	}
	if err := p.Filled(make([]uint64, len(r.Policy.Late))).Check(); err != nil {
		return bug("the program is not one that the kernel takes: %v", err)
	}
	diff, err := proof.Equal(r.Policy, p, linux.Arches()...)
	switch {
	case errors.Is(err, proof.ErrTooComplex):
		return diag.List{beyondProof(r, start, err)}
	case err != nil:
		return bug("the program could not be proved to be the policy: %v", err)
	case diff != nil:
		c := diff.Call
		return bug("the program is not the policy: "+
			"nr %d, arch %#x, ip %#x, args %#x is to get %v and gets %v%s",
			c.Nr, c.Arch, c.IP, c.Args, diff.A, diff.B, deciding(r, c, diff.Late))
	}
	if nr, abi, ok := uncached(r.Policy, p); ok {
		return bug("the kernel's action cache does not hold %s call %d, which is always allowed",
			abi, nr)
	}
	return nil
}

// deciding names the rule that decides a call, for a message.
func deciding(r *resolve.Resolved, d policy.Data, late policy.LateValues) string {
	by := r.Decide(d, late)
	if by.Rule == nil {
		return fmt.Sprintf(" (%s)", by.Fallback)
	}
	return fmt.Sprintf(" (line %d: %s)", by.Rule.Span.Pos().Line, by.Rule.Text)
}

// uncached returns a call that the policy allows whatever its arguments and that the kernel's
// action cache does not hold for the program: of kernel/seccomp.c, seccomp_is_const_allow. There
// should be none.
func uncached(p *policy.Policy, prog asm.Program) (nr uint32, abi string, found bool) {
	for i := range p.ABIs {
		a := &p.ABIs[i]
		missed := func(nr uint32) bool { return served(a, nr) && !prog.ConstantAllow(a.Arch, nr) }
		decided := map[uint32]bool{}
		for _, r := range a.Rules {
			for _, nr := range r.Numbers {
				if decided[nr] {
					continue
				}
				decided[nr] = true
				if r.Cond == nil && r.Action == policy.Allow && missed(nr) {
					return nr, a.Name, true
				}
			}
		}
		for _, k := range a.Known {
			for nr := k.Lo; nr <= k.Hi && a.Default == policy.Allow; nr++ {
				if !decided[uint32(nr)] && missed(uint32(nr)) {
					return uint32(nr), a.Name, true
				}
			}
		}
	}
	return 0, "", false
}

func served(a *policy.ABI, nr uint32) bool { return policy.Contains(a.Numbers, uint64(nr)) }
