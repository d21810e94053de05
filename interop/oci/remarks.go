package oci

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// checkEntries refuses what no engine takes, and warns of what does not mean what it says.
func (im *importer) checkEntries() error {
	for i := range im.p.Entries {
		e := &im.p.Entries[i]
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
		if im.opts.Engine == Libseccomp && len(im.alternatives(e)) > 1 {
			return fmt.Errorf("line %d: libseccomp takes one condition for each argument: make "+
				"several "+
				"entries", e.Line)
		}
		if e.Action == im.p.Default {
			im.warn(e.Line, "the action is the default's: the entry is dropped, and takes "+
				"nothing from others")
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
	if im.opts.Engine != Libseccomp && len(e.Args) > 1 && len(im.alternatives(e)) > 1 {
		im.warn(e.Line, "%s: an argument stands in two conditions, so each condition alone is "+
			"enough; "+
			"for all of them together, write the two as one, or make entries of the opposite",
			strings.Join(e.Names, ", "))
	}
	stops := e.Action.Strictness() < policy.Log.Strictness()
	for _, a := range e.Args {
		if a.Op != MaskedEqual {
			continue
		}
		if a.Two&^a.Value != 0 {
			im.warn(a.Line, "valueTwo has bits outside of the mask in value, which the engines "+
				"drop")
		}
		if a.Two&a.Value == 0 && stops {
			im.warn(a.Line, "%s: this stops calls without any bit of %#x, and lets those with "+
				"one through; "+
				"to stop the bit, give it as valueTwo, too", strings.Join(e.Names, ", "), a.Value)
		}
	}
}

// remarks tells what was repaired, and which calls behind multiplexers lost their conditions.
func (im *importer) remarks() {
	if !im.opts.Exact {
		im.remarkRepairs()
	}
	im.remarkMultiplexed()
	for name, last := range im.unlisted {
		im.warn(0, "%s: runc answers ENOSYS behind number %#x, which no call has, and this policy "+
			"gives them the default: the numbers without a call before it are too many to list",
			name, last)
	}
}

// remarkMultiplexed warns of conditions that do not reach the arguments behind a multiplexer.
func (im *importer) remarkMultiplexed() {
	first := map[string]int{}
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
				if at, ok := first[text]; !ok || r.entry.Line < at {
					first[text] = r.entry.Line
				}
			}
		}
	}
	for text, line := range first {
		im.warn(line, "%s", text)
	}
}

// remarkRepairs tells of each argument once, in the first line that compares it.
func (im *importer) remarkRepairs() {
	first := map[string]int{}
	for _, r := range im.repairs.list {
		text := fmt.Sprintf("repaired: the engine compares %d bits of %s of %s, the kernel "+
			"reads %d; "+
			"--exact keeps the engine's", r.was, r.arg, r.name, r.width)
		if at, ok := first[text]; !ok || r.line < at {
			first[text] = r.line
		}
	}
	for text, line := range first {
		im.warn(line, "%s", text)
	}
}
