package modes

import (
	"maps"

	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
)

// Unproved finds the parameters for whose default alone claims hold: with another value the same
// lines are wrong, so that nobody has proved that mode. It tries one parameter at a time, at most
// [Max] values; combinations are for [Each].
func Unproved(name string, src []byte, opts compiler.Options, r *resolve.Resolved) diag.List {
	if len(r.Claims) == 0 {
		return nil
	}
	var found diag.List
	tried := 0
	for _, p := range open(r.Params) {
		if r.Silences(codes.DefaultOnly, p.Span) {
			continue
		}
		for _, value := range p.Values[1:] {
			if tried++; tried > Max {
				return r.Lint(found)
			}
			mode := Mode{Params: map[string]string{p.Name: value}}
			if f := unproved(name, src, mode.Options(opts), r, p); f != nil {
				f.Message = p.Name + "=" + value + " " + f.Message
				found = append(found, *f)
				break
			}
		}
	}
	return r.Lint(found)
}

// unproved says what is wrong with the claims under some options, or returns nil.
func unproved(
	name string, src []byte, opts compiler.Options, r *resolve.Resolved, p resolve.Param,
) *diag.Finding {
	other, diags := resolve.Text(name, src, opts.Resolve())
	if diags.HasErrors() {
		f := diag.Warningf(p.Span, codes.DefaultOnly, "is an error in the policy")
		f.Notes = []diag.Note{{Span: &diags[0].Span, Text: diags[0].Message}}
		return &f
	}
	broken := failing(other)
	for at := range failing(r) {
		delete(broken, at) // that is wrong anyway
	}
	if len(broken) == 0 {
		return nil
	}
	f := diag.Warningf(p.Span, codes.DefaultOnly,
		"breaks %d of %d claims, which hold for the default alone", len(broken),
		claims.Lines(other.Claims))
	first := diag.Span{}
	for at := range maps.Keys(broken) {
		if first.Source() == nil || at.Compare(first) < 0 {
			first = at
		}
	}
	f.Notes = []diag.Note{{Span: &first, Text: "the first of them"}}
	f = f.WithHelp("put what holds in one mode into a when block; test --each proves all modes")
	return &f
}

// failing returns the places of the claims that a policy does not keep; none where that is not
// known.
func failing(r *resolve.Resolved) map[diag.Span]bool {
	out := map[diag.Span]bool{}
	checker, err := claims.OfPolicy(r)
	if err != nil {
		return out
	}
	failed, err := checker.Check()
	if err != nil {
		return out
	}
	for _, f := range failed {
		out[f.Claim.Span] = true
	}
	return out
}
