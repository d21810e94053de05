package lint

import (
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
)

type resolveCall = resolve.Call

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

// onlyNames reports whether selectors are just these names.
func onlyNames(list []dsl.Selector, names []string) bool {
	for _, sel := range list {
		found := false
		for _, name := range names {
			found = found || sel.Name == name
		}
		if !found {
			return false
		}
	}
	return true
}
