package resolve

import (
	"iter"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
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
	out = l.filter(out)
	out.Sort()
	return out
}
