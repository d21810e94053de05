package lsp

import (
	"encoding/json"
	"fmt"

	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
)

// lensData says which statement a lens is about.
type lensData struct {
	URI    string `json:"uri"`
	Offset int    `json:"offset"`
}

// maxLenses bounds the rules that are looked at for an editor which does not ask for each when it
// is shown: each is a compilation.
const maxLenses = 100

// lenses returns a lens above each test and each rule. What it says is found when it is shown, if
// the editor asks again for that.
func (s *server) lenses(doc *document, _ *placeParams) (any, error) {
	out := []codeLens{}
	f := s.view(doc.path).file(doc.path)
	if f == nil {
		return out, nil
	}
	for st := range f.All() {
		if !s.resolvesLenses && len(out) == maxLenses {
			break
		}
		switch st.(type) {
		case *dsl.Rule, *dsl.Test:
			start, _ := st.Range().Offsets()
			data, err := json.Marshal(lensData{doc.uri, start})
			if err != nil {
				return nil, err
			}
			at := doc.span(start, start)
			lens := codeLens{Range: at, Data: data}
			if !s.resolvesLenses {
				lens.Command = &command{Title: s.viewOf(doc).lensTitle(doc.path, start)}
			}
			out = append(out, lens)
		}
	}
	return out, nil
}

// resolveLens says what a rule decides and costs, or what is proved of a test.
func (s *server) resolveLens(l *codeLens) (any, error) {
	var data lensData
	if err := json.Unmarshal(l.Data, &data); err != nil {
		return nil, rpcError(codeRequestFailed, "the lens is not one of this server")
	}
	path, _ := pathOf(data.URI)
	doc := s.docs[path]
	if doc == nil {
		return nil, rpcError(codeRequestFailed, "%.200q is not open", data.URI)
	}
	l.Command = &command{Title: s.viewOf(doc).lensTitle(path, data.Offset)}
	return l, nil
}

// lensTitle is what a lens says about the statement at a place.
func (v *view) lensTitle(path string, offset int) string {
	v.compile()
	f := v.file(path)
	if f == nil {
		return "the text has changed"
	}
	for st := range f.All() {
		if start, _ := st.Range().Offsets(); start != offset {
			continue
		}
		switch st := st.(type) {
		case *dsl.Rule:
			e, err := v.effect(st.Range())
			if err != nil {
				return err.Error()
			}
			return effectText(e) + v.caveat()
		case *dsl.Test:
			return v.testTitle(st)
		}
	}
	return "the text has changed"
}

// errWrong is said where a policy has errors, and has no meaning without the statements that have
// them.
var errWrong = fmt.Errorf("not known: the policy has errors")

// effect returns what a rule does.
func (v *view) effect(at diag.Span) (compiler.Effect, error) {
	v.compile()
	p := v.policy
	if p == nil {
		v.reduce()
		p = v.rest
	}
	if p == nil {
		return compiler.Effect{}, errWrong
	}
	for i, r := range p.Rules {
		if r.Range().Compare(at) == 0 {
			e, err := p.Effect(i)
			if err != nil {
				return e, fmt.Errorf("not known: %w", err)
			}
			return e, nil
		}
	}
	return compiler.Effect{}, errWrong
}

// caveat is said behind an effect: it is that of a policy which lacks statements.
func (v *view) caveat() string {
	if v.policy == nil && v.lacks {
		return " (without the statements that have errors)"
	}
	return ""
}

// testTitle says how many claims of a test hold.
func (v *view) testTitle(t *dsl.Test) string {
	switch {
	case v.policy == nil:
		return errWrong.Error()
	case v.claims.err != nil:
		return v.claims.err.Error()
	}
	var own []resolve.Claim
	failed := map[diag.Span]bool{}
	for _, c := range v.policy.Claims {
		if t.Range().Contains(c.Span) {
			own = append(own, c)
		}
	}
	for _, f := range v.claims.failed {
		if t.Range().Contains(f.Span) {
			failed[f.Span.Start()] = true
		}
	}
	switch n := claims.Lines(own); {
	case n == 0:
		return "not decided: no line counts on these ABIs and with these parameters"
	case len(failed) > 0:
		return fmt.Sprintf("%d of %d claims %s not hold", len(failed), n, doOrDoes(len(failed)))
	default:
		return fmt.Sprintf("%d %s proved", n, plural(n, "claim"))
	}
}

func doOrDoes(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}

// inlays marks the rules that decide nothing.
func (s *server) inlays(doc *document, p *rangeParams) (any, error) {
	out := []inlayHint{}
	start, end := doc.offset(p.Range.Start), doc.offset(p.Range.End)
	for _, root := range s.roots(doc) {
		v := s.view(root)
		v.compile()
		for _, f := range v.found {
			if _, d := v.diagnostic(f); len(d.Tags) == 0 || !v.isFile(f.Span) ||
				f.Span.Source().Name != doc.path {
				continue
			}
			if _, to := f.Span.Offsets(); start <= to && to <= end {
				out = append(out, inlayHint{doc.position(to), "decides nothing", true,
					diag.Printable(f.Message)})
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out, nil
}
