package smt

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// The oracles put the same questions to the prover and to z3: whether two answers are the same for
// every call, and whether one is nowhere laxer. What z3 is asked is the work of this package alone.

var cases = flag.Int("oracle", 12, "the cases of each oracle")

// tally counts how the questions ended.
type tally struct {
	t           *testing.T
	what        string
	counts      map[string]int
	differences int
}

func newTally(t *testing.T, what string) *tally {
	y := &tally{t: t, what: what, counts: map[string]int{}}
	t.Cleanup(func() {
		var out []string
		for _, name := range slices.Sorted(maps.Keys(y.counts)) {
			out = append(out, fmt.Sprintf("%d %s", y.counts[name], name))
		}
		t.Logf("%s: %s; %d differences", what, strings.Join(out, ", "), y.differences)
	})
	return y
}

func (y *tally) count(what string) { y.counts[what]++ }

func (y *tally) differ(format string, args ...any) {
	y.t.Helper()
	y.differences++
	y.t.Errorf(format, args...)
}

var instruction = regexp.MustCompile(`instruction (\d+)`)

// giveUp counts a question that the prover gave up, by the kind of what it could not do.
func (y *tally) giveUp(err error, p asm.Program) {
	y.t.Helper()
	if !errors.Is(err, proof.ErrTooComplex) {
		y.differ("%v", err)
		return
	}
	kind := "comparison"
	if m := instruction.FindStringSubmatch(err.Error()); m != nil {
		var pc int
		fmt.Sscan(m[1], &pc)
		kind, _, _ = strings.Cut(p.Text(pc), " ")
	}
	y.count("unknown at " + kind)
}

// agree compares the prover's verdict with the solver's, and runs what each has found. The function
// related tells what is asked of the two answers.
func (y *tally) agree(
	name string, d *proof.Difference, v verdict, a, b answers,
	related func(x, y policy.Action) bool,
) {
	y.t.Helper()
	switch {
	case v.unknown:
		y.count("given up by z3")
	case v.sat != (d != nil):
		y.differ("%s: the prover says %+v, z3 %+v", name, d, v)
	case v.sat:
		y.count("different")
	default:
		y.count("equal")
	}
	if v.sat && !related(a(v.call, v.late), b(v.call, v.late)) {
		y.differ("%s: z3's call %+v gets %v and %v", name, v, a(v.call, v.late),
			b(v.call, v.late))
	}
	if d == nil {
		return
	}
	x, z := a(d.Call, d.Late), b(d.Call, d.Late)
	if d.A != x || d.B != z || !related(d.A, d.B) {
		y.differ("%s: the prover's call %+v gets %v and %v", name, d, x, z)
	}
}

func unequal(x, y policy.Action) bool { return x != y }

// answers is what something answers to a call, when late values are what they are.
type answers func(policy.Data, policy.LateValues) policy.Action

func runs(t *testing.T, p asm.Program, order binary.ByteOrder, late ...*policy.Late) answers {
	return func(d policy.Data, values policy.LateValues) policy.Action {
		var given []uint64
		for _, l := range late {
			v, known := values[l.Name]
			if !known {
				v = l.Values[0].Lo
			}
			given = append(given, v)
		}
		res, err := p.Filled(given).Run(asm.Data(d), order)
		if err != nil {
			t.Fatal(err)
		}
		return policy.Action(res.Ret)
	}
}

// kernelOrder is the order of what the kernel does with a call, written from kernel/seccomp.c: an
// action that it does not know is the strictest, as it kills the process.
var kernelOrder = []policy.Action{policy.KillThread, policy.Trap, policy.Errno, policy.Notify,
	policy.Trace, policy.Log, policy.Allow}

func rank(a policy.Action) int { return slices.Index(kernelOrder, a&0xffff0000) }

func laxer(x, y policy.Action) bool { return rank(y) > rank(x) }

// rank is the place of an answer in the kernel's order.
func (s *Script) rank(answer Term) Term {
	kind := s.word(s.apply("bvand", answer, number(0xffff0000, 32)))
	place := number(0, 32)
	for i, a := range kernelOrder {
		place = s.word(s.apply("ite", s.apply("=", kind, number(uint64(a), 32)),
			number(uint64(i)+1, 32), place))
	}
	return place
}

// TestOracleOfPrograms compares random programs with edited ones and with others.
func TestOracleOfPrograms(t *testing.T) {
	t.Parallel()
	z3, equal, subset := newSolver(t), newTally(t, "diff"), newTally(t, "diff --subset")
	rows := newTally(t, "rows")
	for seed := range uint64(short.Rounds(*cases)) {
		g := newGenerator(seed)
		order := g.order()
		a := g.program()
		b := g.mutant(a)
		if g.IntN(5) == 0 {
			b = g.program()
		}
		name := fmt.Sprintf("pair %d", seed)
		space := proof.New()
		f, err := space.Program(a, order)
		if err != nil {
			equal.giveUp(err, a)
			continue
		}
		h, err := space.Program(b, order)
		if err != nil {
			equal.giveUp(err, b)
			continue
		}
		s := New()
		x, errA := s.Program(a, order == binary.BigEndian)
		y, errB := s.Program(b, order == binary.BigEndian)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if d, err := space.Differ(f, h); err != nil {
			equal.giveUp(err, a)
		} else {
			equal.agree(name, d, z3.ask(s.Ask(s.apply("distinct", x, y))), runs(t, a, order),
				runs(t, b, order), unequal)
			if d != nil {
				rows.partition(z3, name, s, space, f, h, x, y)
			}
		}
		if d, err := space.Subset(f, h); err != nil {
			subset.giveUp(err, a)
		} else {
			more := s.apply("bvugt", s.rank(y), s.rank(x))
			subset.agree(name, d, z3.ask(s.Ask(more)), runs(t, a, order), runs(t, b, order), laxer)
		}
	}
}

// partition asks whether the rows of a difference hold each of its calls once, and no other call.
func (y *tally) partition(
	z3 *solver, name string, s *Script, space *proof.Space, f, h proof.Function, a, b Term,
) {
	y.t.Helper()
	list, err := space.Diff(f, h)
	opaque := slices.ContainsFunc(list, func(r proof.Row) bool { return r.Opaque })
	if err != nil || opaque || len(list) > 40 {
		y.count("not written out")
		return
	}
	zero, one := number(0, 32), number(1, 32)
	sum, wrong := zero, []Term{}
	for _, r := range list {
		in, err := s.Calls(Calls{r.Arches, r.Numbers, r.When})
		if err != nil {
			y.t.Fatal(err)
		}
		sum = s.word(s.apply("bvadd", sum, s.apply("ite", in, one, zero)))
		wrong = append(wrong, s.apply("and", in, s.apply("not", s.apply("and",
			s.apply("=", a, number(uint64(r.A), 32)), s.apply("=", b, number(uint64(r.B), 32))))))
	}
	want := s.apply("ite", s.apply("=", a, b), zero, one)
	wrong = append(wrong, s.apply("distinct", sum, want))
	switch v := z3.ask(s.Ask(s.some(wrong))); {
	case v.unknown:
		y.count("given up by z3")
	case v.sat:
		y.differ("%s: %+v is not in one row with what it gets: %+v", name, v.call, list)
	default:
		y.count("exact")
	}
}

// TestOracleOfPolicies compares random policies with the programs that are made for them, and with
// edited ones.
func TestOracleOfPolicies(t *testing.T) {
	t.Parallel()
	z3, tally := newSolver(t), newTally(t, "prove")
	for seed := range uint64(short.Rounds(*cases)) {
		g := newGenerator(seed)
		p := g.policy()
		program, err := codegen.Generate(p, codegen.Weights{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		tally.prove(z3, fmt.Sprintf("policy %d", seed), p, program)
		tally.prove(z3, fmt.Sprintf("policy %d, edited", seed), p, g.mutant(program))
	}
}

// TestOracleOfLateValues does the same with policies that wait for late values of every type, two
// of them on one argument, in ranges and not.
func TestOracleOfLateValues(t *testing.T) {
	t.Parallel()
	z3, tally := newSolver(t), newTally(t, "prove, late values")
	for seed := range uint64(short.Rounds(*cases)) {
		g := newGenerator(seed)
		p := g.late(g.policy())
		program, err := codegen.Generate(p, codegen.Weights{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		tally.prove(z3, fmt.Sprintf("policy %d", seed), p, program)
		if !program.Waits() {
			continue
		}
		for range 3 {
			tally.prove(z3, fmt.Sprintf("policy %d, edited", seed), p, g.mutant(program, p.Late...))
		}
	}
}

// prove compares the verdicts on a program as a policy's.
func (y *tally) prove(z3 *solver, name string, p *policy.Policy, program asm.Program) {
	y.t.Helper()
	order := binary.ByteOrder(binary.LittleEndian)
	if p.ABIs[0].BigEndian {
		order = binary.BigEndian
	}
	d, err := proof.Equal(p, program)
	switch {
	case err != nil && program.Waits() && !errors.Is(err, proof.ErrTooComplex):
		y.count("late values compared as no compiler does")
		return
	case err != nil:
		y.giveUp(err, program)
		return
	}
	question, err := Differ(p, program)
	if err != nil {
		y.t.Fatal(err)
	}
	y.agree(name, d, z3.ask(question, p.Late...),
		func(d policy.Data, late policy.LateValues) policy.Action { return p.Eval(d, late) },
		runs(y.t, program, order, p.Late...), unequal)
}

// TestOracleOfGoldenFilters compares the real policies with their filters, and with edited ones.
func TestOracleOfGoldenFilters(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal("no policies: ", err)
	}
	z3, tally := newSolver(t), newTally(t, "prove, real policies")
	for i, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res, diags := compiler.Compile(file, src, compiler.Options{})
		if res == nil {
			t.Fatal(diags)
		}
		tally.prove(z3, file, res.Policy, res.Program)
		g := newGenerator(uint64(i))
		for range max(1, *cases/len(files)) {
			tally.prove(z3, file+", edited", res.Policy, g.mutant(res.Program, res.Policy.Late...))
		}
	}
}
