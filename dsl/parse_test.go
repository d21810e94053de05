package dsl_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/dsl"
)

func mustParse(t *testing.T, src string) *dsl.File {
	t.Helper()
	f, diags := dsl.Parse("x.scp", []byte(src))
	if len(diags) > 0 {
		t.Fatalf("%v\n%s", diags, src)
	}
	return f
}

func TestStatements(t *testing.T) {
	name := func(s string) dsl.Name { return dsl.Name{Text: s} }
	calls := func(names ...string) []*dsl.Selector {
		var out []*dsl.Selector
		for _, n := range names {
			out = append(out, &dsl.Selector{Name: n})
		}
		return out
	}
	value := func(number string) dsl.Sum {
		return dsl.Sum{X: dsl.Product{X: dsl.Unary{Number: number}}}
	}
	expr := func(s dsl.Sum) dsl.Expr {
		return dsl.Expr{Or: []dsl.ExprAnd{{And: []dsl.Compare{{X: s}}}}}
	}
	deny := dsl.Action{Kind: "deny"}
	tests := []struct {
		src  string
		want dsl.Statement
	}{
		{"arch x86_64, 386", &dsl.Arch{ABIs: []dsl.ABIName{{Text: "x86_64"}, {Text: "386"}}}},
		{"default kill_thread", &dsl.Fallback{Kind: "default",
			Action: dsl.Action{Kind: "kill_thread"}}},
		{"unknown deny(38)", &dsl.Fallback{Kind: "unknown",
			Action: dsl.Action{Kind: "deny", Data: new(value("38"))}}},
		{"const A =\n  0x1_0", &dsl.Define{Kind: "const", Name: name("A"),
			Value: expr(value("0x1_0"))}},
		{"param b = 1", &dsl.Define{Kind: "param", Name: name("b"), Value: expr(value("1"))}},
		{`include "a/b.scp"`, &dsl.Include{Path: dsl.String{Quoted: `"a/b.scp"`}}},
		{"hot read,\nwrite", &dsl.Hot{Selectors: calls("read", "write")}},
		{"set @a-b = x, y-@c,d", &dsl.Set{
			Name: dsl.SetName{Text: "@a-b"}, Add: calls("x", "y"),
			Remove: []*dsl.Selector{{Set: "@c"}, {Name: "d"}},
		}},
		{"set @a = @b-@c", &dsl.Set{
			Name: dsl.SetName{Text: "@a"}, Add: []*dsl.Selector{{Set: "@b"}},
			Remove: []*dsl.Selector{{Set: "@c"}},
		}},
		{"hot 440..471 - 450", &dsl.Hot{
			Selectors: []*dsl.Selector{{Number: "440", To: "471"}},
			Remove:    []*dsl.Selector{{Number: "450"}},
		}},
		{"deny @a - x, 1..2", &dsl.Rule{
			Action: deny, Selectors: []*dsl.Selector{{Set: "@a"}},
			Remove: []*dsl.Selector{{Name: "x"}, {Number: "1", To: "2"}},
		}},
		{"deny kill, @a, 435", &dsl.Rule{
			Action: deny, Selectors: []*dsl.Selector{{Name: "kill"}, {Set: "@a"}, {Number: "435"}},
		}},
		{"when 1 { deny a } else { deny b\n deny c }", &dsl.When{
			Cond: expr(value("1")),
			Then: dsl.Block{Statements: []dsl.Statement{&dsl.Rule{Action: deny,
				Selectors: calls("a")}}},
			Else: &dsl.Block{Statements: []dsl.Statement{
				&dsl.Rule{Action: deny, Selectors: calls("b")},
				&dsl.Rule{Action: deny, Selectors: calls("c")},
			}},
		}},
		{"test \"t\" {\n i386: a(_, 1) => deny\n\n 7 => deny\n 7..9 => deny\n}", &dsl.Test{
			Name: dsl.String{Quoted: `"t"`},
			Claims: []*dsl.Claim{
				{Action: deny, Call: dsl.Call{
					ABI: &dsl.ABIName{Text: "i386"}, Name: dsl.CallName{Name: "a"},
					Args: []*dsl.Arg{{Any: true}, {Value: new(expr(value("1")))}},
				}},
				{Action: deny, Call: dsl.Call{Name: dsl.CallName{Number: "7"}}},
				{Action: deny, Call: dsl.Call{Name: dsl.CallName{Number: "7", To: "9"}}},
			},
		}},
	}
	for _, test := range tests {
		f := mustParse(t, test.src)
		if diff := cmp.Diff([]dsl.Statement{test.want}, f.Statements,
			dsl.IgnorePlaces); diff != "" {
			t.Errorf("%s:\n%s", test.src, diff)
		}
	}
}

// TestNoStatements: a file may have none; its span is empty then.
func TestNoStatements(t *testing.T) {
	for _, src := range []string{"", " ", "\n\n", "# c\n", "\ufeff"} {
		f := mustParse(t, src)
		if text := f.Text(); text != "" || f.Pos() != f.EndPos() {
			t.Errorf("%q: %q from %v to %v", src, text, f.Pos(), f.EndPos())
		}
	}
}

// TestConditions writes trees with all their parentheses.
func TestConditions(t *testing.T) {
	tests := []struct{ cond, want string }{
		{"arg0", "arg0"},
		{"a && b || !c && !!(d || e)", "((a && b) || (!c && !!(d || e)))"},
		{"a & B", "a & B"},
		{"a & ~(B|C) == D + 1", "a & ~(B | C) == (D + 1)"},
		{"a & 3 not in {1, 2..3,}", "a & 3 not in {1, 2..3}"},
		{"u32(a) in {A|B}", "u32(a) in {(A | B)}"},
		{"a any B|C && b all 1<<3 || ip only ~0",
			"((a any (B | C) && b all (1 << 3)) || ip only ~0)"},
		{"a ==\n 1 &&\n b !=\n 2", "(a == 1 && b != 2)"},
		{"(\na\n==1\n)", "a == 1"},
		{"any any all", "any any all"},
	}
	for _, test := range tests {
		f := mustParse(t, "deny x if "+test.cond)
		if got := condText(f.Statements[0].(*dsl.Rule).Cond); got != test.want {
			t.Errorf("%s: got %s, want %s", test.cond, got, test.want)
		}
	}
}

func TestExpressions(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"1 | 2 & 3", "(1 | (2 & 3))"},
		{"1 + 2 * 3 - 4 << 5 ^ 6", "(((1 + (2 * 3)) - (4 << 5)) ^ 6)"},
		{"-~1 - -2", "(-~1 - -2)"},
		{"a || b && !c == 1", "(a || (b && (!c == 1)))"},
		{"arch not in {i386, 386} && n >= 2", "(arch not in {i386, 386} && (n >= 2))"},
		{"(a + b) * (c > 1)", "((a + b) * (c > 1))"},
	}
	for _, test := range tests {
		e, diags := dsl.ParseExpr("x", test.expr)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		if got := exprText(e); got != test.want {
			t.Errorf("%s: got %s, want %s", test.expr, got, test.want)
		}
	}
}

func TestParseCall(t *testing.T) {
	c, diags := dsl.ParseCall("x", "openat(AT_FDCWD, 0, O_RDWR)\n")
	if len(diags) > 0 || c.Name.Name != "openat" || len(c.Args) != 3 {
		t.Errorf("got %+v, %v", c, diags)
	}
	c, diags = dsl.ParseCall("x", "i386: unshare if arg0 & CLONE_NEWUSER")
	if len(diags) > 0 || c.ABI.Text != "i386" || condText(c.Cond) != "arg0 & CLONE_NEWUSER" {
		t.Errorf("got %+v, %v", c, diags)
	}
	bad := []string{"", "a\nb", "a => deny", "a(", "a(1,2,3,4,5,6,7)", "a if b & 1 < 2", "@a",
		"a $"}
	for _, text := range bad {
		if c, diags := dsl.ParseCall("x", text); c != nil || !diags.HasErrors() {
			t.Errorf("%q: got %+v, %v", text, c, diags)
		}
	}
}

func TestReasons(t *testing.T) {
	src := `# not this one

# one
#   two
deny a  # three
deny b,  # inside
  c
deny d
# four
deny e
# of the when
when x { deny f }  # behind the when
when x {  # opens
	## five
	deny g
	# last
}
# lint: allow bypass we know
# six
deny h  # lint: allow never-fails   it is late
`
	f := mustParse(t, src)
	var got []string
	for s := range f.All() {
		if r, ok := s.(*dsl.Rule); ok {
			got = append(got, r.Selectors[0].Name+": "+r.Reason)
		}
	}
	want := []string{"a: one\ntwo\nthree", "b: ", "d: ", "e: four", "f: ", "g: five", "h: six"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantAllows := []dsl.Allow{{Code: "bypass", Reason: "we know"},
		{Code: "never-fails", Reason: "it is late"}}
	if diff := cmp.Diff(wantAllows, f.Allows, dsl.IgnorePlaces); diff != "" {
		t.Error(diff)
	}
	if a := f.Allows[0]; a.Span.Pos().Line != 18 || a.Covers.Pos().Line != 20 {
		t.Errorf("got %+v", a)
	}
}

// TestIncompleteAllow: a lint comment that lacks its reason allows nothing, and is one error.
func TestIncompleteAllow(t *testing.T) {
	for _, comment := range []string{"lint: allow bypass", "lint: allow", "lint:", "lint: x y z"} {
		f, diags := dsl.Parse("x", []byte("deny a  # "+comment+"\n"))
		if len(diags) != 1 || f != nil && len(f.Allows) > 0 {
			t.Errorf("%s: %v", comment, diags)
		}
	}
}

func TestGrammar(t *testing.T) {
	lines := strings.Split(dsl.Grammar(), "\n")
	for _, want := range []string{
		`File = (Statement <end>)* .`,
		`Rule = Action Selector ("," Selector)* ("-" Selector ("," Selector)*)? ("if" Cond)? .`,
		`Claim = Call "=>" Action .`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("%s is not in\n%s", want, dsl.Grammar())
		}
	}
}
