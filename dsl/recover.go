package dsl

import (
	"slices"

	"github.com/seccompc/seccompc/diag"
)

// recover finds the first error of each statement of a faulty text, and reads the others.
// participle stops at the first error of what it is given: so each statement is parsed alone, the
// faulty ones are hidden, and what is left is parsed as a whole. So is what stands in ranges of
// tokens that are cut.
func (s source) recover(tokens []token, cut [][2]int) (*File, diag.List) {
	var faulty []diag.Span
	var diags diag.List
	for _, p := range s.pieces(tokens) {
		isCut := slices.ContainsFunc(cut,
			func(c [2]int) bool { return c[0] < p.first && p.first < c[1] })
		var found diag.List
		if !isCut {
			found = s.errorsOf(p)
		}
		if len(found) > 0 || isCut || p.illegal() {
			faulty = append(faulty, p.Span)
			hide(tokens[p.first : p.last+1])
		}
		diags = append(diags, found...)
	}
	f, err := parseAs[File](s, tokens)
	if err != nil {
		bug := syntaxError(s.Start(), "this is a bug in seccompc: please report it with the policy",
			"the statements can be read alone and not together: %v", err)
		return s.nothing(), append(diags, bug)
	}
	f.Faulty = faulty
	return f, diags
}

// hide hides tokens from the grammar.
func hide(tokens []token) {
	for i, t := range tokens {
		if t.kind != tokComment {
			tokens[i].kind = tokIllegal
		}
	}
}

// outermost sorts the spans and drops those that lie within others.
func outermost(spans []diag.Span) []diag.Span {
	slices.SortFunc(spans, diag.Span.Compare)
	return slices.CompactFunc(spans, diag.Span.Contains)
}

// piece is the text of one statement without the content of its blocks; the last token is EOF.
type piece struct {
	diag.Span
	tokens      []token
	first, last int  // token of the statement among those of the text, with its blocks and its end
	claim       bool // it stands in the block of a test
}

// illegal reports whether the piece has an error that has been reported.
func (p piece) illegal() bool {
	return slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind == tokIllegal })
}

// part says what a piece is that is no statement.
func (p piece) part() string {
	if p.claim {
		return "claim"
	}
	return ""
}

// errorsOf returns the errors of a statement by itself that have not been reported.
func (s source) errorsOf(p piece) diag.List {
	switch {
	case p.illegal():
		return nil
	case p.claim:
		return errorsAs(s, p, checkClaim)
	}
	return errorsAs(s, p, (*File).validate)
}

// errorsAs parses a piece as a production of the grammar.
func errorsAs[P any](s source, p piece, check func(*P) diag.List) diag.List {
	tree, err := parseAs[P](s, p.tokens)
	if err != nil {
		return diag.List{s.explain(err, p.tokens, p.part())}
	}
	return check(tree)
}

// pieces cuts a text into statements. What is in a block stands apart from the statement that the
// block belongs to, and before it.
func (s source) pieces(tokens []token) []piece {
	var out, outer []piece
	var p piece
	for i, t := range tokens {
		switch t.kind {
		case tokSpace, tokComment:
			continue
		case tokEnd, tokEOF:
			if len(p.tokens) > 0 {
				out = append(out, s.ended(p, i))
			}
			p.tokens = nil
			continue
		case tokClose:
			p = outer[len(outer)-1]
			outer = outer[:len(outer)-1]
		}
		if len(p.tokens) == 0 {
			p.first = i
		}
		p.tokens = append(p.tokens, t)
		if t.kind == tokOpen {
			outer = append(outer, p)
			named := len(p.tokens) > 1 && p.tokens[1].kind == tokString // tests "a" {
			p = piece{claim: named || s.word(p.tokens[0]) == "test"}
		}
	}
	return out
}

// ended completes a piece that ends with a token of the text, and adds the end that the parser
// wants to see.
func (s source) ended(p piece, last int) piece {
	begin, end := p.tokens[0].start, p.tokens[len(p.tokens)-1].end
	p.Span, p.last = s.Span(int(begin), int(end)), last
	if !p.claim {
		p.tokens = append(p.tokens, token{tokEnd, end, end})
	}
	p.tokens = append(p.tokens, token{tokEOF, end, end})
	return p
}
