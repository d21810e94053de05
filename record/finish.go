package record

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
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
	diags, err := findings(text)
	if err != nil {
		return nil, err
	}
	for _, d := range diags {
		if d.Code == codes.NoFallback && len(d.Edits) == 1 {
			text = fmt.Appendf(text, "\n# Younger calls than those that were seen, which their "+
				"callers make instead where these "+
				"fail so\n%s", strings.TrimLeft(d.Edits[0].New, "\n"))
		}
	}
	if diags, err = findings(text); err != nil {
		return nil, err
	}
	return layOut(giveReasons(text, diags))
}

// findings compiles a policy that has been recorded.
func findings(text []byte) (diag.List, error) {
	res, diags := compiler.Compile("recorded", text, compiler.Options{Edits: true})
	if res == nil {
		return nil, fmt.Errorf("bug in seccompc: the policy that was recorded: %v", diags[0])
	}
	return diags, nil
}

// giveReasons writes a comment above each statement with a finding that is to stay.
func giveReasons(text []byte, diags diag.List) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	diags = slices.Clone(diags)
	slices.SortStableFunc(diags, func(a, b diag.Finding) int {
		return cmp.Compare(b.Span.Pos().Line, a.Span.Pos().Line) // from the end: lines above stay in place
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
