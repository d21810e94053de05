package peers

import (
	"encoding/binary"
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

// exact lists what each compiler says exactly, so that a mistake of a translation shows as a difference.
var exact = []struct {
	name  string
	tests []neutral.Test
	peers string
}{
	{"no test", nil, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"equal, 64", []neutral.Test{{Arg: 2, Width: 64, Op: neutral.Eq, Value: 1<<32 + 5}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"equal, 32", []neutral.Test{{Arg: 2, Width: 32, Op: neutral.Eq, Value: 5}}, "libseccomp gvisor seccompc"},
	{"not equal, 64", []neutral.Test{{Arg: 2, Width: 64, Op: neutral.Ne, Value: 5}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"not equal, 32", []neutral.Test{{Arg: 2, Width: 32, Op: neutral.Ne, Value: 5}}, "seccompc"},
	{"less", []neutral.Test{{Arg: 0, Width: 64, Op: neutral.Lt, Value: 5 << 32}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"less or equal", []neutral.Test{{Arg: 0, Width: 64, Op: neutral.Le, Value: 5<<32 + 7}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"greater", []neutral.Test{{Arg: 0, Width: 64, Op: neutral.Gt, Value: 5<<32 + 7}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"greater or equal", []neutral.Test{{Arg: 0, Width: 64, Op: neutral.Ge, Value: 5 << 32}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"bits clear", []neutral.Test{{Arg: 1, Width: 32, Op: neutral.Masked, Mask: 0xf0}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"a field", []neutral.Test{{Arg: 1, Width: 32, Op: neutral.Masked, Mask: 0xf0, Value: 0x50}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"a wide field", []neutral.Test{{Arg: 1, Width: 64, Op: neutral.Masked, Mask: 0xf << 30, Value: 5 << 30}}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"two arguments", []neutral.Test{
		{Arg: 1, Width: 64, Op: neutral.Le, Value: 4096}, {Arg: 5, Width: 64, Op: neutral.Eq, Value: 3},
	}, "libseccomp gvisor go-seccomp-bpf seccompc"},
	{"one argument twice", []neutral.Test{
		{Arg: 1, Width: 64, Op: neutral.Ge, Value: 10}, {Arg: 1, Width: 64, Op: neutral.Le, Value: 20},
	}, "gvisor go-seccomp-bpf seccompc"},
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
	twice := small(neutral.Test{Arg: 1, Width: 64, Op: neutral.Ge, Value: 10},
		neutral.Test{Arg: 1, Width: 64, Op: neutral.Le, Value: 20})
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
		{"libseccomp-O1", twice, "read: seccomp_rule_add_array: invalid argument"},
	}
	for _, tt := range tests {
		for _, peer := range All() {
			if peer.Name != tt.peer {
				continue
			}
			if _, err := peer.Compile(tt.policy); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: error %v, want one with %q", tt.peer, err, tt.want)
			}
		}
	}
}

// libseccomp serves several ABIs in one filter; the number of a call is each ABI's own.
func TestLibseccompServesEachABI(t *testing.T) {
	p := small(neutral.Test{Arg: 0, Width: 32, Op: neutral.Eq, Value: 3})
	p.Rules = append(p.Rules[:2:2], p.Rules[3:]...) // a number is not the same call everywhere
	p.ABIs = []string{"x86_64", "i386", "x32"}
	filter, err := libseccomp(1)(p)
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
					t.Errorf("%s of %s, fd %d: %v, want %v", call, name, fd, policy.Action(got.Ret), p.Eval(d))
				}
			}
		}
	}
}

func TestProofTime(t *testing.T) {
	if took, err := ProofTime(small()); err != nil || took <= 0 {
		t.Errorf("%v, error %v", took, err)
	}
	broken := small()
	broken.Rules[0].Call = "nosuchcall"
	if _, err := ProofTime(broken); err == nil || !strings.Contains(err.Error(), "nosuchcall") {
		t.Errorf("an unknown call: error %v", err)
	}
}
