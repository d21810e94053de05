package oci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// maxAll bounds the rules that entries are, and maxCompared the pairs of them: each is compared
// with the others of its call.
const (
	maxAll      = 50_000
	maxCompared = 4_000_000
)

// checkSize refuses profiles of more rules than that.
func (im *importer) checkSize() error {
	of, all, compared := map[string]int{}, 0, 0
	for i := range im.p.Entries {
		e := &im.p.Entries[i]
		if !im.counts[i] {
			continue
		}
		n := len(im.alternatives(e))
		for _, name := range e.Names {
			compared += n * (2*of[name] + n)
			if of[name] += n; compared > maxCompared {
				return fmt.Errorf(
					"line %d: %s has %d entries and conditions of entries, more than "+
						"are compared", e.Line, diag.Printable(fmt.Sprintf("%.40s", name)),
					of[name])
			}
		}
		if all += n * len(e.Names); all > maxAll {
			return fmt.Errorf("line %d: the profile has more than %d conditions of calls", e.Line,
				maxAll)
		}
	}
	return nil
}

// checkEntries refuses what no engine takes, and warns of what does not mean what it says.
func (im *importer) checkEntries() error {
	if err := im.checkSize(); err != nil {
		return err
	}
	for i := range im.p.Entries {
		e := &im.p.Entries[i]
		for _, r := range e.remarks {
			im.warn(r.Line, "%s%s", r.Text, im.shownOf(e))
		}
		if !im.counts[i] {
			continue
		}
		im.checkNames(e)
		im.checkArgs(e)
		for _, a := range e.Args {
			if a.Op == MaskedEqual && a.Value == 0 {
				return fmt.Errorf("line %d: the mask is 0, so that the condition says nothing: "+
					"leave it out",
					a.Line)
			}
		}
		if (im.opts.Engine == Libseccomp || im.opts.Engine == LXC) && len(im.alternatives(e)) > 1 {
			return fmt.Errorf("line %d: libseccomp takes one condition for each argument: make "+
				"several "+
				"entries", e.Line)
		}
		if e.Action == im.p.Default && im.opts.Engine != Runsc {
			im.warn(e.Line, "the action is the default's: the entry is dropped, and takes "+
				"nothing from others%s", im.shownOf(e))
		}
		if im.opts.Engine == Runsc &&
			slices.Contains([]policy.Action{policy.KillProcess, policy.Log,
				policy.Notify}, e.Action) {
			im.warn(e.Line, "runsc does not know this action, and refuses the profile; the policy "+
				"has it%s", im.shownOf(e))
		}
	}
	return nil
}

func (im *importer) checkNames(e *Entry) {
	var unknown []string
	for _, name := range e.Names {
		if !linux.HasSyscall(name) {
			unknown = append(unknown, diag.Printable(fmt.Sprintf("%.40s", name)))
		}
	}
	if len(unknown) > 0 {
		im.warn(e.Line, "no system call has this name, and the engines ignore it: %s",
			strings.Join(unknown, ", "))
	}
}

func (im *importer) checkArgs(e *Entry) {
	names := strings.Join(e.Names, ", ")
	if im.opts.Engine != Libseccomp && len(e.Args) > 1 && len(im.alternatives(e)) > 1 {
		one := im.shown(e, func(abi *linux.ABI) policy.Cond {
			var all policy.And
			for _, a := range e.Args {
				all = append(all, exactTest(abi, a))
			}
			return policy.And{all[0], policy.Not{X: all}}
		})
		im.warn(e.Line, "%s: an argument stands in two conditions, so each condition alone is "+
			"enough%s; for all of them together, write the two as one, or make entries of the "+
			"opposite", names, one)
	}
	for _, a := range e.Args {
		if a.Op == MaskedEqual {
			im.checkMask(e, a)
		}
	}
}

// checkMask warns of masks that do not ask for what they seem to.
func (im *importer) checkMask(e *Entry, a Arg) {
	value, outside := "valueTwo", "valueTwo has bits outside of the mask in value"
	if im.opts.Engine == LXC {
		value, outside = "the value", "the value has bits outside of the mask"
	}
	if a.Two&^a.Value != 0 {
		such := im.shown(e, func(abi *linux.ABI) policy.Cond { return exactTest(abi, a) })
		if im.opts.Engine == Runsc {
			im.warn(a.Line,
				"valueTwo has bits outside of the mask in value: for runsc the condition "+
					"never holds, though other engines drop them%s", such)
			return
		}
		im.warn(a.Line, "%s, which the engines drop%s", outside, such)
	}
	low := a.Value & -a.Value
	upper := a.Value+low == 0 || a.Value+low == 1<<32 // it asks for a range of values, not for bits
	if a.Two&a.Value == 0 && !upper && e.Action.Strictness() < policy.Log.Strictness() {
		through := im.shown(e, func(abi *linux.ABI) policy.Cond {
			t := exactTest(abi, a)
			t.Op, t.Set = policy.Any, nil
			return t
		})
		im.warn(a.Line, "%s: this stops calls without any bit of %#x, and lets those with one "+
			"through%s; to stop the bit, give it as %s, too", strings.Join(e.Names, ", "),
			a.Value, through, value)
	}
}

// shownOf is shown for all conditions of an entry.
func (im *importer) shownOf(e *Entry) string {
	return im.shown(e, func(abi *linux.ABI) policy.Cond {
		var any policy.Or
		for _, tests := range im.alternatives(e) {
			var all policy.And
			for _, a := range tests {
				all = append(all, exactTest(abi, a))
			}
			any = append(any, all)
		}
		return any
	})
}

// shown is a call of an entry's for which a condition holds, for the end of a sentence.
func (im *importer) shown(e *Entry, c func(*linux.ABI) policy.Cond) string {
	for _, abi := range im.abis {
		for _, name := range e.Names {
			nr, ok := abi.Number(name)
			if !ok {
				continue
			}
			call, err := interop.Example(abi, nr, c(abi))
			if err == nil && call != nil {
				return ", such as " + explain.Call(*call, abi.ByteOrder())
			}
		}
	}
	return ""
}

// remarks tells what was repaired, and which calls behind multiplexers lost their conditions.
func (im *importer) remarks() {
	if !im.opts.Exact {
		for text, line := range im.repairs {
			im.warn(line, "%s", text)
		}
	}
	im.remarkMultiplexed()
	for name, last := range im.unlisted {
		abi, _ := linux.Lookup(name)
		im.warn(im.p.Line,
			"%s: runc answers ENOSYS behind number %#x, which no call has, and this "+
				"policy gives them the default: the numbers without a call before it are too "+
				"many to "+
				"list, such as %s", name, last,
			explain.Call(policy.Data{Nr: last + 1, Arch: abi.Arch},
				abi.ByteOrder()))
	}
}

// remarkMultiplexed warns of conditions that do not reach the arguments behind a multiplexer.
func (im *importer) remarkMultiplexed() {
	type remark struct {
		line int
		such string
	}
	first := map[string]remark{}
	for _, abi := range im.abis {
		for nr, rules := range im.expand(abi) {
			combined, _ := im.combine(abi, nr, rules) // made before, without error
			for _, r := range combined {
				if r.mux == "" || len(r.entry.Args) == 0 {
					continue
				}
				text := fmt.Sprintf("%s on %s is also reached through %s, where a condition on "+
					"the first "+
					"argument does not count, and others look at the registers of %s", r.name,
					abi.Name, r.mux, r.mux)
				if at, ok := first[text]; !ok || r.entry.Line < at.line {
					first[text] = remark{r.entry.Line, im.suchRule(abi, nr, r)}
				}
			}
		}
	}
	for text, r := range first {
		im.warn(r.line, "%s%s", text, r.such)
	}
}

// suchRule is a call that a rule is about, for the end of a sentence.
func (im *importer) suchRule(abi *linux.ABI, nr uint32, r *rule) string {
	c, ever := im.condition(abi, r, true)
	if c == nil {
		c = policy.And{}
	}
	call, err := interop.Example(abi, nr, c)
	if !ever || err != nil || call == nil {
		return ""
	}
	return ", such as " + explain.Call(*call, abi.ByteOrder()) + ", which gets " +
		explain.Action(r.entry.Action, abi)
}
