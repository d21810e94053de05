//go:build linux

package compiler

import (
	"encoding/binary"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// dockerHost is a machine that Docker runs on: its name in the profile's lists, and the ABIs that
// its filter serves (the profile's archMap).
type dockerHost struct {
	name string
	abis []string
}

var dockerHosts = []dockerHost{
	{"amd64", []string{"x86_64", "i386", "x32"}},
	{"arm64", []string{"aarch64", "arm"}},
	{"riscv64", []string{"riscv64"}},
}

// dockerNarrow are the calls whose verdict may differ when the upper half of the first argument is
// not zero: the profile compares 64 bits of an argument of which the kernel reads 32.
var dockerNarrow = []string{"personality", "socket"}

// The profile of the Go module, read by an evaluator of its own, and our policy agree on every
// number of every ABI, with the deciding argument at each of the profile's limits.
func TestDockerDefault(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const file = "../testdata/policies/docker-default.scp"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := Compile(file, src, Options{})
	if res == nil {
		t.Fatal(diags)
	}
	differ := map[string]bool{}
	for _, host := range dockerHosts {
		for _, name := range host.abis {
			d := dockerOracle{host: host.name, entries: host.entries(), abi: lookupABI(t, name)}
			d.compare(t, res, differ)
		}
	}
	if got := slices.Sorted(maps.Keys(differ)); !slices.Equal(got, dockerNarrow) {
		t.Errorf("calls judged otherwise because of upper halves: %q, want %q", got, dockerNarrow)
	}
}

func lookupABI(t *testing.T, name string) *linux.ABI {
	t.Helper()
	abi, ok := linux.Lookup(name)
	if !ok {
		t.Fatalf("no ABI %s", name)
	}
	return abi
}

// entries returns the profile's rules that hold on the host for a container without capabilities,
// on a kernel that is new enough for all of them.
func (h dockerHost) entries() []specs.LinuxSyscall {
	var all []specs.LinuxSyscall
	for _, s := range seccomp.DefaultProfile().Syscalls {
		if in := s.Includes; in != nil {
			if len(in.Caps) > 0 || len(in.Arches) > 0 && !slices.Contains(in.Arches, h.name) {
				continue
			}
		}
		if ex := s.Excludes; ex != nil {
			if ex.MinKernel != nil || slices.Contains(ex.Arches, h.name) {
				continue
			}
		}
		all = append(all, s.LinuxSyscall)
	}
	return all
}

// dockerOracle is the profile on one host, for calls of one ABI.
type dockerOracle struct {
	host    string
	entries []specs.LinuxSyscall
	abi     *linux.ABI
}

// compare asks profile, policy and program about every number that an ABI might use, and some
// beyond.
func (o dockerOracle) compare(t *testing.T, res *Result, differ map[string]bool) {
	t.Helper()
	byNr := map[uint32][]specs.LinuxSyscall{}
	for _, e := range o.entries {
		for _, name := range e.Names {
			if nr, ok := o.abi.Number(name); ok {
				e.Names = []string{name}
				byNr[nr] = append(byNr[nr], e)
			}
		}
	}
	base := o.abi.Numbers()[0].Lo
	var numbers []uint32
	for nr := base; nr < base+1024; nr++ {
		numbers = append(numbers, nr)
	}
	for nr := uint32(0xf0000); nr < 0xf0010; nr++ { // ARM's private calls
		numbers = append(numbers, base+nr)
	}
	for _, nr := range numbers {
		for _, args := range dockerArgs(byNr[nr]) {
			d := policy.Data{Nr: nr, Arch: o.abi.Arch, Args: args}
			if !o.judge(t, res, byNr[nr], d, differ) {
				break // one example is enough
			}
		}
	}
}

func (o dockerOracle) judge(t *testing.T, res *Result, rules []specs.LinuxSyscall, d policy.Data,
	differ map[string]bool) bool {
	t.Helper()
	want := o.verdict(t, rules, d.Args)
	narrow := d.Args
	if len(rules) > 0 && slices.Contains(dockerNarrow, rules[0].Names[0]) {
		narrow[0] &= 0xffffffff
	}
	if read := o.verdict(t, rules, narrow); read != want {
		differ[rules[0].Names[0]] = true
		want = read
	}
	run, err := res.Program.Run(asm.Data(d), binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	if eval := res.Policy.Eval(d); eval != want || policy.Action(run.Ret) != want {
		name, _ := o.abi.SyscallName(d.Nr)
		t.Errorf("%s on %s: number %d (%s), args %#x: the policy says %v, the program %v, the "+
			"profile %v",
			o.abi.Name, o.host, d.Nr, name, d.Args, eval, policy.Action(run.Ret), want)
		return false
	}
	return true
}

// verdict is what libseccomp makes of the rules for one number: one whose conditions all hold
// decides, and the profile has no two that would decide differently.
func (o dockerOracle) verdict(t *testing.T, rules []specs.LinuxSyscall,
	args [6]uint64) policy.Action {
	t.Helper()
	verdicts := map[policy.Action]bool{}
	for _, r := range rules {
		if !slices.ContainsFunc(r.Args,
			func(a specs.LinuxSeccompArg) bool { return !o.holds(t, a, args) }) {
			verdicts[dockerAction(t, r)] = true
		}
	}
	if len(verdicts) > 1 {
		t.Fatalf("the profile contradicts itself: %v", rules)
	}
	for v := range verdicts {
		return v
	}
	return policy.Errno | 1
}

// holds compares as libseccomp does: 64 bits on a 64-bit ABI, the lower 32 on the others and on
// x32.
func (o dockerOracle) holds(t *testing.T, c specs.LinuxSeccompArg, args [6]uint64) bool {
	t.Helper()
	x := args[c.Index]
	if o.abi.Bits == 32 || o.abi.Name == "x32" {
		x &= 0xffffffff
	}
	switch c.Op {
	case specs.OpEqualTo:
		return x == c.Value
	case specs.OpLessThan:
		return x < c.Value
	case specs.OpMaskedEqual:
		return x&c.Value == c.ValueTwo
	}
	t.Fatalf("operator %s has come into the profile", c.Op)
	return false
}

func dockerAction(t *testing.T, r specs.LinuxSyscall) policy.Action {
	t.Helper()
	switch r.Action {
	case specs.ActAllow:
		return policy.Allow
	case specs.ActErrno:
		return policy.Errno | policy.Action(*r.ErrnoRet)
	}
	t.Fatalf("action %s has come into the profile", r.Action)
	return 0
}

// dockerArgs returns arguments at the limits of the rules: each constant, its neighbours, it with
// one bit changed and each bit alone, with nothing and with something in the upper half.
func dockerArgs(rules []specs.LinuxSyscall) [][6]uint64 {
	list := [][6]uint64{{}, {1, 1, 1, 1, 1, 1}, {1 << 63, 1 << 63, 1 << 63},
		{^uint64(0), ^uint64(0)}}
	seen := map[[6]uint64]bool{}
	for _, r := range rules {
		for _, c := range r.Args {
			values := []uint64{c.Value - 1, c.Value, c.Value + 1, ^c.Value}
			for bit := range 64 {
				values = append(values, 1<<bit, c.Value^1<<bit)
			}
			for _, v := range values {
				for _, upper := range []uint64{0, 1 << 32, 0xffffffff << 32} {
					var args [6]uint64
					args[c.Index] = v | upper
					if !seen[args] {
						seen[args] = true
						list = append(list, args)
					}
				}
			}
		}
	}
	return list
}
