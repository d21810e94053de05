// Package diag holds findings about texts: where, what, why and how to mend it. Whatever of this
// project reads a text reports in them, and they are printed for people, as JSON and as SARIF here
// only.
//
// A [Finding] has a [Span] of a [Source]. A [List] is an error of Go by [List.Err].
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says how bad a finding is. [Off] stands for a lint that is not to be reported.
type Severity int

// The severities, in rising order. No lint is a [Remark]: audits have them.
const (
	Off Severity = iota
	Remark
	Warning
	Error
)

var severities = []string{"off", "note", "warning", "error"}

// String returns "off", "note", "warning" or "error", the words of SARIF but for the first.
func (s Severity) String() string { return severities[s] }

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: it reads the level of a lint.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severities, string(text))
	if i < 0 || Severity(i) == Remark {
		return fmt.Errorf("%q is none of off, warning and error", text)
	}
	*s = Severity(i)
	return nil
}

// Finding is what is to be said about a place in a text.
type Finding struct {
	Severity Severity
	Code     string // stable, kebab-case
	Span     Span
	Message  string // one line, lower case, no full stop; stands alone
	Notes    []Note // facts
	Help     string // what to change
	Call     string // a system call that shows it, in the policy language, if one does
	Gets     string // the action of that call
	Example  any    // what shows it, of a type of the finder's; it is not printed
	Edits    []Edit // the change as text
	Guess    bool   // the edits are what may have been meant: no tool makes them by itself
}

// Note is a fact that belongs to a finding, with the place that it speaks of, if there is one.
type Note struct {
	Span *Span
	Text string
}

// Errorf returns an error.
func Errorf(at Span, code, format string, args ...any) Finding {
	return Finding{Severity: Error, Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
}

// Warningf returns a warning.
func Warningf(at Span, code, format string, args ...any) Finding {
	return Finding{Severity: Warning, Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
}

// WithNotes returns the finding with more facts; an empty text is none.
func (f Finding) WithNotes(texts ...string) Finding {
	for _, t := range texts {
		if t != "" {
			f.Notes = append(f.Notes, Note{Text: t})
		}
	}
	return f
}

// WithHelp returns the finding with what to change.
func (f Finding) WithHelp(format string, args ...any) Finding {
	f.Help = fmt.Sprintf(format, args...)
	return f
}

// String returns the first line of the printed form: file:line:col: error: message [code].
func (f Finding) String() string {
	return fmt.Sprintf("%v: %v: %s [%s]", f.Span.Pos(), f.Severity, f.Message, f.Code)
}

// List is a list of findings. It is an error only where [List.Err] returns it as one.
type List []Finding

// HasErrors reports whether one of the findings is an error.
func (l List) HasErrors() bool { return slices.ContainsFunc(l, Finding.isError) }

func (f Finding) isError() bool { return f.Severity == Error }

// Err returns the list as an error, or nil if no finding is one: warnings alone are no failure.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error implements error: it returns the first error and how many more there are.
func (l List) Error() string {
	errors := slices.DeleteFunc(slices.Clone(l), func(f Finding) bool { return !f.isError() })
	switch len(errors) {
	case 0:
		return "no errors"
	case 1:
		return Printable(errors[0].String())
	}
	return fmt.Sprintf("%s (and %d more)", Printable(errors[0].String()), len(errors)-1)
}

// Sort puts errors before warnings, and each of them in the order of file name and place.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity, a.Severity),
			a.Span.Compare(b.Span),
			cmp.Compare(a.Code, b.Code),
		)
	})
}
