package record

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// asRecorded are the findings that a recording cannot mend, with what there is to say of them: it
// would have to allow what nobody has called.
var asRecorded = map[string]string{
	codes.Sibling: "the other was not seen; it is among the twins below",
}

// finish adds to a policy the calls that are younger than what was seen, answered as by a kernel
// that does not know them, so that their callers take what was seen; and it gives the reasons for
// the findings that are left.
func finish(text []byte) ([]byte, error) {
	text, err := complete(text, nil, func(text []byte) (diag.List, error) {
		res, diags := compiler.Compile("recorded", text, compiler.Options{})
		if res == nil {
			return nil, fmt.Errorf("bug in seccompc: the policy that was recorded: %v", diags[0])
		}
		return diags, nil
	})
	if err != nil {
		return nil, err
	}
	return layOut(text)
}

// Widened is a policy with the rules for what was seen at its end, and what a policy has that is
// recorded anew: what is always needed, the twins as a comment, the younger calls, and the reasons
// for what there is to say of the new rules. Find compiles a policy and returns the findings.
func (r *Record) Widened(old []byte, o *Base, origin string, find func([]byte) (diag.List, error)) (
	[]byte, error,
) {
	before, err := find(old)
	if err != nil {
		return nil, err
	}
	added, err := o.write(func(abi *linux.ABI) string { return r.beyond(abi, o) })
	if err != nil || len(added) == 0 {
		return old, err
	}
	text := bytes.Clone(old)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	text = fmt.Appendf(text, "\n# Added from: %s\n%s", diag.Printable(origin), added)
	return complete(text, before, find)
}

// beyond writes what a policy lacks on an ABI.
func (r *Record) beyond(abi *linux.ABI, o *Base) string {
	var text strings.Builder
	seen := map[string]*use{}
	for _, u := range r.sorted(abi) {
		if u.name != "" {
			seen[u.name] = u
			text.WriteString(u.rule() + "\n")
		}
	}
	if len(seen) == 0 {
		return ""
	}
	lacks := func(name string) bool { return seen[name] == nil && o.lacks(abi, name) }
	for _, name := range always {
		if lacks(name) {
			text.WriteString("allow " + name + "  # not seen, and always needed\n")
		}
	}
	if seen["clone"] != nil && lacks("clone3") {
		text.WriteString(cloneAgain + "\n")
	}
	return text.String() + twinsOfSeen(abi, seen, false, lacks)
}

// complete adds younger calls and reasons, for findings that there were not before. Where the
// default is stricter than an errno ENOSYS is less strict, and is what the callers of younger calls
// need.
func complete(text []byte, before diag.List, find func([]byte) (diag.List, error)) ([]byte, error) {
	fresh := func() (diag.List, error) {
		diags, err := find(text)
		return slices.DeleteFunc(slices.Clone(diags), func(d diag.Finding) bool {
			return slices.ContainsFunc(before, func(b diag.Finding) bool {
				return b.Code == d.Code && b.Message == d.Message
			})
		}), err
	}
	diags, err := fresh()
	if err != nil {
		return nil, err
	}
	for _, d := range diags {
		if rule, added := strings.CutPrefix(d.Help, "add "); d.Code == codes.NoFallback && added {
			text = fmt.Appendf(text, "\n# Younger calls than those that were seen, which their "+
				"callers make instead where these "+
				"fail so\n%s\n", rule)
		}
	}
	if diags, err = fresh(); err != nil {
		return nil, err
	}
	return giveReasons(text, diags), nil
}

// giveReasons writes a comment above each statement with a finding that is to stay.
func giveReasons(text []byte, diags diag.List) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	diags = slices.Clone(diags)
	slices.SortStableFunc(diags, func(a, b diag.Finding) int {
		// from the end: lines above stay in place
		return cmp.Compare(b.Span.Pos().Line, a.Span.Pos().Line)
	})
	for _, d := range diags {
		if why, stays := asRecorded[d.Code]; stays {
			comment := fmt.Sprintf("# lint: allow %s %s\n", d.Code, why)
			lines = slices.Insert(lines, d.Span.Pos().Line-1, comment)
		}
	}
	return []byte(strings.Join(lines, ""))
}

func layOut(text []byte) ([]byte, error) {
	laidOut, diags := dsl.Format("recorded", text)
	if len(diags) > 0 {
		return nil, fmt.Errorf("bug in seccompc: the policy that was recorded: %v", diags[0])
	}
	return laidOut, nil
}
