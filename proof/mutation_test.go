package proof

import (
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

var mutants = flag.Int("mutants", 500, "how many mutants TestMutation makes")

// subject is a program, and what it has to do: a policy, or without one what the program does.
type subject struct {
	policy  *policy.Policy
	program asm.Program
	order   binary.ByteOrder
}

// differ compares the mutant with what the subject has to do.
func (s subject) differ(mutant asm.Program) (*Difference, error) {
	if s.policy != nil {
		return Equal(s.policy, mutant)
	}
	space := New()
	a, err := space.Program(s.program, s.order)
	if err != nil {
		return nil, err
	}
	b, err := space.Program(mutant, s.order)
	if err != nil {
		return nil, err
	}
	return space.Differ(a, b)
}

func (s subject) eval(t *testing.T, d policy.Data) policy.Action {
	if s.policy != nil {
		return s.policy.Eval(d)
	}
	return mustRun(t, s.program, d, s.order)
}

// subjects returns the compiler's golden filters, and policies with the naive compiler's programs.
func subjects(t *testing.T) []subject {
	t.Helper()
	subjects := golden(t)
	policies := []*policy.Policy{
		withABIs(dockerLike("x86_64", archX86)),
		withABIs(dockerLike("x86_64", archX86), dockerLike("i386", archI386)),
	}
	for seed := range uint64(18) {
		policies = append(policies, newGenerator(seed).policy())
	}
	for _, p := range policies {
		order, err := byteOrder(p)
		if err != nil {
			t.Fatal(err)
		}
		subjects = append(subjects, subject{p, compile(p), order})
	}
	return subjects
}

// golden returns the listings of all golden files, which are of little-endian ABIs.
func golden(t *testing.T) (subjects []subject) {
	t.Helper()
	files, err := filepath.Glob("../testdata/policies/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range strings.Split("\n"+string(text), "\n-- ")[1:] {
			name, listing, _ := strings.Cut(section, " --\n")
			if !strings.HasSuffix(name, ".asm") {
				continue
			}
			p, err := asm.Parse(listing)
			if err != nil {
				t.Fatalf("%s: %s: %v", file, name, err)
			}
			var values []uint64
			for _, at := range p.Places() {
				for len(values) <= at.Value {
					values = append(values, 1234+uint64(len(values))<<32)
				}
			}
			p = p.Filled(values)
			subjects = append(subjects, subject{program: p, order: binary.LittleEndian})
		}
	}
	return subjects
}

// TestMutation edits programs that are right. A mutant that is called different must be so by a
// call that the simulator confirms. One that is called equal must agree on all combinations of
// boundary values, or where these are too many on the first of them.
func TestMutation(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	subjects := subjects(t)
	g := newGenerator(1)
	var refused, different, exhausted, cut int
	for i := 0; i < *mutants; {
		s := subjects[i%len(subjects)]
		mutant := g.mutant(s.program)
		if mutant.Check() != nil {
			refused++
			continue
		}
		if i++; i%2000 == 0 {
			t.Logf("%d of %d mutants", i, *mutants)
		}
		d, err := s.differ(mutant)
		if err != nil {
			t.Fatalf("mutant %d: %v\n%v", i, err, mutant)
		}
		if d != nil {
			different++
			a, b := s.eval(t, d.Call), mustRun(t, mutant, d.Call, s.order)
			if a == b || a != d.A || b != d.B {
				t.Fatalf("mutant %d: %+v is no difference: %v and %v\n%v", i, d, a, b, mutant)
			}
			continue
		}
		e := explorer{t: t, subject: s, mutant: mutant, left: 20_000}
		e.values = boundaries(s.program, mutant)
		if e.explore(0); e.left > 0 {
			exhausted++
		} else {
			cut++
		}
	}
	t.Logf("%d mutants: %d different, each confirmed; %d equal, by all boundary values; "+
		"%d equal, by as many as there was time for (and %d that Check refuses)",
		*mutants, different, exhausted, cut, refused)
	if different == 0 || exhausted == 0 {
		t.Error("one kind is missing: the test shows little")
	}
}

// explorer runs a subject and a mutant of it on every combination of boundary values that can
// matter: a word gets values only after one of the programs has read it with the values before.
type explorer struct {
	t       *testing.T
	subject subject
	mutant  asm.Program
	values  [asm.DataSize / 4][]uint32
	words   [asm.DataSize / 4]uint32
	left    int // how many runs there may be
}

// explore compares one run, and goes on with all values of one word that it has read and that is
// not fixed yet: fixed has one bit for each word.
func (e *explorer) explore(fixed int) {
	if e.left <= 0 {
		return
	}
	e.left--
	d := fromWords(e.words, e.subject.order)
	read := 0
	note := func(p asm.Program) func(asm.Step) {
		return func(s asm.Step) {
			if in := p[s.PC]; in.Op == asm.LdAbs {
				read |= 1 << (in.K / 4)
			}
		}
	}
	a, err := e.subject.program.Trace(asm.Data(d), e.subject.order, note(e.subject.program))
	if err != nil {
		e.t.Fatal(err)
	}
	b, err := e.mutant.Trace(asm.Data(d), e.subject.order, note(e.mutant))
	if err != nil {
		e.t.Fatal(err)
	}
	want := e.subject.eval(e.t, d)
	if policy.Action(a.Ret) != want || policy.Action(b.Ret) != want {
		e.t.Fatalf("called equal, but %+v gets %#x and %#x, want %v\n%v",
			d, a.Ret, b.Ret, want, e.mutant)
	}
	for w := range e.words {
		if read&^fixed>>w&1 == 0 {
			continue
		}
		for _, v := range e.values[w] {
			e.words[w] = v
			e.explore(fixed | 1<<w)
		}
		e.words[w] = 0
		return
	}
}

// boundaries returns, for each word, the values around the constants that the programs compare it
// with, and the single bits of their masks. A comparison is taken to be of the words
// that may have been loaded last on the way to it.
func boundaries(programs ...asm.Program) [asm.DataSize / 4][]uint32 {
	var values [asm.DataSize / 4][]uint32
	seen := map[[2]uint32]bool{}
	add := func(w uint32, candidates ...uint32) {
		for _, v := range candidates {
			if !seen[[2]uint32{w, v}] {
				seen[[2]uint32{w, v}] = true
				values[w] = append(values[w], v)
			}
		}
	}
	for w := range values {
		add(uint32(w), 0)
	}
	for _, p := range programs {
		held := loaded(p)
		for pc, in := range p {
			for w := range values {
				if held[pc]>>w&1 == 1 {
					add(uint32(w), around(in)...)
				}
			}
		}
	}
	return values
}

// loaded returns, for each instruction, the words from which A may come there, one bit for each.
func loaded(p asm.Program) []int {
	held := make([]int, len(p)+1)
	for pc, in := range p {
		switch in.Op {
		case asm.LdAbs:
			held[pc+1] |= 1 << (in.K / 4)
		case asm.Ja:
			held[pc+1+int(in.K)] |= held[pc]
		case asm.RetK, asm.RetA:
		case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
			held[pc+1+int(in.Jt)] |= held[pc]
			held[pc+1+int(in.Jf)] |= held[pc]
		default:
			held[pc+1] |= held[pc]
		}
	}
	return held
}

// around returns the values at which the instruction may change what becomes of A.
func around(in asm.Instruction) []uint32 {
	switch in.Op {
	case asm.JeqK, asm.JgtK, asm.JgeK:
		return []uint32{in.K - 1, in.K, in.K + 1}
	case asm.AndK, asm.JsetK:
		if in.K == 0xffffffff {
			return nil
		}
		values := []uint32{in.K, ^in.K}
		for bit := range 32 {
			if in.K>>bit&1 == 1 {
				values = append(values, 1<<bit)
			}
		}
		return values
	}
	return nil
}

// fromWords returns the call of which a program on a machine of the byte order sees these words.
func fromWords(words [asm.DataSize / 4]uint32, order binary.ByteOrder) policy.Data {
	wide := func(arg int) uint64 {
		hi, lo := words[asm.HighWord(arg, order)/4], words[asm.LowWord(arg, order)/4]
		return uint64(hi)<<32 | uint64(lo)
	}
	d := policy.Data{Nr: words[asm.OffNr/4], Arch: words[asm.OffArch/4], IP: wide(policy.IP)}
	for i := range d.Args {
		d.Args[i] = wide(i)
	}
	return d
}
