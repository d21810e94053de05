package compiler

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/compiler/lint"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
)

// Bounds on how often a text is compiled to fix it. What one round leaves is a finding that two
// edits at one place have, or one that comes of an edit. Of a text with errors there is no program,
// so that a round takes little.
const (
	maxRounds      = 24      // that find errors, and as many that find none
	maxLargeRounds = 4       // that find none, of a large text
	largeText      = 1 << 14 // bytes
)

// Fix returns the text of a policy with the edits made that its findings bring along, of those
// findings that are about the text itself and not about a file that it includes, and how many
// findings that were. While the text has errors it is not known what it allows: first the edits of
// errors are made. From then on no edit, nor several together, make the policy allow more: that is
// proved.
func Fix(name string, src []byte, opts Options) (text []byte, made int) {
	text = src
	left := map[bool]int{true: maxRounds, false: maxRounds} // by whether there are errors
	if len(text) > largeText {
		left[false] = maxLargeRounds
	}
	opts.Levels, opts.Edits = warnings(opts.Levels), true
	seen := map[string]bool{string(text): true}
	for {
		next, n, faulty := fixOnce(name, text, opts)
		if n == 0 || seen[string(next)] || left[faulty] == 0 {
			return text, made
		}
		left[faulty]--
		seen[string(next)] = true
		text, made = next, made+n
	}
}

// fixOnce makes the edits of the errors, or if the text is not faulty, of the other findings.
func fixOnce(name string, src []byte, opts Options) (text []byte, made int, faulty bool) {
	res, diags := Compile(name, src, opts)
	own := &diag.Source{Name: name, Text: string(src)}
	fixes := inTurn(slices.DeleteFunc(diags, func(d diag.Finding) bool { return !d.Fixes(own) }))
	if res == nil {
		edited, n := diag.EditedBy(own.Text, fixes)
		return []byte(edited), n, true
	}
	// All together, or else the first that allows no more: the next round judges the others again.
	for _, list := range append([]diag.List{fixes}, each(fixes)...) {
		edited, n := diag.EditedBy(own.Text, list)
		if n > 0 && lint.AllowsNoMore(res.Resolved, edited) {
			return []byte(edited), n, false
		}
	}
	return src, 0, false
}

// inTurn returns the findings without those about other ABIs, while there are others: what a rule
// needs on its own ABI is what it needs on those. A rule that is about newer calls alone gets
// another answer before it gets company; any other rule shuts the older ones first.
func inTurn(found diag.List) diag.List {
	slices.SortStableFunc(found, func(a, b diag.Finding) int {
		return rank(a) - rank(b)
	})
	isDoor := func(d diag.Finding) bool { return d.Code == codes.ABIDoor }
	if own := slices.DeleteFunc(slices.Clone(found), isDoor); len(own) > 0 {
		return own
	}
	return found
}

func rank(d diag.Finding) int {
	switch {
	case d.Code != codes.NoFallback:
		return 1
	case d.Edits[0].Span.Text() != "": // of the action
		return 0
	}
	return 2
}

// warnings returns levels by which no lint is an error: the policy has a meaning all the same, by
// which edits are judged.
func warnings(levels map[string]diag.Severity) map[string]diag.Severity {
	out := maps.Clone(levels)
	if out == nil {
		out = map[string]diag.Severity{}
	}
	for _, c := range codes.All() {
		level, given := levels[c.Name]
		if c.Lint && (given && level == diag.Error || !given && !c.Off) {
			out[c.Name] = diag.Warning
		}
	}
	return out
}

// maxEach bounds the findings that are tried one by one.
const maxEach = 8

// each returns a list for each of the first findings.
func each(found diag.List) []diag.List {
	var out []diag.List
	for _, f := range found[:min(len(found), maxEach)] {
		out = append(out, diag.List{f})
	}
	return out
}
