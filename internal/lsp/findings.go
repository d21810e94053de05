package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
)

// maxFindings are shown for one file.
const maxFindings = 500

// publish tells the editor what is wrong with what is open. It stops where a message waits: what
// that says may change everything.
func (s *server) publish() {
	byURI := map[string][]diagnostic{}
	for _, doc := range s.docs {
		byURI[doc.uri] = []diagnostic{}
	}
	for _, path := range s.openRoots() {
		if len(s.queue) > 0 {
			return
		}
		v := s.view(path)
		v.compile()
		for _, f := range v.found {
			uri, d := v.diagnostic(f)
			if len(byURI[uri]) < maxFindings && !contains(byURI[uri], d) {
				byURI[uri] = append(byURI[uri], d)
			}
		}
	}
	s.dirty = false
	for uri := range s.published {
		if _, ok := byURI[uri]; !ok {
			byURI[uri] = []diagnostic{}
		}
	}
	for _, uri := range slices.Sorted(maps.Keys(byURI)) {
		s.show(uri, byURI[uri])
	}
}

// openRoots returns the policies that what is open belongs to.
func (s *server) openRoots() []string {
	roots := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(s.docs)) {
		for _, root := range s.roots(s.docs[path]) {
			roots[root] = true
		}
	}
	return slices.Sorted(maps.Keys(roots))
}

func contains(list []diagnostic, d diagnostic) bool {
	return slices.ContainsFunc(list, func(o diagnostic) bool {
		return o.Range == d.Range && o.Code == d.Code && o.Message == d.Message
	})
}

// show publishes the findings of one file. What is shown already is sent for a new version alone.
func (s *server) show(uri string, list []diagnostic) {
	p := publishParams{URI: uri, Diagnostics: list}
	path, _ := pathOf(uri)
	if doc := s.docs[path]; doc != nil {
		p.Version = &doc.version
	}
	text, _ := json.Marshal(p)
	if s.published[uri] == string(text) {
		return
	}
	s.published[uri] = string(text)
	if p.Version == nil && len(list) == 0 {
		delete(s.published, uri)
	}
	err := s.conn.Notify(context.Background(), "textDocument/publishDiagnostics", p)
	if err != nil {
		s.log.Printf("publishDiagnostics: %v", err)
	}
}

// diagnostic returns a finding as the protocol has it, and the file that it is about.
func (v *view) diagnostic(f diag.Finding) (uri string, d diagnostic) {
	d = diagnostic{Severity: severityWarning, Code: f.Code, Source: "seccompc",
		Message: diag.Printable(f.Message)}
	if f.Severity == diag.Error {
		d.Severity = severityError
	}
	if f.Code == codes.UnreachableRule && strings.HasPrefix(f.Message, "the rule can never") {
		d.Tags = []int{tagUnnecessary}
	}
	for _, n := range f.Notes {
		if n.Span != nil && v.isFile(*n.Span) {
			d.Related = append(d.Related, related{v.location(*n.Span), diag.Printable(n.Text)})
			continue
		}
		d.Message += "\nnote: " + diag.Printable(n.Text)
	}
	if f.Help != "" {
		d.Message += "\nhelp: " + diag.Printable(f.Help)
	}
	if !v.isFile(f.Span) { // it is about an option of the server
		if src := f.Span.Source(); src != nil {
			d.Message = src.Name + ": " + d.Message
		}
		return v.s.uri(v.path), d
	}
	at := v.location(f.Span)
	d.Range = at.Range
	return at.URI, d
}

// isFile reports whether a place is in a file of the policy.
func (v *view) isFile(at diag.Span) bool {
	return at.Source() != nil && v.contains(at.Source().Name)
}
