// Package seccompiler reads the JSON of rust-vmm's seccompiler and of Firecracker.
package seccompiler

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/tree"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Engine is what compiles the file: rust-vmm's own compiler, or Firecracker's present one, which
// goes by libseccomp.
type Engine string

// The engines.
const (
	RustVMM     Engine = "rust-vmm"
	Firecracker Engine = "firecracker"
)

// Options say how a file is read.
type Options struct {
	Source string     // the file's name; without ABI, it begins with that
	ABI    *linux.ABI // nil: that of the name, or of the running program
	Thread string     // the filter that is meant, if there are several
	Engine Engine     // "": by the names of the keys, mismatch_action or default_action
	Exact  bool       // compare as many bits as the engine
}

// Policy is a filter as a policy.
type Policy struct {
	Text     []byte
	Warnings interop.Warnings
}

// Import returns the policy that one filter of a file is, proved equal to what the engine makes of
// it.
func Import(text []byte, opts Options) (*Policy, error) {
	im := &importer{opts: opts, repairs: map[string]int{}, names: map[uint32]map[uint64]string{}}
	if err := im.chooseABI(); err != nil {
		return nil, err
	}
	t, err := im.choose(text)
	if err != nil {
		return nil, err
	}
	if im.opts.Engine == "" {
		im.opts.Engine = RustVMM
		if t.newer {
			im.opts.Engine = Firecracker
		}
	}
	f, err := im.filter(t)
	if err != nil {
		return nil, err
	}
	return im.write(t, f)
}

// importer is the state of [Import].
type importer struct {
	opts     Options
	abi      *linux.ABI
	warnings interop.Warnings
	repairs  map[string]int
	// what comments call the values that a call is compared with
	names map[uint32]map[uint64]string
}

func (im *importer) warn(line int, format string, args ...any) {
	im.warnings.Add(line, format, args...)
}

// chooseABI takes the ABI that the file's name begins with, such as x86_64-unknown-linux-musl.json.
func (im *importer) chooseABI() error {
	im.abi = im.opts.ABI
	name := path.Base(im.opts.Source)
	for _, abi := range linux.ABIs() {
		if im.abi == nil && (strings.HasPrefix(name, abi.Name+"-") || strings.HasPrefix(name,
			abi.Name+".")) {
			im.abi = abi
		}
	}
	if im.abi == nil {
		im.abi, _ = linux.Native()
	}
	if im.abi == nil {
		return errors.New("the tables do not have this machine's ABI: choose one by --arch")
	}
	return nil
}

// mismatch is what callers of other ABIs get.
func (im *importer) mismatch() policy.Action {
	if im.opts.Engine == Firecracker {
		return policy.KillThread
	}
	return policy.KillProcess
}

// filter makes the filter of a thread.
func (im *importer) filter(t *thread) (*interop.Filter, error) {
	f := &interop.Filter{ABI: im.abi, Default: t.rest, Mismatch: im.mismatch()}
	conditional, always := map[uint32]int{}, map[uint32]int{}
	for i := range t.rules {
		r := &t.rules[i]
		nr, ok := im.abi.Number(r.call)
		switch {
		case !ok && (im.opts.Engine == RustVMM || !linux.HasSyscall(r.call)):
			return nil, tree.Errorf(r.line, "%s has no system call %s: the compiler refuses the "+
				"file", im.abi.Name,
				show(r.call))
		case !ok:
			im.warn(r.line, "%s has no %s; left out", im.abi.Name, r.call)
			continue
		}
		if err := im.check(r); err != nil {
			return nil, err
		}
		if len(r.args) > 0 {
			conditional[nr] = r.line
		} else if always[nr] == 0 {
			always[nr] = r.line
		}
	}
	if err := im.modelled(t); err != nil {
		return nil, err
	}
	var lost []*rule
	for i := range t.rules {
		r := &t.rules[i]
		nr, ok := im.abi.Number(r.call)
		switch {
		case !ok:
			continue
		case conditional[nr] > 0 && always[nr] > 0 && im.loses(r):
			lost = append(lost, r)
			continue
		}
		if e, ever := im.entry(nr, r, t.matching); ever {
			f.Entries = append(f.Entries, e)
		} else {
			im.warn(r.line, "%s: the conditions never hold", r.call)
		}
	}
	im.filterWarnings(f, t, lost, conditional)
	for _, d := range f.DropDead() {
		im.warn(d.Line, "%s", d.Why)
	}
	return f, nil
}

// loses reports whether a rule has no effect beside others of its call: where one has conditions
// and another has none, rust-vmm's compiler goes by the conditions, and libseccomp does not.
func (im *importer) loses(r *rule) bool {
	return (im.opts.Engine == RustVMM) == (len(r.args) == 0)
}

// filterWarnings tells of rules that have no effect and of conditions that do not say what they
// seem to, each with a call and what the filter gives it.
func (im *importer) filterWarnings(f *interop.Filter, t *thread, lost []*rule,
	conditional map[uint32]int) {
	for _, r := range lost {
		nr, _ := im.abi.Number(r.call)
		if im.opts.Engine == RustVMM {
			var others policy.Or
			for _, e := range f.Entries {
				if e.Nr == nr {
					others = append(others, e.Cond)
				}
			}
			im.warn(r.line, "%s: the rule without conditions has no effect: the compiler goes by "+
				"those with conditions, as in line %d%s", r.call, conditional[nr],
				f.Such(nr, policy.Not{X: others}))
			continue
		}
		var cond policy.And
		for _, c := range r.args {
			cond = append(cond, im.test(nr, r.call, c))
		}
		im.warn(r.line, "%s: the conditions have no effect beside a rule without any%s", r.call,
			f.Such(nr, policy.Not{X: cond}))
	}
	for i := range t.rules {
		r := &t.rules[i]
		if nr, ok := im.abi.Number(r.call); ok {
			for _, c := range r.args {
				im.remark(f, nr, r.call, c)
			}
		}
	}
	if im.opts.Engine == RustVMM && im.abi.Name == "x86_64" {
		im.warn(t.restLine, "the numbers of x32 get the filter's %s%s; here they are a mismatch, "+
			"and killed", explain.Action(t.rest, im.abi), interop.SuchX32)
	}
}

// remark tells what of a condition the engine does not look at, or looks at though it says that it
// does not.
func (im *importer) remark(f *interop.Filter, nr uint32, call string, c condition) {
	such := func(cond policy.Cond) string { return f.Such(nr, cond) }
	exact := im.comparison(c).Exact(im.abi)
	if c.outside != 0 {
		im.warn(c.line, "%s: val has bits outside of the mask, which the compiler drops%s", call,
			such(exact))
	}
	low := im.comparison(c)
	low.Width = 32
	low.Value, low.Mask = low.Value&policy.Ones(32), low.Mask&policy.Ones(32)
	short := low.Exact(im.abi)
	masked := c.op == interop.Masked
	switch {
	case masked && low.Mask == 0 && (im.narrow(c) || c.mask == 0):
		im.warn(c.line, "%s: the mask has no bit that is looked at, so that the condition always "+
			"holds%s", call, such(policy.And{}))
	case !c.dword:
	case im.narrow(c) && masked && c.mask > policy.Ones(32):
		im.warn(c.line, "%s: the mask has more than the 32 bits of a dword; the upper ones are "+
			"not looked at%s", call, such(exact))
	case im.narrow(c) && !masked && c.value > policy.Ones(32):
		im.warn(c.line, "%s: val has more than the 32 bits of a dword; the upper ones are not "+
			"looked at%s", call, such(exact))
	case !im.narrow(c) && masked && c.mask > policy.Ones(32):
		im.warn(c.line, "%s: dword counts for eq alone: libseccomp looks at all bits of the "+
			"mask%s", call, such(policy.And{short, policy.Not{X: exact}}))
	case !im.narrow(c) && !masked:
		im.warn(c.line, "%s: dword counts for eq alone: libseccomp compares 64 bits here%s", call,
			such(policy.Or{policy.And{short, policy.Not{X: exact}},
				policy.And{exact, policy.Not{X: short}}}))
	}
	im.checkComment(f, nr, call, c)
}

// check refuses what the engine refuses.
func (im *importer) check(r *rule) error {
	seen := map[int]bool{}
	for _, c := range r.args {
		if seen[c.index] && im.opts.Engine == Firecracker {
			return tree.Errorf(c.line, "%s: argument %d is tested twice, which libseccomp "+
				"refuses: make two rules, "+
				"or one test", r.call, c.index)
		}
		seen[c.index] = true
	}
	if r.given && len(r.args) == 0 && im.opts.Engine == RustVMM {
		return tree.Errorf(r.line, "%s: args is empty, which the compiler refuses: leave it out",
			r.call)
	}
	return nil
}

// modelled refuses two different tests of one argument of a call of which one leads to further ones
// where it does not hold, as != and orders do: what libseccomp makes of them depends on its
// release.
func (im *importer) modelled(t *thread) error {
	type place struct {
		call  string
		index int
	}
	first := map[place]condition{}
	if im.opts.Engine != Firecracker {
		return nil
	}
	for _, r := range t.rules {
		for _, c := range r.args {
			at := place{r.call, c.index}
			o, seen := first[at]
			if !seen || o.op == interop.Equal || o.op == interop.Masked {
				first[at] = c // those that lead on stay
			}
			same := o.op == c.op && o.value == c.value && o.mask == c.mask && o.dword == c.dword
			plain := func(c condition) bool {
				return c.op == interop.Equal ||
					c.op == interop.Masked
			}
			if seen && !same && !(plain(o) && plain(c)) {
				return tree.Errorf(c.line, "%s: argument %d is compared in line %d, too, and "+
					"what libseccomp makes of "+
					"an order or ne beside another test is not modelled here: write it as values "+
					"or a mask", r.call,
					c.index, o.line)
			}
		}
	}
	return nil
}

// entry returns what a rule says of its call.
func (im *importer) entry(nr uint32, r *rule, a policy.Action) (e interop.Entry, ever bool) {
	e = interop.Entry{Nr: nr, Action: a, Reason: words(r), Line: r.line}
	if len(r.args) == 0 {
		return e, true
	}
	var tests []policy.Test
	for _, c := range r.args {
		tests = append(tests, im.test(nr, r.call, c))
	}
	e.Cond, ever = interop.Fold([][]policy.Test{tests})
	return e, ever
}

// narrow reports whether the engine looks at the lower 32 bits of an argument alone.
func (im *importer) narrow(c condition) bool {
	return c.dword && (im.opts.Engine == RustVMM || c.op == interop.Equal)
}

// comparison is a condition as the engine compares.
func (im *importer) comparison(c condition) interop.Comparison {
	n := interop.Comparison{Arg: c.index, Op: c.op, Width: 64, Value: c.value, Mask: c.mask}
	if im.narrow(c) {
		n.Width = 32
		n.Value &= policy.Ones(32)
		n.Mask &= policy.Ones(32)
	}
	return n
}

func (im *importer) test(nr uint32, call string, c condition) policy.Test {
	im.comment(nr, c)
	n := im.comparison(c)
	if !im.opts.Exact {
		if t, narrower, ok := n.Natural(im.abi, call); ok {
			if narrower {
				im.repaired(call, c, n.Width, t.Operand.Width)
			}
			return t
		}
	}
	return n.Exact(im.abi)
}

func (im *importer) repaired(call string, c condition, was, width int) {
	text := interop.Repair("the compiler", im.abi, call, c.index, was, width)
	if at, seen := im.repairs[text]; !seen || c.line < at {
		im.repairs[text] = c.line
	}
}

// write writes the policy and proves it.
func (im *importer) write(t *thread, f *interop.Filter) (*Policy, error) {
	f.Edit = func(nr uint32, cond string) string { return renamed(cond, im.names[nr]) }
	text := []byte(im.header(t) + interop.Rules(f.Rules(), []*linux.ABI{im.abi}))
	if err := interop.Prove(text, nil, f.Policy()); err != nil {
		return nil, err
	}
	out := "Proved: every call gets what the compiler gives it"
	if len(im.repairs) > 0 {
		out += ", but for bits of arguments that the kernel does not read"
	}
	for _, r := range slices.Sorted(maps.Keys(im.repairs)) {
		im.warn(im.repairs[r], "%s", r)
	}
	text = append(text, "\n"+interop.Comment("", out+".")...)
	return &Policy{text, im.warnings.Sorted()}, nil
}

func (im *importer) header(t *thread) string {
	out := interop.Comment("", fmt.Sprintf("From %s, the filter %s, as %s compiles it for %s.",
		path.Base(im.opts.Source), show(t.name), im.opts.Engine, im.abi.Name))
	return out + fmt.Sprintf("arch %s\nas of linux %s\nmismatch %s\ndefault %s\n", im.abi.Name,
		linux.KernelVersion, explain.Action(im.mismatch(), im.abi), explain.Action(t.rest, im.abi))
}
