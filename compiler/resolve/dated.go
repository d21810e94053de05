package resolve

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// readAsOf takes the release whose tables count.
func (r *resolver) readAsOf(s *dsl.AsOf) {
	if r.asOf != nil && r.asOf != s {
		d := diag.Errorf(s.Span, codes.DuplicateDefinition, "as of stands here a second time")
		d.Notes = []diag.Note{{Span: &r.asOf.Span, Text: "the first one"}}
		r.report.add(nil, d)
		return
	}
	r.asOf = s
	release, err := linux.ParseRelease(s.Release.Text)
	d := diag.Errorf(s.Release.Span, codes.UnknownRelease, "the tables do not know Linux %s",
		s.Release.Text)
	switch {
	case err != nil:
		d.Message = err.Error()
		d = d.WithHelp("write as of linux %v", linux.Newest)
	case release.Patch != 0 && release.Major > 2:
		d.Message = "the tables know releases of Linux, not updates of them"
		d = d.WithHelp("write as of linux %d.%d", release.Major, release.Minor)
		d.Edits = []diag.Edit{{Span: s.Release.Span, New: linux.Release{
			Major: release.Major, Minor: release.Minor}.String()}}
	case release.Compare(linux.Oldest) < 0:
		d = d.WithHelp("the oldest is %v", linux.Oldest)
	case release.Compare(linux.Newest) > 0:
		d = d.WithHelp("the newest is %v: use a newer seccompc, or name an older release",
			linux.Newest)
	default:
		r.tables = release
		return
	}
	r.report.add(nil, d)
}

// lintDated reports a policy that does not say of which release it is, and the calls that are newer
// than what it says.
func (r *resolver) lintDated(out *Resolved) {
	if r.asOf == nil {
		r.lintUndated()
		return
	}
	if r.opts.Levels[codes.Outdated] == diag.Off {
		return
	}
	on := map[string][]string{} // calls to ABIs
	for i, abi := range r.abis {
		for _, name := range newer(abi, &out.Policy.ABIs[i]) {
			on[name] = append(on[name], abi.Name)
		}
	}
	var names []string
	for name, abis := range on {
		since, _ := linuxABI(abis[0]).Since(name)
		names = append(names, name+" ("+since.String()+")")
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	d := diag.Warningf(r.asOf.Span, codes.Outdated,
		"no rule names these newer system calls: %s", strings.Join(names, ", "))
	d.Severity = diag.Off
	d = d.WithNotes("they get the action of unknown, or else of default")
	r.report.add(nil, d.WithHelp("add rules for them, then write as of linux %v", linux.Newest))
}

func linuxABI(name string) *linux.ABI {
	abi, _ := linux.Lookup(name)
	return abi
}

// newer returns the calls that the tables know today, that the policy's do not, and that no rule of
// an ABI is about.
func newer(abi *linux.ABI, p *policy.ABI) []string {
	named := map[uint32]bool{}
	for _, rule := range p.Rules {
		for _, nr := range rule.Numbers {
			named[nr] = true
		}
	}
	var out []string
	for _, c := range abi.Syscalls() {
		if !named[c.Nr] && !policy.Contains(p.Known, uint64(c.Nr)) {
			out = append(out, c.Name)
		}
	}
	return out
}

// lintUndated says where the statement belongs.
func (r *resolver) lintUndated() {
	d := diag.Warningf(r.files[0].Start(), codes.Undated,
		"the policy does not say of which Linux it is")
	d.Severity = diag.Off
	d = d.WithNotes("with newer tables its filter may be another one")
	line := "as of linux " + linux.Newest.String()
	d = d.WithHelp("add %s", line)
	if len(r.files[0].Statements) > 0 {
		first := r.files[0].Statements[0].Range().Start()
		d.Edits = []diag.Edit{{Span: first, New: line + "\n"}}
	}
	r.report.add(nil, d)
}
