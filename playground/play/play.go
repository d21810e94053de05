// Package play answers what the playground asks about the text of a policy: findings at their
// places, tables, listings, what becomes of a call, how two filters differ. It reads no file.
package play

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf16"

	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/trace"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/doc"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/explain"
)

// name is what a policy without a file is called in places.
const name = "policy.scp"

// Policy is a text and what has been made of it.
type Policy struct {
	Findings []Finding `json:"findings"`
	Summary  string    `json:"summary"` // one line about the whole
	Compiled bool      `json:"compiled"`

	result *compiler.Result
}

// Finding is a finding for an editor that counts in UTF-16.
type Finding struct {
	From     int    `json:"from"`
	To       int    `json:"to"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Message  string `json:"message"` // with code, notes and help
}

// maxFindings are shown of one text: nobody reads more, and a page of many thousands stands still.
const maxFindings = 100

// Compile compiles a text, proves the filter and decides the claims.
func Compile(text string) *Policy {
	res, found := compiler.Compile(name, []byte(text), options())
	p := &Policy{result: res, Compiled: res != nil, Findings: []Finding{}}
	if res != nil {
		failed, err := decide(res)
		found = append(found, failed...)
		p.Summary = summary(res, failed, err)
	}
	for _, f := range found[:min(len(found), maxFindings)] {
		p.Findings = append(p.Findings, finding(text, f))
	}
	if res == nil {
		p.Summary = counted(len(found), "finding") + ", no filter"
	}
	if len(found) > maxFindings {
		p.Summary += fmt.Sprintf("; the first %d findings are shown", maxFindings)
	}
	return p
}

// options says that there are no files here.
func options() compiler.Options {
	return compiler.Options{OpenDir: func(string) (fs.FS, error) {
		return nil, errors.New("there are no files here: write it all into one text")
	}}
}

// decide returns the claims that do not hold.
func decide(res *compiler.Result) (diag.List, error) {
	checker, err := claims.New(res.Resolved, res.Program, res.Order)
	if err != nil {
		return nil, err
	}
	failed, err := checker.Check()
	return claims.Diagnostics(res.Resolved, failed), err
}

func summary(res *compiler.Result, failed diag.List, err error) string {
	stats := res.Stats()
	text := fmt.Sprintf("proved: %d instructions, at most %d executed", stats.Length, stats.Worst)
	lines := claims.Lines(res.Claims)
	switch {
	case err != nil:
		return text + "; the claims were not decided: " + err.Error()
	case len(failed) > 0:
		return text + "; a claim does not hold"
	case lines > 0:
		return text + "; " + counted(lines, "claim") + " proved"
	}
	return text
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func finding(text string, f diag.Finding) Finding {
	out := Finding{Severity: f.Severity.String(), Message: f.Message + " [" + f.Code + "]"}
	if f.Span.Source() != nil && f.Span.Source().Text == text {
		from, to := f.Span.Offsets()
		at := f.Span.Pos()
		out.From, out.To = units(text[:from]), units(text[:to])
		out.Line, out.Column = at.Line, at.Column
	}
	for _, n := range f.Notes {
		out.Message += "\nnote: " + n.Text
	}
	if f.Help != "" {
		out.Message += "\nhelp: " + f.Help
	}
	return out
}

// units counts UTF-16's.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// errNoFilter is the answer about a text without a filter.
var errNoFilter = errors.New("the policy has errors, so that there is no filter")

// Table returns what is decided, as HTML; see doc.Fragment.
func (p *Policy) Table() (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	return doc.Fragment(p.result)
}

// Listing returns the instructions with comments.
func (p *Policy) Listing() (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	f := blob.Filter{Program: p.result.Program, Order: p.result.Order, ABIs: p.result.ABIs,
		Relocations: p.result.Relocations()}
	return string(f.Listing()), nil
}

// Explain returns what the filter does, in words.
func (p *Policy) Explain() (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	e, err := explain.Explain(p.result.Program, p.result.Order, p.result.Policy.Late)
	if err != nil {
		return "", err
	}
	return e.String(), nil
}

// Trace returns how the policy became the filter.
func (p *Policy) Trace() (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	return string(trace.New(p.result).Text()), nil
}

// Format returns a text in its canonical layout.
func Format(text string) (string, error) {
	out, found := dsl.Format(name, []byte(text))
	return string(out), found.Err()
}

// Filter returns the filter in a form that can be copied and pasted here again.
func (p *Policy) Filter(format string) (string, error) {
	if p.result == nil {
		return "", errNoFilter
	}
	f := blob.Filter{
		Program: p.result.Program,
		Order:   p.result.Order,
		ABIs:    p.result.ABIs,
		Origin:  name,
	}
	out, err := f.Encode(format)
	return strings.TrimSpace(string(out)), err
}

func order(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
