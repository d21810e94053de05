package lsp

import (
	"strings"

	"github.com/seccompc/seccompc/dsl"
)

// format lays a document out as "seccompc fmt" does. What differs is one edit.
func (s *server) format(doc *document, _ *placeParams) (any, error) {
	old := doc.text.string
	laid, diags := dsl.Format(doc.path, []byte(old))
	if diags.HasErrors() {
		return nil, rpcError(codeRequestFailed, "the policy cannot be read: %v", diags.Err())
	}
	return doc.difference(string(laid)), nil
}

// difference returns the edit that makes another text of a document: of the lines that differ.
func (doc *document) difference(fresh string) []textEdit {
	old := doc.text.string
	if fresh == old {
		return []textEdit{}
	}
	start := commonLines(old, fresh)
	end := commonEnd(old[start:], fresh[start:])
	return []textEdit{{doc.span(start, len(old)-end), fresh[start : len(fresh)-end]}}
}

// commonLines returns the length of the whole lines with which both texts begin.
func commonLines(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return strings.LastIndexByte(a[:n], '\n') + 1
}

// commonEnd returns the length of the whole lines with which both texts end.
func commonEnd(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	same := a[len(a)-n:]
	first := strings.IndexByte(same, '\n')
	if n == len(a) || n == len(b) || first < 0 {
		return 0
	}
	return n - first - 1
}

// symbols returns the outline of a document.
func (s *server) symbols(doc *document, _ *placeParams) (any, error) {
	f := s.view(doc.path).file(doc.path)
	if f == nil {
		return []documentSymbol{}, nil
	}
	return doc.outline(f.Statements), nil
}

func (doc *document) outline(statements []dsl.Statement) []documentSymbol {
	out := []documentSymbol{}
	add := func(kind int, name string, x, at dsl.Node, detail string, children ...documentSymbol) {
		out = append(out, documentSymbol{
			Name: name, Detail: detail, Kind: kind,
			Range: doc.spanOf(x.Range()), SelectionRange: doc.spanOf(at.Range()),
			Children: children,
		})
	}
	for _, x := range statements {
		switch x := x.(type) {
		case *dsl.Rule:
			add(symbolFunction, firstLine(x.Text()), x, &x.Action, "")
		case *dsl.Define:
			kind := symbolConstant
			if x.Kind == "param" {
				kind = symbolVariable
			}
			add(kind, x.Name.Text, x, &x.Name, x.Kind)
		case *dsl.Late:
			add(symbolVariable, x.Name.Text, x, &x.Name, "late "+x.Type)
		case *dsl.Set:
			add(symbolArray, x.Name.Text, x, &x.Name, "set")
		case *dsl.Include:
			add(symbolModule, x.Path.Quoted, x, &x.Path, "include")
		case *dsl.Test:
			add(symbolEvent, x.Name.Quoted, x, &x.Name, "test")
		case *dsl.When:
			for _, b := range x.Branches() {
				name := "else"
				if b.Cond != nil {
					name = "when " + b.Cond.Text()
				}
				add(symbolModule, firstLine(name), b.Block, b.Block, "",
					doc.outline(b.Statements)...)
			}
		}
	}
	return out
}

// firstLine returns what of a text fits an outline.
func firstLine(s string) string {
	line, _, more := strings.Cut(s, "\n")
	runes := []rune(strings.TrimSpace(line))
	if len(runes) > 80 {
		runes, more = runes[:80], true
	}
	if more {
		return string(runes) + " …"
	}
	return string(runes)
}
