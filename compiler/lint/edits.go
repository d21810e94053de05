package lint

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/proof"
)

// Bounds on what is looked at to know what edits allow.
const (
	maxEdited     = 8       // findings whose edits are judged one by one
	maxEditedText = 1 << 14 // bytes of a policy where they are
)

// judgeEdits takes from findings the edits after which the policy would allow a call that it does
// not allow now, or of which that is not known: nobody's fix opens a door.
func judgeEdits(r *resolve.Resolved, lists ...diag.List) {
	var with []*diag.Finding
	for _, list := range lists {
		for i := range list {
			if len(list[i].Edits) > 0 {
				with = append(with, &list[i])
			}
		}
	}
	if len(with) == 0 {
		return
	}
	space := proof.Part(share)
	now, err := space.Policy(r.Policy)
	judge := func(findings []*diag.Finding) {
		var edits []diag.Edit
		for _, f := range findings {
			edits = append(edits, f.Edits...)
		}
		if err == nil && allowsNoMore(r, space, now, edits) {
			return
		}
		for _, f := range findings {
			f.Edits = nil
		}
	}
	if len(r.Sources[0].Text) > maxEditedText {
		judge(with)
		return
	}
	for len(with) > 0 {
		n := 1
		if maxEdited < len(with) {
			n = len(with) - maxEdited
		}
		judge(with[:n])
		with = with[n:]
	}
}

// allowsNoMore proves that a policy allows nothing further with edits.
func allowsNoMore(
	r *resolve.Resolved, space *proof.Space, now proof.Function, edits []diag.Edit,
) bool {
	edited, ok := r.Edited(edits)
	if !ok || len(edited.ABIs) != len(r.ABIs) {
		return false
	}
	then, err := space.Policy(edited.Policy)
	if err != nil {
		return false
	}
	more, err := space.Subset(now, then)
	return err == nil && more == nil
}

// above returns the edit that puts lines above a rule and the comments that belong to it, none
// where the rule is not the first on its line.
func (s *bypassSearch) above(source int, lines ...string) []diag.Edit {
	rule := s.Rules[source]
	file := rule.Span.Source()
	if file == nil {
		return nil
	}
	start, _ := rule.Span.Offsets()
	line := lineStart(file.Text, start)
	indent := file.Text[line:start]
	if strings.TrimSpace(indent) != "" {
		return nil
	}
	for line > 0 {
		before := lineStart(file.Text, line-1)
		if !strings.HasPrefix(strings.TrimSpace(file.Text[before:line]), "#") {
			break
		}
		line = before
	}
	text := ""
	for _, l := range lines {
		text += indent + l + "\n"
	}
	return []diag.Edit{{Span: file.Span(line, line), New: text}}
}

// lineStart returns where the line begins in which an offset lies.
func lineStart(text string, offset int) int {
	return strings.LastIndexByte(text[:offset], '\n') +
		1
}

// onlyNames reports whether a rule names just these calls, by name, whatever their arguments.
func onlyNames(rule resolve.SourceRule, names []string) bool {
	if rule.Cond != nil || len(rule.Selectors) != len(names) {
		return false
	}
	for _, sel := range rule.Selectors {
		if !slices.Contains(names, sel.Name) {
			return false
		}
	}
	return true
}
