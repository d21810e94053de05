package oci

import (
	"fmt"
	"maps"
	"slices"
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
				return fmt.Errorf("line %d: the mask is 0, so that the condition says nothing: leave it out",
					a.Line)
			}
		}
		if im.opts.Engine == Libseccomp && len(im.alternatives(e)) > 1 {
			return fmt.Errorf("line %d: libseccomp takes one condition for each argument: make several "+
				"entries", e.Line)
		}
		if e.Action == im.p.Default {
			im.warn(e.Line, "the action is the default's: the entry is dropped, and takes nothing from others")
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
		im.warn(e.Line, "%s: an argument stands in two conditions, so each condition alone is enough; "+
			"for all of them together, write the two as one, or make entries of the opposite",
			strings.Join(e.Names, ", "))
	}
	stops := e.Action.Strictness() < policy.Log.Strictness()
	for _, a := range e.Args {
		if a.Op != MaskedEqual {
			continue
		}
		if a.Two&^a.Value != 0 {
			im.warn(a.Line, "valueTwo has bits outside of the mask in value, which the engines drop")
		}
		if a.Two&a.Value == 0 && stops {
			im.warn(a.Line, "%s: this stops calls without any bit of %#x, and lets those with one through; "+
				"to stop the bit, give it as valueTwo, too", strings.Join(e.Names, ", "), a.Value)
		}
	}
}

// remarks tells what was repaired, and which calls behind multiplexers lost their conditions.
func (im *importer) remarks() {
	if !im.opts.Exact {
		im.remarkRepairs()
	}
	for _, abi := range im.abis {
		for _, rules := range im.expand(abi) {
			for _, r := range rules {
				if r.mux != "" && len(r.entry.Args) > 0 {
					im.warn(r.entry.Line, "%s on %s: %s is also reached through %s, where a condition on the "+
						"first argument does not count, and others look at %s's own registers", r.name, abi.Name, r.name, r.mux,
						r.mux)
				}
			}
		}
	}
}

func (im *importer) remarkRepairs() {
	lines := map[int][]string{}
	for _, r := range im.repairs.list {
		text := fmt.Sprintf("%s of %s", r.arg, r.name)
		if !slices.Contains(lines[r.line], text) {
			lines[r.line] = append(lines[r.line], text)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		im.warn(line, "repaired: the engine compares 64 bits, the kernel reads fewer of %s; --exact keeps "+
			"the engine's", strings.Join(lines[line], ", "))
	}
}
