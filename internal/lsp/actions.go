package lsp

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
)

// The kinds of actions.
const (
	quickFix = "quickfix"
	fixAll   = "source.fixAll.seccompc"
)

// actions returns the edits that findings about a range suggest, and where it is asked for by its
// kind, what "check --fix" makes of the text.
func (s *server) actions(doc *document, p *codeActionParams) (any, error) {
	out := []codeAction{}
	only := p.Context.Only
	if len(only) == 0 || slices.ContainsFunc(only, isKind(quickFix)) {
		for _, root := range s.roots(doc) {
			out = s.view(root).appendFixes(out, doc, p.Range)
		}
	}
	if slices.ContainsFunc(only, isKind(fixAll)) {
		out = s.appendFixAll(out, doc)
	}
	return out, nil
}

// isKind returns whether a kind that is asked for is that of an action, or one above it.
func isKind(kind string) func(string) bool {
	return func(asked string) bool { return kind == asked || strings.HasPrefix(kind, asked+".") }
}

// appendFixes adds the edits of findings about a range of a document.
func (v *view) appendFixes(out []codeAction, doc *document, at span) []codeAction {
	v.compile()
	start, end := doc.offset(at.Start), doc.offset(at.End)
	for _, f := range v.found {
		from, to := f.Span.Offsets()
		here := v.isFile(f.Span) && f.Span.Source().Name == doc.path && from <= end && start <= to
		if !here || len(f.Edits) == 0 {
			continue
		}
		a := v.fix(f)
		if !slices.ContainsFunc(out, func(o codeAction) bool {
			return o.Title == a.Title && o.Diagnostics[0].Range == a.Diagnostics[0].Range
		}) {
			out = append(out, a)
		}
	}
	return out
}

// fix is the edit of a finding. An editor may prefer one that is no guess.
func (v *view) fix(f diag.Finding) codeAction {
	edits := newEdits(v.s)
	for _, e := range f.Edits {
		edits.add(v, e.Span, e.New)
	}
	_, d := v.diagnostic(f)
	return codeAction{
		Title: titleOf(f.Help, f.Message), Kind: quickFix, Diagnostics: []diagnostic{d},
		IsPreferred: !f.Guess, Edit: edits.workspaceEdit(),
	}
}

// titleOf names an edit by the help of its finding.
func titleOf(help, message string) string {
	if near, ok := strings.CutPrefix(help, "there is a similar name: "); ok {
		return "write " + near
	}
	if help == "" {
		return "mend: " + message
	}
	return help
}

// appendFixAll adds what "check --fix" does: the edits that are no guesses, and allow no more.
func (s *server) appendFixAll(out []codeAction, doc *document) []codeAction {
	v := s.view(doc.path)
	if !v.hasDefault() {
		return out // a part of others has no meaning by which edits could be judged
	}
	text, made := v.src, 0
	v.with(func(opts compiler.Options) { text, made = compiler.Fix(v.path, v.src, opts) })
	if made == 0 {
		return out
	}
	edits := newEdits(s)
	for _, e := range doc.difference(string(text)) {
		edits.addEdit(doc.uri, e)
	}
	return append(out, codeAction{
		Title: "fix what can be fixed", Kind: fixAll, Edit: edits.workspaceEdit(),
	})
}
