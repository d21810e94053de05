package oci

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// TestAlgebraOfRandom holds the algebra of random profiles against the evaluator, call by call.
// What is strict, and whose data counts, is written here once more.
func TestAlgebraOfRandom(t *testing.T) {
	count := map[string]int{}
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 47))
		a := algebraic(r)
		b := algebraic(r)
		if r.IntN(3) == 0 { // one that differs in one place
			again := *a
			b = &again
			b.Entries = slices.Clone(a.Entries)
			b.Entries[r.IntN(len(b.Entries))] = algebraic(r).Entries[0]
		}
		if r.IntN(4) > 0 {
			b.Arches = a.Arches
		}
		algebra(t, r, a, b, count)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s\n%s", seed, dump(a), dump(b))
		}
	}
	t.Logf("pairs: %v", count)
	for _, name := range []string{"subset", "no subset", "intersection", "union"} {
		if count[name] < 1500/8 {
			t.Errorf("%s: only %d", name, count[name])
		}
	}
}

// algebraic makes a profile of few calls, with conditions.
func algebraic(r *rand.Rand) *Profile {
	p := namely(r)
	if r.IntN(2) == 0 {
		p = neighbours(r)
	}
	if r.IntN(4) == 0 {
		p = randomProfile(r)
	}
	p.Arches = [][]string{nil, {"SCMP_ARCH_X86"}, {"SCMP_ARCH_X86", "SCMP_ARCH_X32"}}[r.IntN(3)]
	return p
}

// textOf writes a profile.
func textOf(p *Profile) []byte {
	names := map[Op]string{}
	for name, op := range opNames {
		names[op] = name
	}
	action, data, _ := actionText(p.Default)
	out := written{DefaultAction: action, DefaultErrnoRet: data, Architectures: p.Arches}
	for _, e := range p.Entries {
		own := writtenEntry{Names: e.Names}
		own.Action, own.ErrnoRet, _ = actionText(e.Action)
		for _, a := range e.Args {
			own.Args = append(own.Args, writtenArg{a.Index, a.Value, a.Two, names[a.Op]})
		}
		out.Syscalls = append(out.Syscalls, own)
	}
	text, _ := json.Marshal(out)
	return text
}

// answers is a profile as its engine reads it, for the evaluator.
func answers(t *testing.T, text []byte) (p *policy.Policy, abis []*linux.ABI) {
	t.Helper()
	profile, err := Read(text, "")
	if err != nil {
		t.Fatal(err)
	}
	im, err := newImporter(profile,
		Options{Host: hostX86(), Engine: Crun, Exact: true, FixCaps: true})
	if err != nil {
		return nil, nil
	}
	im.whole = true
	model, err := im.model(nil)
	if err != nil {
		return nil, nil // what the engine makes of it is not known
	}
	return model, im.abis
}

// algebra asks the same of two profiles and of the evaluator.
func algebra(t *testing.T, r *rand.Rand, a, b *Profile, count map[string]int) {
	t.Helper()
	opts := Options{Host: hostX86(), Engine: Crun}
	textA, textB := textOf(a), textOf(b)
	x, abisX := answers(t, textA)
	y, abisY := answers(t, textB)
	less, err := Subset(textA, textB, opts)
	if x == nil || y == nil {
		if count["refused"]++; err == nil {
			t.Error("Subset knows what no engine is known to do")
		}
		return
	}
	both, errBoth := Intersect(textA, textB, opts)
	either, errEither := Union(textA, textB, opts)
	var all, any *policy.Policy
	if errBoth == nil {
		count["intersection"]++
		all, _ = answers(t, both)
	}
	if errEither == nil {
		count["union"]++
		any, _ = answers(t, either)
	}
	if less != nil {
		count["no subset"]++
		if f, g := x.Eval(less.Call), y.Eval(less.Call); reach(f) >= reach(g) || f != less.A ||
			g != less.B {
			t.Errorf("Subset: %+v: %v, %v", less, f, g)
		}
	} else if count["subset"]++; err != nil {
		t.Error(err)
	}
	for range 300 {
		d := someCall(r, a, b)
		f, g := x.Eval(d), y.Eval(d)
		if less == nil && reach(g) > reach(f) {
			t.Errorf("Subset is wrong: %+v: %v, %v", d, f, g)
		}
		if all != nil && servedBy(d, abisX) && servedBy(d, abisY) {
			if want := stricter(f, g); all.Eval(d) != want {
				t.Errorf("Intersect: %+v: %v, want %v", d, all.Eval(d), want)
			}
		} else if all != nil && reach(all.Eval(d)) > reach(stricter(f, g)) {
			t.Errorf("Intersect grants %+v", d)
		}
		if any != nil {
			if want := laxest(f, g); any.Eval(d) != want {
				t.Errorf("Union: %+v: %v, want %v", d, any.Eval(d), want)
			}
		}
	}
}

func servedBy(d policy.Data, abis []*linux.ABI) bool {
	return slices.ContainsFunc(abis, func(abi *linux.ABI) bool {
		return abi.Arch == d.Arch && abi.Owns(d.Nr)
	})
}

// reach is how far a call gets: seccomp(2) lists the actions in this order.
func reach(a policy.Action) int {
	return slices.Index([]policy.Action{policy.KillProcess, policy.KillThread, policy.Trap,
		policy.Errno, policy.Notify, policy.Trace, policy.Log, policy.Allow}, a.Kind())
}

func stricter(a, b policy.Action) policy.Action {
	if reach(a) < reach(b) {
		return a
	}
	return b
}

func laxest(a, b policy.Action) policy.Action {
	if reach(b) > reach(a) {
		return b
	}
	return a
}

// someCall makes a call that two profiles may speak of.
func someCall(r *rand.Rand, a, b *Profile) policy.Data {
	abi := abiOf([]string{"x86_64", "x86_64", "i386", "x32"}[r.IntN(4)])
	entries := slices.Concat(a.Entries, b.Entries)
	e := entries[r.IntN(len(entries))]
	nr, ok := uint32(0), false
	if len(e.Names) > 0 {
		nr, ok = abi.Number(e.Names[r.IntN(len(e.Names))])
	}
	if !ok || r.IntN(8) == 0 {
		nr = []uint32{0, 102, 117, 337, 500, 0x40000000 | 337, 0x40000000, 0xffffffff}[r.IntN(8)]
	}
	d := policy.Data{Arch: abi.Arch, Nr: nr}
	some := []uint64{0, 1, 2, 9, 16, 38, 40, 30000, 1 << 31, 1<<32 - 1, 1 << 32, 1<<32 + 1,
		1<<64 - 1}
	for i := range d.Args {
		d.Args[i] = some[r.IntN(len(some))]
	}
	for _, arg := range e.Args {
		if r.IntN(4) > 0 {
			d.Args[arg.Index] = []uint64{arg.Value, arg.Two, arg.Value + 1,
				arg.Value - 1}[r.IntN(4)]
		}
	}
	return d
}
