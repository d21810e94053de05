// Package compiler turns a policy's text into a classic BPF program and proves that it is the policy.
//
//	text → dsl.File → policy.Policy → decision diagrams → nodes → asm.Program
//
// [Resolve] gives the text its meaning. Each system call's rules become one decision, a function from the
// argument words to an action in a canonical form; neighbouring numbers with the same decision become one
// span; a search finds the cheapest tree of tests over the spans; the tree's nodes, equal ones shared, are
// laid out from the returns back to the entry. The same text gives the same bytes on any machine.
package compiler

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Result is a compiled policy.
type Result struct {
	*Resolved
	Program   asm.Program
	Order     binary.ByteOrder // of the machines that it is for
	ProofTime time.Duration    // how long it took to prove that the program is the policy
}

// Compile compiles a policy and proves that the program answers every call as the policy says. The name is
// the path of the text, see [Resolve]. With an error among the findings there is no result.
func Compile(name string, src []byte, opts Options) (*Result, diag.List) {
	r, diags := Resolve(name, src, opts)
	if diags.HasErrors() {
		return nil, diags
	}
	start := r.Sources[0].Start()
	off, err := disabled(opts.Disable)
	if err != nil {
		return nil, append(diags, errorAt(start, codeOptions, "%v", err))
	}
	out := &Result{Resolved: r, Order: byteOrder(r.Policy)}
	var found diag.List
	out.Program, found, err = r.build(diags, r.weights(opts), off)
	diags = append(diags, found...)
	var complex *tooComplex
	switch {
	case errors.As(err, &complex):
		d := errorAt(r.Rules[complex.source].Range(), codeTooLarge, "%v", err)
		diags = append(diags, help(d, "test fewer arguments in one rule, or fewer bits"))
	case len(out.Program) > asm.MaxLen:
		diags = append(diags, r.tooLong(start, len(out.Program)))
	default:
		begin := time.Now()
		diags = append(diags, r.prove(start, out.Program)...)
		out.ProofTime = time.Since(begin)
	}
	diags.Sort()
	if diags.HasErrors() {
		return nil, diags
	}
	return out, diags
}

// build generates the program and meanwhile makes the findings that are proofs about the policy.
func (r *Resolved) build(
	known diag.List, weights callWeights, off passSet,
) (prog asm.Program, found diag.List, err error) {
	done := make(chan diag.List, 1)
	go func() {
		space := proof.New()
		found := r.Lint(r.news(r.reach(space), known))
		done <- append(found, r.Lint(r.bypass(space.Renewed()))...)
	}()
	prog, err = generate(r.Policy, weights, off)
	return prog, <-done, err
}

// news returns the findings that are not there already: within the place of one with the same code.
func (r *Resolved) news(found, there diag.List) diag.List {
	return slices.DeleteFunc(found, func(d diag.Finding) bool {
		return slices.ContainsFunc(there, func(e diag.Finding) bool {
			return e.Code == d.Code && d.Span.Contains(e.Span)
		})
	})
}

// prove checks the program: the kernel takes it, it is the policy, and the kernel's action cache holds every
// call that the policy allows whatever its arguments.
func (r *Resolved) prove(start diag.Span, p asm.Program) diag.List {
	bug := func(format string, args ...any) diag.List {
		d := errorAt(start, codeNotProved, format, args...)
		return diag.List{help(d, "this is a bug in seccompc: please report it with the policy")}
	}
	if err := p.Check(); err != nil {
		return bug("the program is not one that the kernel takes: %v", err)
	}
	diff, err := proof.Equal(r.Policy, p)
	switch {
	case errors.Is(err, proof.ErrTooComplex):
		return diag.List{r.beyondProof(start, err)}
	case err != nil:
		return bug("the program could not be proved to be the policy: %v", err)
	case diff != nil:
		return bug("the program is not the policy: nr %d, arch %#x, ip %#x, args %#x is to get %v and gets %v%s",
			diff.Call.Nr, diff.Call.Arch, diff.Call.IP, diff.Call.Args, diff.A, diff.B, r.deciding(diff.Call))
	}
	if nr, abi, ok := uncached(r.Policy, p); ok {
		return bug("the kernel's action cache does not hold %s call %d, which is always allowed", abi, nr)
	}
	return nil
}

// deciding names the rule that decides a call, for a message.
func (r *Resolved) deciding(d policy.Data) string {
	by := r.Decide(d)
	if by.Rule == nil {
		return fmt.Sprintf(" (%s)", by.Fallback)
	}
	return fmt.Sprintf(" (line %d: %s)", by.Rule.Span.Pos().Line, by.Rule.Text)
}

// uncached returns a call that the policy allows whatever its arguments and that the kernel's action cache
// does not hold for the program: of kernel/seccomp.c, seccomp_is_const_allow. There should be none.
func uncached(p *policy.Policy, prog asm.Program) (nr uint32, abi string, found bool) {
	for i := range p.ABIs {
		a := &p.ABIs[i]
		decided := map[uint32]bool{}
		for _, r := range a.Rules {
			for _, nr := range r.Numbers {
				if decided[nr] {
					continue
				}
				decided[nr] = true
				if r.Cond == nil && r.Action == policy.Allow && served(a, nr) && !prog.ConstantAllow(a.Arch, nr) {
					return nr, a.Name, true
				}
			}
		}
		for _, k := range a.Known {
			for nr := k.Lo; nr <= k.Hi && a.Default == policy.Allow; nr++ {
				if !decided[uint32(nr)] && served(a, uint32(nr)) && !prog.ConstantAllow(a.Arch, uint32(nr)) {
					return uint32(nr), a.Name, true
				}
			}
		}
	}
	return 0, "", false
}

func served(a *policy.ABI, nr uint32) bool { return policy.Contains(a.Numbers, uint64(nr)) }

// weights returns what the options and the policy's "hot" statements say about the frequency of calls.
func (r *Resolved) weights(opts Options) callWeights {
	w := callWeights{hot: map[string]map[uint32]bool{}}
	for i, numbers := range r.Hot {
		if len(numbers) == 0 {
			continue
		}
		set := map[uint32]bool{}
		for _, nr := range numbers {
			set[nr] = true
		}
		w.hot[r.Policy.ABIs[i].Name] = set
	}
	if opts.Profile != nil {
		w.profile = opts.Profile.counts(r.ABIs)
	}
	return w
}
