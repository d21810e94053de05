package resolve

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
)

// lints decides which lints are reported, and how loudly.
type lints struct {
	levels map[string]diag.Severity
	allows []dsl.Allow
}

// filter drops the lints that are off or allowed by a comment, and sets the level of the others.
func (l lints) filter(found diag.List) diag.List {
	var out diag.List
	for _, d := range found {
		if codes.IsLint(d.Code) {
			if level, ok := l.levels[d.Code]; ok {
				d.Severity = level
			}
			if d.Severity == diag.Off || l.allowed(d) {
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

// silences reports whether a lint that is a warning by itself is not reported at a place, so that
// nobody need look for it.
func (l lints) silences(code string, at diag.Span) bool {
	level, ok := l.levels[code]
	return ok && level == diag.Off || l.allowed(diag.Finding{Code: code, Span: at})
}

// allowed reports whether a lint comment covers the place of a finding.
func (l lints) allowed(d diag.Finding) bool {
	return slices.ContainsFunc(l.allows, func(a dsl.Allow) bool {
		return a.Code == d.Code && a.Covers.Contains(d.Span.Start())
	})
}

// checkLints reports levels and comments that name no lint.
func (r *resolver) checkLints(l lints) {
	for _, a := range l.allows {
		r.checkLint(a.Span, a.Code)
	}
	for _, code := range slices.Sorted(maps.Keys(l.levels)) {
		r.checkLint(flagSpan("-W "+code), code)
	}
}

func (r *resolver) checkLint(at diag.Span, code string) {
	if codes.IsLint(code) {
		return
	}
	d := diag.Errorf(at, codes.UnknownLint, "%q is no lint", code)
	if _, ok := codes.Lookup(code); ok {
		d.Message = "the level of " + code + " cannot be changed: it is an error of meaning"
	}
	r.report.suggest(&d, code, func(yield func(string) bool) {
		for _, c := range codes.All() {
			if c.Lint && !yield(c.Name) {
				return
			}
		}
	})
	r.report.add(nil, d)
}

// allows returns the lint comments of all files.
func (r *resolver) allows() []dsl.Allow {
	var out []dsl.Allow
	for _, f := range r.files {
		out = append(out, f.Allows...)
	}
	return out
}

// flagSpan returns a place that names a flag of the command line.
func flagSpan(flag string) diag.Span {
	return (&diag.Source{Name: flag}).Start()
}
