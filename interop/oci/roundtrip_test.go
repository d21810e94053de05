package oci

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// TestRoundTrip: what is imported and exported again is the same profile to its engine, runc's own
// ENOSYS and where it begins included, but for multiplexers, which is listed.
func TestRoundTrip(t *testing.T) {
	count := map[string]int{}
	for seed := range uint64(short.Rounds(400)) {
		r := rand.New(rand.NewPCG(seed, 31))
		p := namely(r)
		if seed%2 == 0 {
			p = randomProfile(r)
			p.Default = []policy.Action{policy.Errno | 1, policy.KillProcess}[r.IntN(2)]
		}
		count[roundTrip(t, p)]++
		if t.Failed() {
			t.Fatalf("seed %d\n%s", seed, dump(p))
		}
	}
	t.Logf("profiles: %v", count)
	if count["equal"] < short.Rounds(400)/3 {
		t.Error("too few profiles come back")
	}
}

// namely makes a profile of names of all ages, for up to three ABIs.
func namely(r *rand.Rand) *Profile {
	x86, i386 := hostX86(), abiOf("i386")
	defaults := []policy.Action{policy.Errno | 1, policy.Errno | 1, policy.Errno | 38,
		policy.KillProcess, policy.KillThread, policy.Trap, policy.Allow, policy.Log,
		policy.Trace | 1}
	actions := append([]policy.Action{policy.Allow, policy.Errno | 38, policy.Errno | 2},
		defaults...)
	p := &Profile{Default: defaults[r.IntN(len(defaults))], NoFlags: true}
	p.Arches = [][]string{nil, {"SCMP_ARCH_X86"}, {"SCMP_ARCH_X86", "SCMP_ARCH_X32"},
		{"SCMP_ARCH_X32"}}[r.IntN(4)]
	most := []int{8, 60, 400}[r.IntN(3)]
	for i := range 1 + r.IntN(4) {
		e := Entry{Line: i + 1, Action: actions[r.IntN(len(actions))]}
		for range 1 + r.IntN(4) {
			all := x86.Syscalls()
			if r.IntN(3) == 0 {
				all = i386.Syscalls()
			}
			e.Names = append(e.Names, all[r.IntN(min(most, len(all)))].Name)
		}
		if r.IntN(3) == 0 {
			e.Args = []Arg{randomArg(r)}
		}
		p.Entries = append(p.Entries, e)
	}
	return p
}

func abiOf(name string) *linux.ABI { abi, _ := linux.Lookup(name); return abi }

// roundTrip imports and exports a profile, and says what came of it.
func roundTrip(t *testing.T, p *Profile) string {
	t.Helper()
	opts := Options{Host: hostX86(), Exact: true}
	text, err := p.Policy(opts)
	if err != nil {
		return "not imported"
	}
	res, diags := resolve.Text("policy", text.Text, resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	s := proof.New(linux.Arches()...)
	f, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	abis := p.served(opts.Host)
	out, err := Export(s, f, ExportOptions{ABIs: abis})
	if refused := new(interop.Refused); errors.As(err, &refused) {
		return "refused: " + err.Error()[strings.LastIndex(err.Error(), ": "):]
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	q, err := Read(out.Text, "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.function(s, opts)
	if err != nil {
		t.Fatal(err)
	}
	got, err := q.function(s, opts)
	if err != nil {
		t.Fatal(err)
	}
	return compare(t, s, want, got, out)
}

// compare reports the first difference that is not listed.
func compare(t *testing.T, s *proof.Space, want, got proof.Function, out *Exported) string {
	t.Helper()
	result := "equal"
	rows, err := s.Diff(want, got)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		abi := explain.ABIOf(r.Call)
		name, _ := abi.SyscallName(r.Call.Nr)
		listed := false
		for _, d := range out.Differences {
			listed = listed || d.mux && strings.Contains(d.Why, " "+name+" ")
		}
		if result = "equal but for a multiplexer"; !listed {
			t.Errorf("%s: %s, then %s\n%s", explain.Call(r.Call, binary.LittleEndian), r.A, r.B,
				out.Text)
			return ""
		}
	}
	return result
}

// TestRoundTripOfPolicies: the profiles of real policies come back as they were.
func TestRoundTripOfPolicies(t *testing.T) {
	back := 0
	for _, name := range []string{"docker-default", "go-service", "no-network", "openshell",
		"openshell-broker", "openshell-pr740", "openssh-preauth", "strict", "supervisor",
		"unix-sockets-only", "w-xor-x"} {
		out, err := exportFor(t, string(file(t, name)), ExportOptions{For: RuncTarget}, "x86_64")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := Read(out.Text, "")
		if err != nil {
			t.Fatal(err)
		}
		if came := roundTrip(t, p); came != "equal" {
			t.Errorf("%s: %s", name, came)
		}
		back++
	}
	t.Logf("tried: 1 programs, %d profiles, 0 calls", back)
}

// TestStubOfAnotherEngine: crun has no ENOSYS of its own. What runc's is about is written by name
// where all ABIs have it, else it is left to the default, and listed.
func TestStubOfAnotherEngine(t *testing.T) {
	for arches, want := range map[string]policy.Action{
		`"SCMP_ARCH_X86_64"`: policy.Errno | 38, `"SCMP_ARCH_X32"`: policy.Errno | 1,
	} {
		text := `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": [` + arches + `],
			"syscalls": [{"names": ["read", "statx", "writev"], "action": "SCMP_ACT_ALLOW"}]}`
		p, err := Read([]byte(text), "")
		if err != nil {
			t.Fatal(err)
		}
		s := proof.New(linux.Arches()...)
		f, err := p.function(s, Options{Host: hostX86(), Engine: Runc})
		if err != nil {
			t.Fatal(err)
		}
		abis := p.served(hostX86())
		out, err := Export(s, f, ExportOptions{ABIs: abis, For: CrunTarget})
		if err != nil {
			t.Fatal(err)
		}
		if got := answerOf(t, string(out.Text), "mseal"); got != want {
			t.Errorf("%s: mseal gets %v, want %v", arches, got, want)
		}
		listed := 0
		for _, d := range out.Differences {
			if strings.Contains(d.Why, "no other engine") {
				listed++
			}
		}
		if listed != len(abis) {
			t.Errorf("%s: %+v", arches, out.Differences)
		}
	}
}

// TestRoundTripOnHosts: on every host, with the ABIs that its kernel serves, a profile comes back
// as it was, also where it names "syscall" of MIPS's o32, about which the kernel asks no filter.
func TestRoundTripOnHosts(t *testing.T) {
	together := map[string][]string{"x86_64": {"i386", "x32"}, "aarch64": {"arm"},
		"s390x": {"s390"}, "mips64": {"mips", "mips64n32"}, "mips64el": {"mipsel", "mipsel64n32"}}
	for _, host := range linux.ABIs() {
		for _, target := range []Target{RuncTarget, CrunTarget} {
			p := &Profile{Default: policy.Errno | 1, Entries: []Entry{{
				Names:  []string{"read", "exit_group", "syscall", "mseal", "socket", "listns"},
				Action: policy.Allow}, {Names: []string{"kill"}, Action: policy.Allow,
				Args: []Arg{{Index: 1, Op: Equal, Value: 9}}}}}
			for _, name := range together[host.Name] {
				p.Arches = append(p.Arches, scmpArch(name))
			}
			onHost(t, p, host, target)
		}
	}
}

// onHost imports a profile, exports what comes of it, and compares the two.
func onHost(t *testing.T, p *Profile, host *linux.ABI, target Target) {
	t.Helper()
	opts := Options{Host: host, Engine: target.engine(), Exact: true}
	text, err := p.Policy(opts)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := resolve.Text("policy", text.Text, resolve.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	s := proof.New(linux.Arches()...)
	f, err := s.Policy(res.Policy)
	if err != nil {
		t.Fatal(err)
	}
	abis := p.served(host)
	out, err := Export(s, f, ExportOptions{ABIs: abis, For: target})
	if err != nil {
		t.Errorf("%s for %s: %v", target, host.Name, err)
		return
	}
	q, err := Read(out.Text, "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.function(s, opts)
	if err != nil {
		t.Fatal(err)
	}
	got, err := q.function(s, opts)
	if err != nil {
		t.Errorf("%s for %s: %v", target, host.Name, err)
		return
	}
	if result := compare(t, s, want, got, out); !strings.HasPrefix(result, "equal") {
		t.Errorf("%s for %s: %s", target, host.Name, result)
	}
}
