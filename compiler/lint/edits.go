package lint

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
)

// above returns the edit that puts a rule above another one, none where that is not alone on its
// line.
func (s *bypassSearch) above(source int, text string) []diag.Edit {
	rule := s.Rules[source]
	file := rule.Span.Source()
	if file == nil {
		return nil
	}
	start := rule.Span.Pos().Offset
	line := strings.LastIndexByte(file.Text[:start], '\n') + 1
	indent := file.Text[line:start]
	if strings.TrimSpace(indent) != "" {
		return nil
	}
	return []diag.Edit{{Span: file.Span(start, start), New: text + "\n" + indent}}
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
