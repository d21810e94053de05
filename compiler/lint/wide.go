package lint

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/policy"
)

// maxWide bounds the comparisons for which a call that gets past is looked for.
const maxWide = 50

// wide finds the comparisons of rules under a cast that looks at more than the kernel reads, and
// for rules that stop calls one that gets past.
func wide(s *bypassSearch) diag.List {
	r := s.Resolved
	var diags diag.List
	seen := map[diag.Span]bool{}
	for _, w := range r.Wide {
		source, inRule := ruleAt(r, w.Operand.Span)
		if !inRule || seen[w.Operand.Span] {
			continue
		}
		seen[w.Operand.Span] = true
		x, name := w.Operand.Text(), w.Operand.Name.Text
		d := diag.Warningf(w.Operand.Span, codes.WideCompare,
			"%s looks at bits that the kernel does not read", x)
		if len(seen) <= maxWide {
			if call := s.past(source, w); call != "" {
				d.Message = fmt.Sprintf("%s gets past this rule: %s looks at bits that the "+
					"kernel does not read",
					call, x)
			}
		}
		d = d.WithNotes(fmt.Sprintf("the kernel reads the low %d bits of %s", w.Reads, w.Means))
		d = d.WithHelp("write %s, without the cast", name)
		d.Edits = []diag.Edit{{Span: w.Operand.Span, New: name}}
		diags = append(diags, d)
	}
	return diags
}

// ruleAt returns the rule in which a place lies.
func ruleAt(r *resolve.Resolved, at diag.Span) (source int, ok bool) {
	for i, rule := range r.Rules {
		if rule.Span.Contains(at) {
			return i, true
		}
	}
	return 0, false
}

// past returns a call that a rule lets by although the kernel does the same as for one that it
// stops, or "".
func (s *bypassSearch) past(source int, w resolve.WideCompare) string {
	for abi, guarded := range s.Guarded {
		for _, g := range guarded {
			if g.Source != source || g.Large {
				continue
			}
			d := s.find(abi, g.Call, stops)
			if d == nil {
				continue
			}
			low := policy.Ones(w.Reads)
			for _, above := range []uint64{0, 1, 3, policy.Ones(64 - w.Reads)} {
				other := d.Data
				other.Args[w.Arg] = d.Args[w.Arg]&low | above<<w.Reads
				if letsPass(s.Policy.Eval(other, d.Late)) {
					return s.called(g.Name, other, w.Arg)
				}
			}
		}
	}
	return ""
}

// called writes a call with one argument, the others being any.
func (s *bypassSearch) called(name string, d policy.Data, arg int) string {
	return fmt.Sprintf("%s(%s%#x)", name, strings.Repeat("_, ", arg), d.Args[arg])
}
