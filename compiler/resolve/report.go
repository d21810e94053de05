package resolve

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// report collects findings. What is found on several ABIs is reported once, and says on which where
// that is not all of them.
type report struct {
	found map[findingKey]*finding
	order []*finding
	hints int // how often suggest may still search
}

type findingKey struct {
	code, message string
	span          diag.Span
}

type finding struct {
	diag.Finding
	abis []string // none: it does not depend on the ABI
}

// maxHints is above the number of findings that are printed. To search all constants for the
// nearest name takes milliseconds.
const maxHints = 40

func newReport() *report { return &report{found: map[findingKey]*finding{}, hints: maxHints} }

// suggest is [diag.Finding.Suggest] for the first findings.
func (r *report) suggest(d *diag.Finding, name string, names iter.Seq[string]) {
	r.hints--
	if r.hints >= 0 {
		d.Suggest(name, names)
	}
}

// add records a finding; abi is nil where it does not depend on one.
func (r *report) add(abi *linux.ABI, d diag.Finding) {
	key := findingKey{d.Code, d.Message, d.Span}
	f := r.found[key]
	if f == nil {
		f = &finding{Finding: d}
		r.found[key] = f
		r.order = append(r.order, f)
	}
	if abi != nil && !slices.Contains(f.abis, abi.Name) {
		f.abis = append(f.abis, abi.Name)
	}
}

// failed reports whether there is an error so far.
func (r *report) failed() bool {
	return slices.ContainsFunc(r.order, func(f *finding) bool {
		return f.Severity == diag.Error && !codes.IsLint(f.Code)
	})
}

// finish returns the findings in their final order, lints filtered.
func (r *report) finish(abis []*linux.ABI, l lints) diag.List {
	var out diag.List
	for _, f := range r.order {
		d := f.Finding
		if len(f.abis) > 0 && len(f.abis) < len(abis) {
			d.Notes = append(d.Notes, diag.Note{Text: "on " + strings.Join(f.abis, ", ")})
		}
		out = append(out, d)
	}
	out = merged(l.filter(out))
	out.Sort()
	return out
}

// merged makes one finding of those at one place that have one remedy: of several calls of a rule.
func merged(found diag.List) diag.List {
	first := map[string]int{} // in out
	others := map[int][]string{}
	var out diag.List
	for _, d := range found {
		key := fmt.Sprint(d.Severity, d.Code, d.Help)
		for _, n := range d.Notes {
			key += "\n" + n.Text
		}
		i, ok := first[key]
		if ok && out[i].Help != "" && out[i].Span == d.Span {
			others[i] = append(others[i], d.Message)
			continue
		}
		first[key] = len(out)
		out = append(out, d)
	}
	for i, messages := range others {
		text := "also: " + messages[0]
		if more := len(messages) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more like it", more)
		}
		out[i] = out[i].WithNotes(text)
	}
	return out
}

// judgeGuesses makes edits of the guesses that stand in rules that refuse calls, and in test
// blocks: there a wrong one allows nothing.
func (r *resolver) judgeGuesses(found diag.List) diag.List {
	refuses := func(s dsl.Statement) bool {
		rule, ok := s.(*dsl.Rule)
		_, isTest := s.(*dsl.Test)
		return isTest || ok && slices.Contains(refusing, rule.Action.Kind)
	}
	for i := range found {
		if !found[i].Guess {
			continue
		}
		for _, f := range r.files {
			for s := range f.All() {
				if refuses(s) && s.Range().Contains(found[i].Span) {
					found[i].Guess = false
				}
			}
		}
	}
	return found
}

// refusing are the actions by which a call is not made.
var refusing = []string{"deny", "trap", "kill_thread", "kill"}

// Reread returns what the policy would be if its own text were another one, and parameters had
// other values; false where that has errors.
func (r *Resolved) Reread(text string, params map[string]string) (*Resolved, bool) {
	opts := r.opts
	if len(params) > 0 {
		opts.Params = maps.Clone(params)
		maps.Copy(opts.Params, r.opts.Params)
	}
	out, _ := Text(r.Sources[0].Name, []byte(text), opts)
	return out, out != nil
}

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
		r.report.add(nil, d.WithHelp("remove this, and mend what %s is said of", code))
		return
	}
	r.report.suggest(&d, code, func(yield func(string) bool) {
		for _, c := range codes.All() {
			if c.Lint && !yield(c.Name) {
				return
			}
		}
	})
	if d.Help == "" {
		d = d.WithHelp("docs/errors.md has the names of all lints")
	}
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
