//go:build linux

package confirm

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// probe is a call and what must become of it under a filter.
type probe struct {
	call string // the name on the ABI that it is made in
	// in x86_64's order. int: the kernel reads its lower half alone; wide: all of it; page
	args []any
	want verdict
}

// wide is an argument that the kernel reads whole: a size, an address.
type wide uint64

// page is an argument: the address of a zeroed page.
type page struct{}

// garbage is what stands in the ignored halves of arguments.
const garbage = 0xdeadbeef << 32

// verdict is an errno with which the filter answers, or one of the three others.
type verdict int

const (
	allowed    verdict = -1 - iota // the answer is the kernel's own
	kills                          // the process dies of SIGSYS
	killThread                     // the thread dies, the process goes on
)

// entry is a way into the kernel.
type entry struct {
	prober string // the program
	way    string // "syscall" or "int80"
	abi    string // whose numbers it takes
}

// native is the test's own ABI.
func native(t *testing.T) entry {
	abi, ok := linux.Native()
	if !ok {
		t.Fatal("no system call table for this machine")
	}
	return entry{build(t, "prober", ""), "syscall", abi.Name}
}

// check makes the calls under the filter and compares. Calls that come back share a process; a call
// that kills has one for itself.
func (e entry) check(t *testing.T, filter asm.Program, probes []probe) {
	t.Helper()
	file := write(t, filter)
	var back []probe
	for _, p := range probes {
		if e.lacks(t, p) {
			continue
		}
		if p.want == kills || p.want == killThread {
			e.checkDeath(t, file, p)
		} else {
			back = append(back, p)
		}
	}
	for _, dirt := range e.dirt(t) {
		var lines []string
		for _, p := range back {
			lines = append(lines, e.line(t, p, dirt))
		}
		bare := e.errnos(t, lines)
		under := e.errnos(t, lines, file)
		for i, p := range back {
			if dirt != 0 && p.want == einval && bare[i] == syscall.EINVAL &&
				goruntime.GOARCH != "amd64" {
				continue // this kernel refuses the garbage, as ppc64's mmap does
			}
			if msg := judge(p.want, bare[i], under[i]); msg != "" {
				t.Errorf("%s%v, made as %q: %s", p.call, p.args, lines[i], msg)
			}
		}
	}
}

// lacks tells of a probe that is for other machines than this.
func (e entry) lacks(t *testing.T, p probe) bool {
	t.Helper()
	_, ok := e.table(t).Number(p.call) // it may be behind a multiplexer alone
	return goruntime.GOARCH != "amd64" && !ok
}

// dirt is what the ignored halves of arguments hold. A program of 32 bits has none.
func (e entry) dirt(t *testing.T) []uint64 {
	t.Helper()
	if e.way == "syscall" && e.table(t).Bits == 32 && goruntime.GOARCH != "amd64" {
		return []uint64{0}
	}
	return []uint64{0, garbage}
}

// judge compares a call's errno without and under the filter.
func judge(want verdict, bare, under syscall.Errno) string {
	switch {
	case want == allowed && under != bare:
		return fmt.Sprintf("errno %d (%v), want the kernel's own %d", under, under, bare)
	case want == allowed:
		return ""
	case under != syscall.Errno(want):
		return fmt.Sprintf("errno %d (%v), want %d", under, under, want)
	case bare == under:
		return fmt.Sprintf("this kernel answers errno %d without a filter as well, so nothing "+
			"is proved: "+
			"run the test as root and outside of a container", bare)
	}
	return ""
}

func (e entry) checkDeath(t *testing.T, file string, p probe) {
	t.Helper()
	for _, dirt := range e.dirt(t) {
		line := e.line(t, p, dirt)
		out, err := e.run(line, file)
		dead := strings.TrimSpace(out) == "dead" && err == nil
		if dead != (p.want == killThread) || killed(err) != (p.want == kills) {
			t.Errorf("%s%v, made as %q: %v, printed %q; want a death", p.call, p.args, line, err,
				out)
		}
	}
}

// killed reports whether a command was ended by a filter.
func killed(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == unix.SIGSYS
}

// errnos returns the answers of all calls, none of which may kill.
func (e entry) errnos(t *testing.T, lines []string, filter ...string) []syscall.Errno {
	t.Helper()
	out, err := e.run(strings.Join(lines, "\n"), filter...)
	answers := strings.Fields(out)
	if err != nil || len(answers) != len(lines) {
		t.Fatalf("prober, filter %q: %v\n%s", filter, err, out)
	}
	errnos := make([]syscall.Errno, len(answers))
	for i, a := range answers {
		n, err := strconv.Atoi(a)
		if err != nil {
			t.Fatalf("call %q, filter %q: %s", lines[i], filter, a)
		}
		errnos[i] = syscall.Errno(n)
	}
	return errnos
}

func (e entry) run(input string, filter ...string) (stdout string, err error) {
	var out, errs bytes.Buffer
	cmd := alone(exec.Command(e.prober, filter...))
	// A signal of Go's own would make calls on the confined thread.
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%w: %s", err, errs.String())
	}
	return out.String(), err
}

// covers demands that every call which the policy does not allow is among the probes, under each
// rule that names it: none of the policy's refusals stays untried on the kernel, but those of the
// calls in except.
func (e entry) covers(t *testing.T, res *compiler.Result, probes []probe, except ...string) {
	t.Helper()
	type refusal struct {
		rule int
		nr   uint32
	}
	abi := e.table(t)
	tried := map[refusal]bool{}
	for _, p := range probes {
		if e.lacks(t, p) {
			continue
		}
		d := e.data(t, p)
		if section := res.Policy.Find(d); section != nil {
			if r := section.Decide(d); r != nil {
				tried[refusal{r.Source, d.Nr}] = true
			}
		}
	}
	for _, section := range res.Policy.ABIs {
		if section.Name != e.abi {
			continue
		}
		for _, r := range section.Rules {
			for _, nr := range r.Numbers {
				name, _ := abi.SyscallName(nr)
				door := linux.MultiplexerMask(name) != 0 && goruntime.GOARCH != "amd64"
				if r.Action != policy.Allow && !tried[refusal{r.Source, nr}] && !door &&
					!slices.Contains(except, name) {
					t.Errorf("no probe of %s for the rule %q", name, res.Rules[r.Source].Text)
				}
			}
		}
	}
}

func (e entry) table(t *testing.T) *linux.ABI {
	t.Helper()
	abi, ok := linux.Lookup(e.abi)
	if !ok {
		t.Fatalf("no ABI %s", e.abi)
	}
	return abi
}

// data is the call as a filter sees it.
func (e entry) data(t *testing.T, p probe) policy.Data {
	t.Helper()
	d := policy.Data{Arch: e.table(t).Arch}
	var ok bool
	if d.Nr, ok = e.table(t).Number(p.call); !ok {
		t.Fatalf("no call %s on %s", p.call, e.abi)
	}
	for i, at := range e.positions(t, p) {
		switch a := p.args[i].(type) {
		case page:
			d.Args[at] = 1 << 20
		case wide:
			d.Args[at] = uint64(a)
		case int:
			d.Args[at] = uint64(uint32(a))
		default:
			t.Fatalf("%s: %T is no argument", p.call, a)
		}
	}
	return d
}

// positions returns where a call's arguments lie: where the ABI has the parameters of the names
// that they have on x86_64. A call that x86_64 has not, or with other names, has its own order.
func (e entry) positions(t *testing.T, p probe) []int {
	t.Helper()
	x86, _ := linux.Lookup("x86_64")
	named, _ := x86.Prototype(p.call)
	here, _ := e.table(t).Prototype(p.call)
	out := make([]int, len(p.args))
	byName := len(named) >= len(p.args)
	for i := range out {
		at := -1
		if byName {
			at = slices.IndexFunc(here, func(a linux.Arg) bool { return a.Name == named[i].Name })
		}
		byName = at >= 0
		out[i] = at
	}
	if !byName {
		for i := range out {
			out[i] = i
		}
	}
	return out
}

// line writes the call for prober, with dirt in the upper half of every argument whose upper half
// the kernel ignores.
func (e entry) line(t *testing.T, p probe, dirt uint64) string {
	t.Helper()
	d := e.data(t, p)
	fields := []string{e.way, fmt.Sprintf("%x", d.Nr), "0", "0", "0", "0", "0", "0"}
	last := 1
	for i, at := range e.positions(t, p) {
		last = max(last, 2+at)
		switch p.args[i].(type) {
		case page:
			fields[2+at] = "p"
		case wide:
			fields[2+at] = fmt.Sprintf("%x", d.Args[at])
		case int:
			fields[2+at] = fmt.Sprintf("%x", d.Args[at]|dirt)
		}
	}
	return strings.Join(fields[:last+1], " ")
}
