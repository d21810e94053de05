package peers

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// small returns a policy that allows read under the tests, and everything about a few other calls.
func small(tests ...neutral.Test) *neutral.Policy {
	return &neutral.Policy{
		Name: "small", ABIs: []string{"x86_64"}, Default: neutral.Denies(1),
		Rules: []neutral.Rule{
			{Call: "write", Action: policy.Allow},
			{Call: "close", Action: policy.Allow},
			{Nr: 400, Action: policy.Allow},
			{Call: "mount", Action: neutral.Denies(38)},
			{Call: "read", When: tests, Action: policy.Allow},
		},
	}
}

// Who says a test exactly: a mistake of a translation then shows as a difference.
const (
	everybody = "libseccomp gvisor go-seccomp-bpf seccompc"
	masks32   = "libseccomp gvisor seccompc" // an equality of 32 bits, by a mask
	twice     = "gvisor go-seccomp-bpf seccompc"
	only      = "seccompc"
)

func test(arg, width int, op neutral.Op, v uint64) neutral.Test {
	return neutral.Test{Arg: arg, Width: width, Op: op, Value: v}
}

func masked(width int, mask, v uint64) neutral.Test {
	return neutral.Test{Arg: 1, Width: width, Op: neutral.Masked, Mask: mask, Value: v}
}

var exact = []struct {
	name  string
	peers string
	tests []neutral.Test
}{
	{"no test", everybody, nil},
	{"equal, 64", everybody, []neutral.Test{test(2, 64, neutral.Eq, 1<<32+5)}},
	{"equal, 32", masks32, []neutral.Test{test(2, 32, neutral.Eq, 5)}},
	{"not equal, 64", everybody, []neutral.Test{test(2, 64, neutral.Ne, 5)}},
	{"not equal, 32", only, []neutral.Test{test(2, 32, neutral.Ne, 5)}},
	{"less", everybody, []neutral.Test{test(0, 64, neutral.Lt, 5<<32)}},
	{"less or equal", everybody, []neutral.Test{test(0, 64, neutral.Le, 5<<32+7)}},
	{"greater", everybody, []neutral.Test{test(0, 64, neutral.Gt, 5<<32+7)}},
	{"greater or equal", everybody, []neutral.Test{test(0, 64, neutral.Ge, 5<<32)}},
	{"bits clear", everybody, []neutral.Test{masked(32, 0xf0, 0)}},
	{"a field", everybody, []neutral.Test{masked(32, 0xf0, 0x50)}},
	{"a wide field", everybody, []neutral.Test{masked(64, 0xf<<30, 5<<30)}},
	{"two arguments", everybody, []neutral.Test{
		test(1, 64, neutral.Le, 4096), test(5, 64, neutral.Eq, 3),
	}},
	{"one argument twice", twice, []neutral.Test{
		test(1, 64, neutral.Ge, 10), test(1, 64, neutral.Le, 20),
	}},
}

func TestPeersSayWhatThePolicySays(t *testing.T) {
	for _, tt := range exact {
		for _, peer := range All() {
			family, _, _ := strings.Cut(peer.Name, "-O")
			if !strings.Contains(tt.peers, family) {
				continue
			}
			p := small(tt.tests...)
			filter, err := peer.Compile(p)
			if err != nil {
				t.Errorf("%s: %s: %v", tt.name, peer.Name, err)
				continue
			}
			compare(t, tt.name+": "+peer.Name, p, filter)
		}
	}
}

// compare runs all native numbers.
func compare(t *testing.T, name string, p *neutral.Policy, filter asm.Program) {
	t.Helper()
	if err := filter.Check(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	abi := neutral.ABIs["x86_64"]
	for nr := range uint32(450) {
		samples := p.Samples(abi, nr)
		for _, args := range append(samples, neutral.Soiled(samples)...) {
			d := policy.Data{Nr: nr, Arch: abi.Arch, Args: args}
			got, err := filter.Run(asm.Data(d), binary.LittleEndian)
			if err != nil || policy.Action(got.Ret) != p.Eval(d) {
				t.Errorf("%s: number %d %#x: %v, want %v (error %v)",
					name, nr, args, policy.Action(got.Ret), p.Eval(d), err)
				return
			}
		}
	}
}

func TestPeersRefuseWhatTheyCannotSay(t *testing.T) {
	three := small()
	three.ABIs = []string{"x86_64", "i386", "x32"}
	log := small()
	log.Rules[0].Action = policy.Log
	between := small(test(1, 64, neutral.Ge, 10), test(1, 64, neutral.Le, 20))
	errno := small()
	errno.Default = neutral.Denies(38)
	tests := []struct {
		peer   string
		policy *neutral.Policy
		want   string
	}{
		{"gvisor", three, "one ABI"},
		{"go-seccomp-bpf", three, "one ABI"},
		{"gvisor", log, "no action for log"},
		{"go-seccomp-bpf", errno, "default"},
		{"libseccomp-O1", between, "read: seccomp_rule_add_array: invalid argument"},
	}
	for _, tt := range tests {
		for _, peer := range All() {
			if peer.Name != tt.peer {
				continue
			}
			_, err := peer.Compile(tt.policy)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: error %v, want one with %q", tt.peer, err, tt.want)
			}
		}
	}
}

// Compile times come from compiling the same input again and again.
func TestCompileAgainGivesTheSame(t *testing.T) {
	for _, peer := range All() {
		compile, err := peer.Prepare(small(masked(32, 0xf0, 0x50), test(2, 64, neutral.Le, 1<<33)))
		if err != nil {
			t.Fatalf("%s: %v", peer.Name, err)
		}
		first, _, err := compile()
		if err != nil {
			t.Errorf("%s: %v", peer.Name, err)
		}
		for range 5 {
			if again, _, err := compile(); err != nil || !slices.Equal(first, again) {
				t.Errorf("%s: error %v, first\n%v\nagain\n%v", peer.Name, err, first, again)
			}
		}
	}
}

// libseccomp serves several ABIs in one filter; the number of a call is each ABI's own.
func TestLibseccompServesEachABI(t *testing.T) {
	p := small(test(0, 32, neutral.Eq, 3))
	p.Rules = append(p.Rules[:2:2], p.Rules[3:]...) // a number is not the same call everywhere
	p.ABIs = []string{"x86_64", "i386", "x32"}
	filter, err := buildFilter(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.ABIs {
		abi := neutral.ABIs[name]
		for _, call := range []string{"read", "write", "mount", "getpid"} {
			nr, _ := abi.Number(call)
			for fd := range uint64(5) {
				d := policy.Data{Nr: nr, Arch: abi.Arch, Args: neutral.Args{fd}}
				got, err := filter.Run(asm.Data(d), binary.LittleEndian)
				if err != nil || policy.Action(got.Ret) != p.Eval(d) {
					t.Errorf("%s of %s, fd %d: %v, want %v",
						call, name, fd, policy.Action(got.Ret), p.Eval(d))
				}
			}
		}
	}
}

// Only our compiler reads a text and proves its filters.
func TestOwnTimes(t *testing.T) {
	for _, peer := range All() {
		compile, err := peer.Prepare(small())
		if err != nil {
			t.Fatalf("%s: %v", peer.Name, err)
		}
		if _, took, err := compile(); err != nil || (took.Proof > 0) != (peer.Name == Ours) ||
			(took.Text > 0) != (peer.Name == Ours) {
			t.Errorf("%s: %v, error %v", peer.Name, took, err)
		}
	}
	broken := small()
	broken.Rules[0].Call = "nosuchcall"
	compile, err := seccompc(broken)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := compile(); err == nil || !strings.Contains(err.Error(), "nosuchcall") {
		t.Errorf("an unknown call: error %v", err)
	}
}
