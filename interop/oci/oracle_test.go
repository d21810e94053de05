package oci

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

var profiles = flag.Int("profiles", 300, "how many random profiles are held against libseccomp")

// oracle is the installed libseccomp.
type oracle struct {
	in  io.Writer
	out *bufio.Reader
}

// startOracle builds the helper and starts it.
func startOracle(t *testing.T) *oracle {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "libseccomp")
	if out, err := exec.Command("gcc", "-o", exe, "testdata/libseccomp.c",
		"-lseccomp").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\nmake setup installs what is missing", err, out)
	}
	cmd := exec.Command(exe)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &oracle{in, bufio.NewReader(out)}
}

var libOps = map[Op]int{NotEqual: 1, Less: 2, LessEqual: 3, Equal: 4, GreaterEqual: 5, Greater: 6,
	MaskedEqual: 7}

var libArch = map[string]string{"x86_64": "x86_64", "i386": "x86", "x32": "x32"}

// filter returns what runc has libseccomp make of a profile for one ABI, nil where that fails.
func (o *oracle) filter(t *testing.T, p *Profile, abi *linux.ABI) asm.Program {
	t.Helper()
	w := bufio.NewWriter(o.in)
	fmt.Fprintf(w, "new %#x\nonly %s\n", uint32(p.Default), libArch[abi.Name])
	im := importer{}
	for i := range p.Entries {
		e := &p.Entries[i]
		if e.Action == p.Default {
			continue
		}
		for _, name := range e.Names {
			for _, tests := range im.alternatives(e) {
				fmt.Fprintf(w, "rule %#x %s", uint32(e.Action), name)
				for _, a := range tests {
					fmt.Fprintf(w, " %d %d %d %d", a.Index, libOps[a.Op], a.Value, a.Two)
				}
				fmt.Fprintln(w)
			}
		}
	}
	fmt.Fprintln(w, "end")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var length int64
	if err := binary.Read(o.out, binary.NativeEndian, &length); err != nil {
		t.Fatal(err)
	}
	if length < 0 {
		return nil
	}
	code := make([]byte, length)
	if _, err := io.ReadFull(o.out, code); err != nil {
		t.Fatal(err)
	}
	program, err := asm.Decode(code, binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// TestLibseccomp holds what Import makes of random profiles against the installed libseccomp: each
// is equal to its filter for every call, or refused. The filters are of one ABI each: of several in
// one filter some releases load the number for the first one alone.
func TestLibseccomp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	o := startOracle(t)
	x86, _ := linux.Lookup("x86_64")
	count := map[string]int{}
	for seed := range uint64(*profiles) {
		p := randomProfile(rand.New(rand.NewPCG(seed, 19)))
		abis := p.served(x86)
		fails := false
		want := map[*linux.ABI]asm.Program{}
		for _, abi := range abis {
			want[abi] = o.filter(t, p, abi)
			fails = fails || want[abi] == nil
		}
		got, err := p.Policy(Options{Host: x86, Engine: Crun, Exact: true})
		switch {
		case err != nil && fails:
			count["refused by both"]++
		case err != nil && !strings.Contains(err.Error(), "engine"):
			t.Errorf("seed %d: %v\n%s", seed, err, dump(p))
		case err != nil:
			count["refused here alone"]++
		case fails:
			t.Errorf("seed %d: libseccomp refuses this profile\n%s", seed, dump(p))
		default:
			count["equal"]++
			for abi, program := range want {
				if d := differ(t, abi, got.Text, program); d != nil {
					t.Errorf("seed %d: %s: policy %s, libseccomp %s\n%s\n%s", seed,
						explain.Call(d.Call, binary.LittleEndian), d.A, d.B, dump(p), got.Text)
				}
			}
		}
		if t.Failed() {
			break
		}
	}
	t.Logf("random profiles: %v", count)
	t.Logf("tried: 1 programs, %d profiles, 0 calls", count["equal"])
	if count["equal"] < *profiles/4 {
		t.Error("too few profiles were compared")
	}
}

// TestNeighbours holds profiles against libseccomp whose entries compare the same arguments of one
// call with few values: the default profiles of containers are made of such. One libseccomp crashes
// on some that are refused here, so that it is asked for the others alone.
func TestNeighbours(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	o := startOracle(t)
	x86 := hostX86()
	count := map[string]int{}
	for seed := range uint64(40 * *profiles) {
		p := neighbours(rand.New(rand.NewPCG(seed, 23)))
		s := proof.New(linux.Arches()...)
		got, err := p.function(s, Options{Host: x86, Engine: Crun})
		if err != nil {
			count["refused"]++
			continue
		}
		abis := p.served(x86)
		for _, abi := range abis {
			program := o.filter(t, p, abi)
			if program == nil {
				t.Fatalf("seed %d: libseccomp refuses this profile\n%s", seed, dump(p))
			}
			count[abi.Name]++
			if d := differOn(t, s, abi, got, program); d != nil {
				t.Fatalf("seed %d: %s: profile %s, libseccomp %s\n%s", seed,
					explain.Call(d.Call, binary.LittleEndian), d.A, d.B, dump(p))
			}
		}
	}
	t.Logf("profiles of neighbours: %v", count)
	t.Logf("tried: 1 programs, %d profiles, 0 calls", count["x86_64"])
	if count["x86_64"] < *profiles {
		t.Error("too few profiles were compared")
	}
}

// neighbours makes a profile of entries about one call with one or two conditions each.
func neighbours(r *rand.Rand) *Profile {
	p := &Profile{Default: policy.Errno | 1, NoFlags: true, Arches: []string{"SCMP_ARCH_X86"}}
	p.Entries = []Entry{{Line: 1, Names: []string{"uname"}, Action: policy.Errno | 9}}
	values := []uint64{0, 1, 9, 16, 38, 40}
	if r.IntN(3) == 0 {
		values = append(values, 1<<32, 1<<32+9, 1<<64-1)
	}
	indices := 3
	if r.IntN(2) == 0 {
		values, indices = values[:2], 2
	}
	actions := []policy.Action{policy.Allow, policy.Errno | 22}[:1+r.IntN(2)]
	for i := range 2 + r.IntN(3) {
		e := Entry{Line: i + 2, Names: []string{"prctl"}, Action: actions[r.IntN(len(actions))]}
		for _, index := range r.Perm(indices)[:1+r.IntN(2)] {
			a := Arg{Index: index, Op: Op(1 + r.IntN(7)), Value: values[r.IntN(len(values))]}
			if a.Op == MaskedEqual {
				a.Value, a.Two = a.Value|1, a.Value
			}
			e.Args = append(e.Args, a)
		}
		p.Entries = append(p.Entries, e)
	}
	return p
}

// differ returns a call of an ABI to which a policy and a program give different answers.
func differ(t *testing.T, abi *linux.ABI, text []byte, want asm.Program) *proof.Difference {
	t.Helper()
	res, diags := resolve.Text("test", text, resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	s := proof.New(linux.Arches()...)
	a, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return differOn(t, s, abi, a, want)
}

// differOn is differ for what has become a function.
func differOn(
	t *testing.T, s *proof.Space, abi *linux.ABI, a proof.Function, want asm.Program,
) *proof.Difference {
	t.Helper()
	b, err := s.Program(want, binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	calls := proof.Calls{Arch: abi.Arch}
	for _, n := range abi.Numbers() {
		calls.Numbers = append(calls.Numbers, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	if a, err = s.Within(a, calls); err != nil {
		t.Fatal(err)
	}
	if b, err = s.Within(b, calls); err != nil {
		t.Fatal(err)
	}
	d, err := s.Differ(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func dump(p *Profile) string {
	var out strings.Builder
	fmt.Fprintln(&out, p.Default, p.Arches)
	for _, e := range p.Entries {
		fmt.Fprintln(&out, e.Line, e.Action, e.Names, e.Args)
	}
	return out.String()
}

// randomProfile makes a profile whose entries meet each other: few calls, arguments and values.
func randomProfile(r *rand.Rand) *Profile {
	actions := []policy.Action{policy.Allow, policy.Errno | 1, policy.Errno | 2, policy.KillProcess,
		policy.Trap, policy.Log}
	names := []string{"prctl", "socket", "semop", "recv", "kill", "socketcall", "ipc", "shmget",
		"no_such_call"}
	p := &Profile{Default: actions[r.IntN(len(actions))], NoFlags: true}
	p.Arches = [][]string{nil, {"SCMP_ARCH_X86_64"}, {"SCMP_ARCH_X86"},
		{"SCMP_ARCH_X86", "SCMP_ARCH_X32"}}[r.IntN(4)]
	// Some releases forget to load the number where a call that has none of its own comes first.
	p.Entries = []Entry{{Line: 1, Names: []string{"uname"}, Action: policy.Errno | 9}}
	kinds := 1 + r.IntN(3)
	calls := 1 + r.IntN(len(names))
	for i := range 1 + r.IntN(7) {
		e := Entry{Line: i + 2, Action: actions[r.IntN(kinds)]}
		for range 1 + r.IntN(2) {
			e.Names = append(e.Names, names[r.IntN(calls)])
		}
		if r.IntN(5) > 0 {
			for range 1 + r.IntN(3) {
				e.Args = append(e.Args, randomArg(r))
			}
		}
		p.Entries = append(p.Entries, e)
	}
	return p
}

func randomArg(r *rand.Rand) Arg {
	values := []uint64{0, 1, 2, 3, 7, 30000, 1 << 31, 1<<32 - 1, 1 << 32, 1<<32 + 1, 1<<64 - 1}
	a := Arg{Index: r.IntN(4), Op: Op(1 + r.IntN(7)), Value: values[r.IntN(len(values))]}
	if a.Op == MaskedEqual {
		a.Value = []uint64{1, 6, 0xff, 0xffffffff, 1 << 33, 1<<64 - 1}[r.IntN(6)]
		a.Two = values[r.IntN(len(values))]
	}
	return a
}

// TestUnexact: of no random profile that is read with the widths of the kernel it is said that no
// policy says the same.
func TestUnexact(t *testing.T) {
	for seed := range uint64(short.Rounds(100)) {
		p := randomProfile(rand.New(rand.NewPCG(seed, 19)))
		for _, engine := range Engines() {
			_, err := p.Policy(Options{Host: hostX86(), Engine: Engine(engine)})
			if err != nil && strings.Contains(err.Error(), "no policy was found") {
				t.Fatalf("seed %d: %s: %v\n%s", seed, engine, err, dump(p))
			}
		}
	}
}
