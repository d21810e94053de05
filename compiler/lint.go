package compiler

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/dsl"
)

// lints decides which lints are reported, and how loudly.
type lints struct {
	levels map[string]dsl.Severity
	allows []dsl.Allow
}

// filter drops the lints that are off or allowed by a comment, and sets the level of the others.
func (l lints) filter(found dsl.Diagnostics) dsl.Diagnostics {
	var out dsl.Diagnostics
	for _, d := range found {
		if isLint(d.Code) {
			if level, ok := l.levels[d.Code]; ok {
				d.Severity = level
			}
			if d.Severity == dsl.Off || l.allowed(d) {
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

// silences reports whether a lint that is a warning by itself is not reported at a place, so that nobody need look
// for it.
func (l lints) silences(code string, at dsl.Span) bool {
	level, ok := l.levels[code]
	return ok && level == dsl.Off || l.allowed(dsl.Diagnostic{Code: code, Span: at})
}

// allowed reports whether a lint comment covers the place of a finding.
func (l lints) allowed(d dsl.Diagnostic) bool {
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

func (r *resolver) checkLint(at dsl.Span, code string) {
	if isLint(code) {
		return
	}
	d := errorAt(at, codeUnknownLint, "%q is no lint", code)
	if _, ok := LookupCode(code); ok {
		d.Message = "the level of " + code + " cannot be changed: it is an error of meaning"
	}
	r.report.suggest(&d, code, func(yield func(string) bool) {
		for _, c := range Codes() {
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
func flagSpan(flag string) dsl.Span {
	return (&dsl.Source{Name: flag}).Start()
}
