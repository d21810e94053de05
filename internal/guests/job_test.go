//go:build linux

package guests

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/guests/job"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// jobFor writes the job of a guest: numbers, registers and answers as the tables have them.
func jobFor(t *testing.T, g guest) *job.Job {
	t.Helper()
	abi, _ := linux.Lookup(g.abi)
	prctl, _ := abi.Number("prctl")
	seccomp, _ := abi.Number("seccomp")
	j := &job.Job{Prctl: prctl, Seccomp: seccomp, Holes: holes(abi), Facts: facts(t, abi)}
	enosys, _ := abi.Constant("ENOSYS")
	for _, c := range enosys.ExactString() {
		j.ENOSYS = 10*j.ENOSYS + uint64(c-'0')
	}
	files, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d policies, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := decisions(t, abi, filepath.Base(file), text); ok {
			j.Decide = append(j.Decide, d)
		}
	}
	if len(j.Decide) < 5 {
		t.Fatalf("only %d policies compile for %s", len(j.Decide), abi.Name)
	}
	j.Decide = append(j.Decide, layout(abi))
	j.Doors = doors(t, g, abi)
	switch j.Tests = tests; {
	case g.goarch == "386":
		j.Tests = append(slices.Clip(tests), eachCall)
	case abi.Bits == 64:
		j.Tests = append(slices.Clip(tests), probes)
	}
	return j
}

// tests are the tests of this project that ask the kernel. Those that are left out take minutes in
// an emulated machine.
var tests = []job.Test{
	{Dir: "runtime",
		Args: []string{"-test.skip", "Storm|Many|Spinning|Reaper|EachCall|Outer|Killed"}},
	{Dir: "runtime/notify", Args: []string{"-test.run", "^Test"}}, // an example starts sync(1)
	{Dir: "asm", Args: []string{"-test.run", "Kernel", "-kernel.programs=300"},
		Files: []string{"asm/doc.go"}},
}

// eachCall is a test of package runtime that takes minutes and is written for x86.
var eachCall = job.Test{Dir: "runtime", Args: []string{"-test.run", "EachCall"}}

// probes are the tests of internal/confirm that ask about policies. Machines of 32 bits have other
// calls than those that the policies are about.
var probes = job.Test{Dir: "internal/confirm", Programs: []string{"prober"},
	Args: []string{"-programs=.", "-test.run",
		"OpenShell|Sup|Docker|WXorX|OpenSSH|Strict|GoS|Sockets|Network|Once"},
	Files: []string{"testdata/policies/*.scp"}}

// compile returns what a policy is on one ABI, or nil where it is not for it.
func compile(abi *linux.ABI, name string, text []byte) *compiler.Result {
	r, diags := compiler.Compile(name, text, compiler.Options{ABIs: []string{abi.Name}})
	if diags.HasErrors() || len(r.Policy.Late) > 0 {
		return nil
	}
	return r
}

// perPolicy is how many calls are decided by each policy.
const perPolicy = 600

// decisions makes a filter of a policy that answers each call with an errno for the action.
func decisions(t *testing.T, abi *linux.ABI, name string, text []byte) (job.Decide, bool) {
	t.Helper()
	r := compile(abi, name, text)
	if r == nil {
		return job.Decide{}, false
	}
	errnos := map[uint32]uint16{}
	filter := append(asm.Program(nil), r.Program...)
	var values []uint64
	for i, in := range filter {
		if in.Op == 0x06 { // RET K
			if errnos[in.K] == 0 {
				errnos[in.K] = uint16(len(errnos) + 1)
			}
			filter[i].K = uint32(policy.Errno) | uint32(errnos[in.K])
			continue
		}
		values = append(values, uint64(in.K), uint64(in.K)+1, uint64(in.K)-1)
	}
	d := job.Decide{Name: name, Filter: filter.Encode(abi.ByteOrder())}
	source := rand.New(rand.NewPCG(7, uint64(len(text))))
	table := abi.Syscalls()
	for range perPolicy {
		s := table[source.IntN(len(table))]
		if abi.Exempt(s.Name) || s.Nr >= 0xf0000 {
			continue // ARM's private calls are not all made by the table
		}
		c := job.Call{Nr: s.Nr}
		for i := range c.Args {
			c.Args[i] = values[source.IntN(len(values))]
			switch {
			case abi.Bits == 32:
				c.Args[i] &= 0xffffffff
			case source.IntN(4) == 0:
				c.Args[i] |= source.Uint64() << 32
			}
		}
		action := r.Policy.Eval(policy.Data{Nr: c.Nr, Arch: abi.Arch, Args: c.Args})
		want := errnos[uint32(action)]
		if want == 0 {
			t.Fatalf("%s %s: no instruction returns %v", abi.Name, name, action)
		}
		d.Calls, d.Want = append(d.Calls, c), append(d.Want, want)
	}
	return d, true
}

// holes returns the numbers up to the end of the table, and some beyond, that are no calls.
func holes(abi *linux.ABI) []uint32 {
	known := abi.Known()
	first, last := known[0].Lo, known[0].Hi
	for _, r := range known {
		if r.Hi < 0xf0000 {
			last = max(last, r.Hi)
		}
	}
	var out []uint32
	for nr := first; nr <= last+40; nr++ {
		if _, ok := abi.SyscallName(nr); !ok && abi.Owns(nr) && !abi.Unseen(nr) {
			out = append(out, nr)
		}
	}
	return out
}

// place puts values into the registers where the tables say that the parameters of a call lie.
func place(t *testing.T, abi *linux.ABI, name string, values map[string]uint64) job.Call {
	t.Helper()
	nr, ok := abi.Number(name)
	params, known := abi.Prototype(name)
	if !ok || !known {
		t.Fatalf("%s has no %s", abi.Name, name)
	}
	c := job.Call{Nr: nr}
	at := func(name string) int {
		for i, p := range params {
			if p.Width > 0 && (p.Name == name || slices.Contains(p.Aliases, name)) {
				return i
			}
		}
		return -1
	}
	for name, v := range values {
		if i := at(name); i >= 0 {
			c.Args[i] = v
			continue
		}
		lo, hi := at(name+"_lo"), at(name+"_hi")
		if lo < 0 || hi < 0 {
			t.Fatalf("%s %s has no %s", abi.Name, params, name)
		}
		c.Args[lo], c.Args[hi] = v&0xffffffff, v>>32
	}
	return c
}
