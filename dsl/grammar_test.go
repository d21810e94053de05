package dsl

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2/lexer"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/short"
)

// checkTokens checks that the tokens are all of the text but blanks, and their places as participle
// counts.
func checkTokens(t *testing.T, s source, tokens []token) {
	t.Helper()
	at := lexer.Position{Filename: "x", Line: 1, Column: 1}
	for i, token := range tokens {
		gap := s.Text[at.Offset:token.start]
		at.Advance(gap)
		if i == 0 {
			gap = strings.TrimPrefix(gap, byteOrderMark)
		}
		if strings.Trim(gap, " \t\r") != "" {
			t.Fatalf("%q of %q is in no token", gap, s.Text)
		}
		if got := s.span(token).Pos(); got != diag.Pos(at) {
			t.Fatalf("token %v of %q stands at %+v, want %+v", token, s.Text, got, at)
		}
		at.Advance(s.word(token))
	}
	if last := tokens[len(tokens)-1]; last.kind != tokEOF || at.Offset != len(s.Text) {
		t.Fatalf("the tokens of %q end with %v", s.Text, last)
	}
}

// IgnorePlaces compares trees by their words alone.
var IgnorePlaces = cmp.Options{
	cmpopts.IgnoreTypes(diag.Span{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".node" }, cmp.Ignore()),
}

// CheckParse parses a text, and reports whether it is a policy. What of it can be read must be the
// same whether participle gets it as a whole, in pieces, or without the faulty statements.
func CheckParse(t *testing.T, src string) bool {
	t.Helper()
	s := newSource("x", src)
	tokens, wrong := s.tokenize()
	checkTokens(t, s, tokens)
	f, diags := s.parse()
	checkFindings(t, diags)
	var cut [][2]int
	if s.whole(tokens, wrong) == nil {
		tokens, cut, _ = s.byLines()
	}
	pieces, found := s.recover(tokens, cut)
	found = append(found, pieces.validate()...)
	pieces.Faulty = outermost(pieces.Faulty)
	pieces.Words = f.Words
	pieces.Span = f.Span // a file's ends with what could be read
	pieces.addComments(s, tokens)
	diff := ""
	if !reflect.DeepEqual(f, pieces) {
		diff = cmp.Diff(f, pieces, IgnorePlaces, cmpopts.EquateEmpty())
	}
	if diff != "" || !slices.Equal(f.Faulty, pieces.Faulty) || len(found) > len(diags) {
		t.Fatalf("%q is other in pieces: %v, %v\n%s", src, diags, found, diff)
	}
	if len(f.Faulty) > 0 && !diags.HasErrors() {
		t.Fatalf("%q: %v is faulty without an error", src, f.Faulty)
	}
	if len(f.Faulty) > 0 {
		CheckParse(t, without(src, f.Faulty))
	}
	return len(diags) == 0
}

// without returns a text without its faulty statements; that of which it consists then is read the
// same.
func without(src string, faulty []diag.Span) string {
	out := []byte(src)
	for _, span := range faulty {
		from, to := span.Offsets()
		for i := from; i < to; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	return string(out)
}

func checkFindings(t *testing.T, diags diag.List) {
	t.Helper()
	for _, d := range diags {
		if from, to := d.Span.Offsets(); from > to || to > len(d.Span.Source().Text) {
			t.Fatalf("%v: from %d to %d", d, from, to)
		}
		if d.Message == "" || d.Code != syntaxCode {
			t.Fatalf("%#v", d)
		}
	}
}

// forEachNode calls do with pointers to the nodes of a tree, and their spans, parents first.
func forEachNode(v reflect.Value, do func(node reflect.Value, span *diag.Span)) {
	switch v.Kind() {
	case reflect.Interface:
		forEachNode(v.Elem(), do)
	case reflect.Slice:
		for i := range v.Len() {
			forEachNode(v.Index(i), do)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			forEachNode(v.Elem(), do)
		}
	case reflect.Struct:
		if span := v.FieldByName("Span"); span.IsValid() && v.FieldByName("Tokens").IsValid() {
			do(v.Addr(), span.Addr().Interface().(*diag.Span))
			for i := 1; i < v.NumField(); i++ {
				forEachNode(v.Field(i), do)
			}
		}
	}
}

// TestSentences goes through all that the grammar can say, and through what is nearly right.
func TestSentences(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := newSentences(t)
	said := map[string]bool{} // the productions of policies
	policies, others := 0, 0
	for n := 0; n < 500 || n < 3000 && len(said) < len(s.grammar); n++ {
		words := s.of("File")
		if CheckParse(t, s.text(words)) {
			policies++
			for _, production := range s.productions {
				said[production] = true
			}
		}
		if !CheckParse(t, s.text(s.mutate(words))) {
			others++
		}
	}
	t.Logf("%d policies of %d productions, %d faulty texts", policies, len(said), others)
	if policies < 300 || others < 200 || len(said) != len(s.grammar) {
		t.Errorf("%d policies of %d productions, %d faulty texts", policies, len(said), others)
		for name := range s.grammar {
			if !said[name] {
				t.Errorf("no policy has a %s", name)
			}
		}
	}
}

// TestSpans holds the span of every node against the grammar: what stands there is the node, and
// all of it.
func TestSpans(t *testing.T) {
	names, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(names) == 0 {
		t.Fatal("no policies", err)
	}
	texts := []source{newSource("x", "include \"a.scp\"\nconst A = 2 * 3")}
	for _, name := range append(names, "testdata/layout.scp") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, newSource(name, string(src)))
	}
	seen := map[reflect.Type]int{}
	for _, s := range texts {
		tokens, _ := s.tokenize()
		f, err := parseAs[File](s, tokens)
		if err != nil {
			t.Fatal(err)
		}
		forEachNode(reflect.ValueOf(f), func(node reflect.Value, span *diag.Span) {
			if absent(node.Elem()) {
				return
			}
			seen[node.Type()]++
			if parse := productions[node.Type()]; parse != nil &&
				seen[node.Type()] <= short.Rounds(200) {
				checkSpan(t, tokens, node, *span, parse)
			}
		})
	}
	for node := range productions {
		if seen[node] == 0 {
			t.Errorf("there is no %v", node)
		}
	}
}

// absent reports whether a node is none of the text, as the value of a parameter that has choices:
// nothing in it is set but the place.
func absent(node reflect.Value) bool {
	for i := 1; i < node.NumField(); i++ {
		if !node.Field(i).IsZero() {
			inner := node.Field(i)
			if inner.Kind() != reflect.Struct || !inner.FieldByName("Tokens").IsValid() ||
				!absent(inner) {
				return false
			}
		}
	}
	return node.NumField() > 1
}

func checkSpan(t *testing.T, tokens []token, node reflect.Value, span diag.Span, parse production) {
	t.Helper()
	from, to := span.Offsets()
	start, end := int32(from), int32(to)
	var inside []token
	for _, token := range tokens {
		if start <= token.start && token.end <= end &&
			(token.start < token.end || token.end < end) {
			inside = append(inside, token)
		}
	}
	if len(inside) == 0 || inside[0].start != start || inside[len(inside)-1].end != end {
		t.Fatalf("%v: the span %q is not of whole words", span.Pos(), span.Text())
	}
	got, err := parse(source{span.Source()}, append(inside, token{tokEOF, end, end}))
	diff := cmp.Diff(node.Interface(), got, IgnorePlaces, cmpopts.IgnoreFields(Rule{}, "Reason"))
	if err != nil || diff != "" {
		t.Errorf("%v: %q is not the %v: %v\n%s", span.Pos(), span.Text(), node.Type(), err, diff)
	}
}

// production is what the grammar makes of tokens.
type production func(source, []token) (any, error)

// productions holds the grammar of every node but the file, by the type of a pointer to it.
var productions = map[reflect.Type]production{}

func init() {
	addProduction[Rule]()
	addProduction[Fallback]()
	addProduction[Arch]()
	addProduction[AsOf]()
	addProduction[Release]()
	addProduction[Define]()
	addProduction[Set]()
	addProduction[Include]()
	addProduction[When]()
	addProduction[Block]()
	addProduction[Hot]()
	addProduction[Test]()
	addProduction[Claim]()
	addProduction[Call]()
	addProduction[CallName]()
	addProduction[Arg]()
	addProduction[Action]()
	addProduction[Selector]()
	addProduction[Name]()
	addProduction[ABIName]()
	addProduction[SetName]()
	addProduction[String]()
	addProduction[Cond]()
	addProduction[CondAnd]()
	addProduction[CondTerm]()
	addProduction[Comparison]()
	addProduction[Operand]()
	addProduction[Members]()
	addProduction[Range]()
	addProduction[Expr]()
	addProduction[ExprAnd]()
	addProduction[Compare]()
	addProduction[Sum]()
	addProduction[Product]()
	addProduction[Unary]()
}

func addProduction[P any]() {
	productions[reflect.TypeFor[*P]()] = func(s source, tokens []token) (any, error) {
		return parseAs[P](s, tokens)
	}
}
