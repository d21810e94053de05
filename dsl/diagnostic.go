package dsl

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how bad a finding is. [Off] stands for a lint that is not to be reported.
type Severity int

// The severities, in rising order.
const (
	Off Severity = iota
	Warning
	Error
)

var severities = []string{"off", "warning", "error"}

// String returns "off", "warning" or "error".
func (s Severity) String() string { return severities[s] }

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: it reads what String prints.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severities, string(text))
	if i < 0 {
		return fmt.Errorf("%q is none of off, warning and error", text)
	}
	*s = Severity(i)
	return nil
}

// Diagnostic is one finding about a source text.
type Diagnostic struct {
	Severity Severity
	Code     string // stable, kebab-case
	Span     Span
	Message  string // one line, lower case, no full stop; stands alone
	Notes    []Note // facts
	Help     string // what to change
	Edits    []Edit // the change as text
}

// Note is a fact that belongs to a diagnostic, with the place that it speaks of.
type Note struct {
	Span *Span
	Text string
}

// Edit replaces the text of Span.
type Edit struct {
	Span Span
	New  string
}

// String returns the first line of the printed form: file:line:col: error: message [code].
func (d Diagnostic) String() string {
	return fmt.Sprintf("%v: %v: %s [%s]", d.Span.Pos(), d.Severity, d.Message, d.Code)
}

// Diagnostics is a list of findings.
type Diagnostics []Diagnostic

// HasErrors reports whether one of the findings is an error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort puts errors before warnings, and each of them in the order of file name and place.
func (ds Diagnostics) Sort() {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity),
			a.Span.Compare(b.Span),
			cmp.Compare(a.Code, b.Code),
		)
	})
}

// syntaxCode is the code of every error that this package reports.
const syntaxCode = "syntax"

// syntaxError returns an error of syntax. The help may be empty.
func syntaxError(span Span, help, format string, args ...any) Diagnostic {
	return Diagnostic{
		Severity: Error,
		Code:     syntaxCode,
		Span:     span,
		Message:  fmt.Sprintf(format, args...),
		Help:     help,
	}
}
