package compiler

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

// edited returns stages whose program is edited after its generation, and that find nothing.
func edited(edit func(*policy.Policy, asm.Program) asm.Program) stages {
	return stages{
		generate: func(
			p *policy.Policy, w codegen.Weights, off codegen.PassSet,
		) (asm.Program, error) {
			prog, err := codegen.Generate(p, w, off)
			if err != nil {
				return nil, err
			}
			return edit(p, prog), nil
		},
		lint: func(*resolve.Resolved, diag.List, ...asm.Program) diag.List { return nil },
	}
}

// withValues makes a policy that waits for late values that of one value each: edits are told by
// the evaluator.
func withValues(src []byte) Options {
	opts := Options{Params: map[string]string{}}
	for _, name := range lateNames.FindAllSubmatch(src, -1) {
		opts.Params[string(name[1])] = "4096"
	}
	return opts
}

var lateNames = regexp.MustCompile(`(?m)^late (\w+):`)

// mustRefuse demands that an edited program does not leave the compiler, whatever the reason given.
func mustRefuse(t *testing.T, file string, s stages, want string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := s.compile(file, src, withValues(src))
	if res != nil {
		t.Fatalf("a wrong program left the compiler:\n%v", res.Program)
	}
	if !slices.ContainsFunc(diags, func(d diag.Finding) bool {
		return d.Code == codes.NotProved && strings.Contains(d.Message, want)
	}) {
		t.Fatalf("%v, want %q", diags, want)
	}
}

// Of each golden policy's program, edits at random that the simulator shows to answer some call
// otherwise than the evaluator are refused.
func TestNoWrongProgramLeaves(t *testing.T) {
	for _, file := range short.Some(policyFiles(t)) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(short.Rounds(40)) {
				r := rand.New(rand.NewPCG(seed, 7))
				mustRefuse(t, file, edited(func(p *policy.Policy, prog asm.Program) asm.Program {
					return wrong(t, r, p, prog)
				}), "")
			}
		})
	}
}

// wrong returns a program with an edit that changes a decision.
func wrong(t *testing.T, r *rand.Rand, p *policy.Policy, prog asm.Program) asm.Program {
	t.Helper()
	for range 1000 {
		bad := slices.Clone(prog)
		edit(r, bad)
		if bad.Check() == nil && decidesOtherwise(r, p, bad) {
			return bad
		}
	}
	t.Fatal("no edit is shown to change a decision")
	return nil
}

// edit changes one instruction.
func edit(r *rand.Rand, p asm.Program) {
	in := &p[r.IntN(len(p))]
	if in.Op == asm.RetK {
		in.K = p[lastReturn(r, p)].K
		return
	}
	switch r.IntN(5) {
	case 0:
		in.K ^= 1 << r.IntN(32)
	case 1:
		in.K++
	case 2:
		in.Jt, in.Jf = in.Jf, in.Jt
	case 3:
		in.Jt += uint8(1 + r.IntN(3))
	case 4:
		tests := []uint16{asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK}
		if slices.Contains(tests, in.Op) {
			in.Op = tests[r.IntN(len(tests))]
		}
	}
}

// lastReturn returns one of the returns.
func lastReturn(r *rand.Rand, p asm.Program) int {
	for {
		if at := r.IntN(len(p)); p[at].Op == asm.RetK {
			return at
		}
	}
}

// decidesOtherwise looks for a call that a program does not answer as the policy says: among the
// numbers of the policy's rules and tables, with arguments from its conditions and none of them.
func decidesOtherwise(r *rand.Rand, p *policy.Policy, prog asm.Program) bool {
	for _, a := range p.ABIs {
		values := []uint64{0, 1, ^uint64(0)}
		var numbers []uint32
		for _, k := range a.Known {
			numbers = append(numbers, uint32(k.Lo), uint32(k.Hi), uint32(k.Hi)+1)
		}
		for _, rule := range a.Rules {
			numbers = append(numbers, rule.Numbers...)
			values = append(values, constants(rule.Cond)...)
		}
		for _, nr := range numbers {
			for range 3 {
				d := policy.Data{Arch: a.Arch, Nr: nr}
				for i := range d.Args {
					d.Args[i] = values[r.IntN(len(values))]
				}
				got, err := prog.Run(asm.Data(d), p.ByteOrder())
				if err != nil || policy.Action(got.Ret) != p.Eval(d) {
					return true
				}
			}
		}
	}
	return false
}

// constants returns the values that a condition names.
func constants(c policy.Cond) []uint64 {
	var out []uint64
	switch c := c.(type) {
	case policy.And:
		for _, x := range c {
			out = append(out, constants(x)...)
		}
	case policy.Or:
		for _, x := range c {
			out = append(out, constants(x)...)
		}
	case policy.Not:
		return constants(c.X)
	case policy.Test:
		out = append(out, c.Value, c.Mask)
		for _, s := range c.Set {
			out = append(out, s.Lo, s.Hi)
		}
	}
	return out
}

// Edits that change no decision, but leave the kernel's cache without calls that are always
// allowed, are refused too.
func TestNoUncachedProgramLeaves(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	edits := map[string]asm.Program{
		"loads the instruction pointer first": {{Op: asm.LdAbs, K: asm.OffIP}},
		"adds nothing to A":                   {{Op: asm.AddK}},
		"copies A":                            {{Op: asm.Tax}},
	}
	tried := 0
	for _, file := range policyFiles(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res := compileClean(t, file, src, nil)
		if res.Stats().ABIs[0].Cached == 0 {
			continue
		}
		for name, before := range edits {
			tried++
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				mustRefuse(t, file, edited(func(_ *policy.Policy, prog asm.Program) asm.Program {
					return slices.Concat(before, prog)
				}), "cache")
			})
		}
	}
	if tried < 20 {
		t.Errorf("%d edits were tried", tried)
	}
}

// A panic of the lints reaches the caller of Compile, who can recover from it.
func TestPanicOfLints(t *testing.T) {
	s := stages{codegen.Generate, func(*resolve.Resolved, diag.List,
		...asm.Program) diag.List {
		panic("odd")
	}}
	defer func() {
		fault, ok := recover().(*panicked)
		if !ok || fault.Error() != "odd" || !strings.Contains(string(fault.Stack()),
			"TestPanicOfLints") {
			t.Errorf("recovered %v", fault)
		}
	}()
	s.compile("p.scp", []byte("arch x86_64\ndefault allow\n"), Options{})
}

// A policy that is too much for the generator is reported at the rule, or at the policy where it is
// the numbers of all.
func TestTooComplex(t *testing.T) {
	const text = "arch x86_64\ndefault allow\ndeny close\n"
	for source, want := range map[int]string{
		0:  "3: the conditions of the rules on these calls make too many cases",
		-1: "1: the numbers that the rules name make too many cases",
	} {
		s := stages{
			func(*policy.Policy, codegen.Weights, codegen.PassSet) (asm.Program, error) {
				return nil, &codegen.TooComplexError{Source: source}
			},
			func(*resolve.Resolved, diag.List, ...asm.Program) diag.List { return nil },
		}
		r, diags := s.compile("p.scp", []byte(text), Options{})
		if r != nil || len(diags) != 1 || diags[0].Code != codes.TooLarge || diags[0].Help == "" ||
			fmt.Sprint(diags[0].Span.Pos().Line, ": ", diags[0].Message) != want {
			t.Errorf("%v, want %s", diags, want)
		}
	}
}
