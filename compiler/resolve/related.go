package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Guarded is a call about which a rule decides, by one of the call's doors.
type Guarded struct {
	Source int // of the rule
	Action policy.Action
	Name   string
	Call   Call // what the rule decides, if no rule above it does
	// the rule has more comparisons for its calls than relatives are looked for; it is recorded
	// once
	Large  bool
	Mended *Mended // nil where the rule says all that it is about

	scope   *scope
	rule    *dsl.Rule
	way     way
	written condition // the rule's condition
	meant   condition // the same as its author will have meant it, which its relatives get
}

// condition is a condition that a call is asked for, with its operands there.
type condition struct {
	cond     *dsl.Cond
	text     string // on one line
	list     []*dsl.Operand
	operands []operand
}

// Relative is what reaches the same in the kernel as a guarded call.
type Relative struct {
	Text string // the calls in the policy language
	Call Call
	Mux  string // the multiplexer that they come through, or ""
	// Hidden says that the multiplexer takes from memory what the rule's condition asks for: each
	// of the calls may be meant.
	Hidden bool
}

// maxGuarded bounds the comparisons of a rule, each counted for every call, whose relatives can be
// asked for.
const maxGuarded = 20_000

// guard records what a rule stops, and of one that lets pass where it lets pass more than it says.
func (s *scope) guard(x *dsl.Rule, action policy.Action, calls []call) {
	g := Guarded{Source: s.r.rules[x], Action: action, scope: s, rule: x}
	switch lets := action == policy.Allow || action == policy.Log; {
	case lets && x.Cond != nil && excepts(x.Cond):
	case !stops(action):
		return
	case x.Cond == nil:
		for _, c := range calls {
			g.Name, g.Call = c.name, Call{Nr: c.nr, Cond: doorCond(c)}
			s.guarded = append(s.guarded, g)
		}
		return
	}
	tests := 0
	for range x.Cond.Tests() {
		tests++
	}
	if tests*len(calls) > maxGuarded {
		if g.Large = true; stops(action) {
			s.guarded = append(s.guarded, g)
		}
		return
	}
	g.written = condition{cond: x.Cond, text: onOneLine(x.Cond.Span.Text())}
	g.written.list = distinctOperands(x.Cond)
	quiet := s.quiet()
	for _, c := range calls {
		for _, g.way = range waysOf(s.abi, c) {
			var ok bool
			if g.written.operands, ok = quiet.operands(g.written.list, g.way); !ok {
				continue
			}
			if cond, seen := quiet.meaning(x.Cond, g.way, g.written.operands); seen {
				g := g
				g.Name, g.Call = c.name, Call{Nr: c.nr, Cond: both(g.way.door, cond)}
				g.meant = g.written
				g.mend(quiet)
				switch {
				case stops(action):
					s.guarded = append(s.guarded, g)
				case g.Mended != nil:
					s.lax = append(s.lax, g)
				}
			}
		}
	}
}

// quiet returns the scope with a report that nobody reads.
func (s *scope) quiet() *scope {
	r := *s.r
	r.report, r.quiet = newReport(), true
	out := *s
	out.r = &r
	return &out
}

// meaning resolves a condition where all of its operands are seen.
func (s *scope) meaning(c *dsl.Cond, w way, operands []operand) (policy.Cond, bool) {
	if slices.ContainsFunc(operands, func(o operand) bool { return o.hidden }) {
		return nil, false
	}
	return s.cond(c, w.call, operands)
}

// Doors returns the calls by other doors of the same call for which the rule's condition holds. A
// rule without a condition has none: where it names a call it covers all doors, and a number means
// itself.
func (g *Guarded) Doors() []Relative {
	if g.rule.Cond == nil {
		return nil
	}
	var out []Relative
	s := g.scope.quiet()
	for _, c := range appendDoors(nil, s.abi, g.Name) {
		if c.door() == g.way.call.door() {
			continue
		}
		ways := waysOf(s.abi, c)
		for _, w := range ways {
			r, ok := g.by(s, w, &g.meant)
			if !ok {
				r = Relative{muxText(c, w.door), Call{Nr: c.nr, Cond: w.door}, c.mux, true}
			}
			out = append(out, r)
		}
		if len(ways) == 0 {
			out = append(out, Relative{muxText(c, nil), Call{Nr: c.nr, Cond: doorCond(c)}, c.mux,
				true})
		}
	}
	return out
}

// As returns the calls of another name, by each of its doors, for which the rule's condition holds:
// it gets the meaning that it has for the arguments of the same names, in their widths. There are
// none where the ABI does not have the call or the call does not have the arguments.
func (g *Guarded) As(name string) []Relative { return g.as(g.scope.quiet(), name, &g.meant) }

// AsOn is [Guarded.As] for an ABI of the policy, by its index, and for the condition as it is
// written.
func (r *Resolved) AsOn(abi int, g *Guarded, name string) []Relative {
	s := r.scopes[abi].quiet()
	out := g.as(s, name, &g.written)
	if meant := g.as(s, name, &g.meant); len(meant) == len(out) {
		for i := range out {
			out[i].Text = meant[i].Text
		}
	}
	return out
}

func (g *Guarded) as(s *scope, name string, c *condition) []Relative {
	var out []Relative
	for _, door := range appendDoors(nil, s.abi, name) {
		if c.cond == nil {
			call := Call{Nr: door.nr, Cond: doorCond(door)}
			out = append(out, Relative{door.name, call, door.mux, false})
			continue
		}
		for _, w := range waysOf(s.abi, door) {
			if r, ok := g.by(s, w, c); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

// by gives a condition its meaning for another way.
func (g *Guarded) by(s *scope, w way, c *condition) (Relative, bool) {
	there, ok := g.translate(s, w, c)
	if !ok {
		return Relative{}, false
	}
	cond, ok := s.meaning(c.cond, w, there)
	if !ok {
		return Relative{}, false
	}
	text := w.name
	if own, ok := s.operands(c.list, w); ok && sameViews(own, there) {
		text += " if " + c.text
	}
	return Relative{text, Call{Nr: w.nr, Cond: both(w.door, cond)}, w.mux, false}, true
}

// translate returns what the operands of a condition are for another call.
func (g *Guarded) translate(s *scope, to way, c *condition) ([]operand, bool) {
	out := make([]operand, 0, len(c.list))
	for i, x := range c.list {
		o := c.operands[i]
		if o.Arg != policy.IP {
			there, ok := s.counterpart(g.way.params, o.arg, to)
			if !ok {
				return nil, false
			}
			o = s.cast(x, there)
			o.key = keyOf(x)
		}
		out = append(out, o)
	}
	return out, true
}

// counterpart returns the operand that has a name in common with one of another call, "" for none.
func (s *scope) counterpart(params []linux.Arg, name string, to way) (operand, bool) {
	names := []string{name}
	if i := parameter(params, name); i >= 0 {
		names = append(names, params[i].Aliases...)
	} else if lo, _, ok := halves(params, name); ok {
		for _, alias := range params[lo].Aliases {
			names = append(names, strings.TrimSuffix(alias, "_lo"))
		}
	} else {
		return operand{}, false
	}
	for _, name := range names {
		if o, ok := s.named(to, name); ok {
			return o, true
		}
	}
	return operand{}, false
}

// muxText returns the calls of a multiplexer that go through a door to a call.
func muxText(c call, door policy.Cond) string {
	mask := ""
	if m := linux.MultiplexerMask(c.mux); m != policy.Ones(32) {
		mask = fmt.Sprintf(" & %#x", m)
	}
	if t, ok := door.(policy.Test); ok && t.Mask == policy.Ones(32) {
		mask = "" // version 0 alone
	}
	return fmt.Sprintf("%s if arg0%s == %d", c.mux, mask, c.sub)
}

// Mended is a rule as its author will have meant it: where it compares as a whole what has flags
// beside the value, or bits that the kernel does not read, it asks for the value alone.
type Mended struct {
	Text  string      // the rule
	Past  []Relative  // calls that it would decide otherwise
	Cast  bool        // the bits are not read: it is a cast that looks at them
	Edits []diag.Edit // that make the rule so
}

// maxLoose bounds the comparisons of a rule, and the values of one, that are looked at as parts of
// a word.
const maxLoose = 16

// looseTest is a comparison that asks for more than the value that it names.
type looseTest struct {
	at              diag.Span
	meant, opposite string // what to write, and what holds where that does not
	cast            bool
}

// mend finds what the author of a rule will have meant. What tests a value as bits is a finding of
// its own; the rest is Mended.
func (g *Guarded) mend(s *scope) {
	bits, loose := g.misread(s, false)
	if len(bits)+len(loose) == 0 || g.rule.Cond.Span.Source() == nil {
		return
	}
	at, m := g.rule.Cond.Span, &Mended{}
	for _, l := range loose {
		m.Edits = append(m.Edits, diag.Edit{Span: l.at, New: l.meant})
		m.Cast = m.Cast || l.cast
	}
	edits := slices.Concat(bits, m.Edits)
	meant, _, ok := g.asks(s, editedAt(at, edits))
	if !ok {
		return
	}
	g.meant = meant
	m.Text = editedAt(g.rule.Span, edits)
	if len(loose) == 0 {
		return
	}
	if bits, loose = g.misread(s, true); stops(g.Action) {
		g.getsPast(s, m, meant.text, editedAt(at, slices.Concat(bits, asMeant(loose, -1))))
	} else {
		_, people := g.misread(s, false)
		for i := range loose {
			g.getsPast(s, m, editedAt(at, slices.Concat(bits, asMeant(people, i))),
				editedAt(at, slices.Concat(bits, asMeant(loose, i))))
		}
	}
	if len(m.Past) > 0 {
		g.Mended = m
	}
}

// asMeant returns the edits of comparisons, of one to its opposite.
func asMeant(loose []looseTest, opposite int) (out []diag.Edit) {
	for i, l := range loose {
		text := l.meant
		if i == opposite {
			text = l.opposite
		}
		out = append(out, diag.Edit{Span: l.at, New: text})
	}
	return out
}

// getsPast adds the calls for which a condition holds, in people's words and exactly: of a rule
// that lets pass, those for which it holds too.
func (g *Guarded) getsPast(s *scope, m *Mended, words, exactly string) {
	_, cond, ok := g.asks(s, exactly)
	if !ok {
		return
	}
	call := Call{Nr: g.Call.Nr, Cond: both(g.way.door, cond)}
	if !stops(g.Action) {
		call.Cond = both(g.Call.Cond, call.Cond)
	}
	m.Past = append(m.Past, Relative{Text: g.Name + " if " + words, Call: call})
}

// maxMeant bounds the text of a condition that is put in the place of another.
const maxMeant = 1 << 12

// asks reads a condition in place of the rule's.
func (g *Guarded) asks(s *scope, text string) (c condition, meaning policy.Cond, ok bool) {
	read, known := s.r.meant[text]
	if !known && len(text) <= maxMeant {
		if call, faults := dsl.ParseCall("meant", "read if "+text); len(faults) == 0 {
			read = call.Cond
		}
		s.r.meant[text] = read
	}
	if read == nil {
		return c, nil, false
	}
	c = condition{cond: read, text: text, list: distinctOperands(read)}
	if c.operands, ok = s.operands(c.list, g.way); !ok {
		return c, nil, false
	}
	meaning, ok = s.meaning(c.cond, g.way, c.operands)
	return c, meaning, ok
}

// misread returns the edits of the comparisons that test a value as bits, and those that ask for
// more than the value that they name: in people's words, or with the very bits that the kernel
// looks at. Of a rule that stops these are the ones that have to hold, of another one the rest.
func (g *Guarded) misread(s *scope, exactly bool) (bits []diag.Edit, loose []looseTest) {
	r := condResolver{scope: s, operands: g.written.operands}
	r.comparisons(g.rule.Cond, true, func(t *dsl.Comparison, helps bool) {
		if _, text, ok := r.notBits(t, r.operand(&t.X)); ok && exact(text) {
			bits = append(bits, diag.Edit{Span: t.Span, New: text})
			return
		}
		wanted, of := asksFor(t)
		if !of || (wanted == helps) != stops(g.Action) || g.way.mux != "" ||
			len(loose) == maxLoose {
			return
		}
		l, ok := r.loosened(t, wanted, exactly)
		if inner, paren := strings.CutPrefix(l.meant, "("); paren && t.Span == g.rule.Cond.Span {
			l.meant = strings.TrimSuffix(inner, ")")
		}
		if ok {
			loose = append(loose, l)
		}
	})
	return bits, loose
}

// asksFor reports whether a comparison is for values of a whole argument, and wants them.
func asksFor(t *dsl.Comparison) (wanted, ok bool) {
	switch {
	case t.Mask != nil:
		return false, false
	case t.In != nil:
		return !t.Not, true
	}
	return t.Op == "==", t.Op == "==" || t.Op == "!="
}

// excepts reports whether a condition has a comparison of which a value makes it fail.
func excepts(c *dsl.Cond) (found bool) {
	(&condResolver{}).comparisons(c, true, func(t *dsl.Comparison, helps bool) {
		wanted, ok := asksFor(t)
		found = found || ok && wanted != helps
	})
	return found
}

// editedAt returns the text of a place on one line, with edits of it made.
func editedAt(at diag.Span, edits []diag.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b diag.Edit) int { return a.Span.Compare(b.Span) })
	text := at.Source().Text
	var out strings.Builder
	from, end := at.Offsets()
	for _, e := range edits {
		start, behind := e.Span.Offsets()
		out.WriteString(text[from:start] + e.New)
		from = behind
	}
	return onOneLine(out.String() + text[from:end])
}

// onOneLine returns a part of the text on one line, without comments.
func onOneLine(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words = append(words, strings.Fields(line)...)
	}
	return strings.Join(words, " ")
}

// loosened returns a comparison for the bits of each value that a comparison wants, or does not
// want, and false where that is not about more.
func (r *condResolver) loosened(t *dsl.Comparison, wanted, exactly bool) (l looseTest, ok bool) {
	o := r.operand(&t.X)
	e := r.enumerated(o)
	if o.reads == 0 && (e == nil || e.flags == 0) || o.hidden {
		return l, false
	}
	tests := valueTests{exactly: exactly}
	for _, m := range membersOf(t) {
		text := onOneLine(m.text)
		if m.single != nil {
			if value, ok := r.pattern(m.single, o); ok && r.loose(value, text, o, e) {
				tests.add(e, value, text, t.X.Name.Text)
				continue
			}
		}
		tests.whole(t.X.Text(), text)
	}
	l = looseTest{t.Span, tests.text(wanted), tests.text(!wanted), o.reads > 0}
	return l, tests.mended
}

// loose reports whether the kernel may take a value for the same that has other bits, too.
func (r *condResolver) loose(value uint64, text string, o operand, e *enumeration) bool {
	switch {
	case value == policy.Ones(o.Width):
		return false
	case o.reads > 0:
		return true
	}
	return value != 0 && !e.alone() || e.mask != 0 && slices.Contains(e.zeros, text)
}
