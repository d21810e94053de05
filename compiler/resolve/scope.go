package resolve

import (
	"go/constant"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// scope is the policy as one ABI sees it.
type scope struct {
	r         *resolver
	abi       *linux.ABI
	defs      map[string]*definition
	late      map[string]*lateDefinition
	lateOrder []*lateDefinition // in the order of the text
	sets      map[string]*setDefinition
	fallback  map[string]*dsl.Fallback // by its first word
	depth     int                      // of constants that define each other
	guarded   []Guarded                // what the rules stop
	lax       []Guarded                // what rules let pass, and more beside it
	choosing  bool                     // what is evaluated is the condition of a block
}

// definition is a constant or parameter of the policy.
type definition struct {
	node       *dsl.Define
	given      *dsl.Expr // the value on the command line, or nil
	busy, done bool
	value      constant.Value
}

func newScope(r *resolver, abi *linux.ABI) *scope {
	return &scope{
		r:        r,
		abi:      abi,
		defs:     map[string]*definition{},
		late:     map[string]*lateDefinition{},
		sets:     map[string]*setDefinition{},
		fallback: map[string]*dsl.Fallback{},
	}
}

// add records a finding on this ABI.
func (s *scope) add(d diag.Finding) { s.r.report.add(s.abi, d) }

// flatten returns the statements that count on this ABI, includes and blocks unfolded, and collects
// the definitions among them. What a block defines can be used anywhere but in the conditions of
// blocks above.
func (s *scope) flatten(statements []dsl.Statement) []dsl.Statement {
	level := s.unfold(statements, make([]dsl.Statement, 0, len(statements)))
	for _, x := range level {
		s.define(x)
	}
	out := make([]dsl.Statement, 0, len(level))
	for _, x := range level {
		s.r.active[x] = true
		w, ok := x.(*dsl.When)
		if !ok {
			out = append(out, x)
			continue
		}
		out = append(out, s.flatten(s.choose(w))...)
	}
	return out
}

// choose returns the statements of the block that counts.
func (s *scope) choose(w *dsl.When) []dsl.Statement {
	s.choosing = true
	defer func() { s.choosing = false }()
	for _, b := range w.Branches() {
		if b.Cond == nil {
			return b.Statements
		}
		v := s.boolean(b.Cond.Span, s.expr(b.Cond))
		if v == nil { // an error, or a gap; what the blocks define is not known
			s.r.gaps.add(w.Span.Text())
			return nil
		}
		if constant.BoolVal(v) {
			return b.Statements
		}
	}
	return nil
}

// unfold puts the statements of included files in the place of the includes.
func (s *scope) unfold(statements, out []dsl.Statement) []dsl.Statement {
	for _, x := range statements {
		if !s.r.spend(x.Range(), 1) {
			return out
		}
		if inc, ok := x.(*dsl.Include); ok {
			s.r.active[x] = true
			if f := s.r.bodies[inc]; f != nil {
				out = s.unfold(f.Statements, out)
			}
			continue
		}
		out = append(out, x)
	}
	return out
}

// define records what a statement defines. The same statement, included twice, is no second
// definition.
func (s *scope) define(x dsl.Statement) {
	switch x := x.(type) {
	case *dsl.Define:
		s.defineName(x)
	case *dsl.Late:
		s.defineLate(x)
	case *dsl.Set:
		if first := s.sets[x.Name.Text]; first != nil {
			if first.node != x {
				s.duplicate(x.Name.Span, x.Name.Text, first.node.Name.Span)
			}
			return
		}
		if linux.HasSet(x.Name.Text) {
			s.add(diag.Warningf(x.Name.Span, codes.ShadowedName,
				"%s hides the built-in set of that name", x.Name.Text).WithHelp(otherName))
		}
		s.sets[x.Name.Text] = &setDefinition{node: x}
	case *dsl.Fallback:
		if first := s.fallback[x.Kind]; first != nil {
			if first != x {
				s.duplicate(x.Span, x.Kind, first.Span)
			}
			return
		}
		s.fallback[x.Kind] = x
	}
}

func (s *scope) defineName(x *dsl.Define) {
	name := x.Name.Text
	if s.known(x, x.Name) {
		return
	}
	s.checkChoices(x)
	s.defs[name] = &definition{node: x, given: s.r.params[name]}
}

// checkName reports a name of a value that means something already.
func (s *scope) checkName(at diag.Span, name string) {
	if dsl.Words().Reserved(name) {
		s.add(diag.Errorf(at, codes.ReservedName, "%q has a meaning of its own", name).
			WithHelp(otherName))
	}
	if _, ok := s.abi.Constant(name); ok {
		s.add(diag.Warningf(at, codes.ShadowedName, "%q hides the kernel's constant of that name",
			name).WithHelp(otherName))
	}
}

const (
	otherName = "choose another name"
	keepOne   = "keep one of them"
)

// duplicate reports a second definition.
func (s *scope) duplicate(at diag.Span, name string, first diag.Span) {
	d := diag.Errorf(at, codes.DuplicateDefinition, "%s stands here a second time", name).
		WithHelp(keepOne)
	d.Notes = []diag.Note{{Span: &first, Text: "the first one"}}
	s.add(d)
}

// section resolves the statements that count on this ABI, the next one of out.
func (s *scope) section(statements []dsl.Statement, out *Resolved) {
	a := policy.ABI{
		Name:      s.abi.Name,
		Arch:      s.abi.Arch,
		BigEndian: s.abi.BigEndian,
		Numbers:   ranges(s.abi.Numbers()),
		Known:     ranges(s.abi.KnownIn(s.r.tables)),
		Cached:    ranges(s.abi.CachedIn(s.r.tables)),
		Rare:      s.abi.Rare,
		Rules:     make([]policy.Rule, 0, len(s.r.source)),
	}
	s.evaluateAll()
	out.Policy.Late = s.resolveLate()
	var hot []uint32
	for _, x := range statements {
		switch x := x.(type) {
		case *dsl.Rule:
			a.Rules = s.appendRule(a.Rules, x)
		case *dsl.Hot:
			for _, c := range s.difference(x.Selectors, x.Remove, false) {
				hot = append(hot, c.nr)
			}
		case *dsl.Test:
			out.Claims = s.appendClaims(out.Claims, x, len(out.Policy.ABIs))
		}
	}
	a.Default, a.Unknown = s.fallbacks()
	slices.Sort(hot)
	out.Policy.ABIs = append(out.Policy.ABIs, a)
	out.Guarded = append(out.Guarded, s.guarded)
	out.Lax = append(out.Lax, s.lax)
	out.Fallbacks = append(out.Fallbacks, s.fallback)
	out.scopes = append(out.scopes, s)
	out.Hot = append(out.Hot, slices.Compact(hot))
}

// evaluateAll evaluates what the policy defines, so that mistakes show where nothing uses it.
func (s *scope) evaluateAll() {
	for _, name := range slices.Sorted(maps.Keys(s.defs)) {
		s.defined(s.defs[name].node.Name.Span, s.defs[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.sets)) {
		s.set(s.sets[name].node.Name.Span, name)
	}
}

// fallbacks returns the actions of known and unknown numbers that no rule decides.
func (s *scope) fallbacks() (known, unknown policy.Action) {
	d := s.fallback["default"]
	switch {
	case d != nil:
		known = s.decision(&d.Action)
	case !s.r.gaps.mayHave("default") && s.r.budget.left >= 0:
		at, what := s.r.files[0].Start(), "the policy has no default"
		if strings.TrimSpace(at.Source().Text) == "" {
			what = "the policy is empty: it has no default"
		}
		d := diag.Errorf(at, codes.MissingDefault, "%s", what)
		s.add(d.WithHelp("add default deny, or default allow"))
	}
	unknown = known
	if u := s.fallback["unknown"]; u != nil {
		unknown = s.decision(&u.Action)
	}
	return known, unknown
}

// ranges returns numbers as the policy has them.
func ranges(numbers []linux.NumberRange) []policy.Range {
	out := make([]policy.Range, len(numbers))
	for i, n := range numbers {
		out[i] = policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)}
	}
	return out
}

// prefixes are of constants that people call by what is behind; those of one row are as likely.
var prefixes = [][]string{{"SIG"}, {"POSIX_", "LINUX_"},
	{"E", "CAP_", "AF_", "SOCK_", "CLONE_", "PROT_", "MAP_", "O_"}}

// fullNames returns the constants of which a name is all but the prefix: KILL, FADV_DONTNEED.
func (s *scope) fullNames(name string) (out []string) {
	for _, row := range prefixes {
		for _, prefix := range row {
			if s.hasConstant(prefix + name) {
				out = append(out, prefix+name)
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}

// siblings says how to see the constants with the prefix of a name, where there are any.
func (s *scope) siblings(name string) string {
	prefix, _, ok := strings.Cut(name, "_")
	if !ok || len(s.abi.ConstantNames(prefix+"_")) == 0 {
		return ""
	}
	return "; seccompc constants " + prefix + "_ lists those that are known"
}

// hasConstant reports whether the kernel or a C library defines a constant.
func (s *scope) hasConstant(name string) bool {
	_, ok := s.abi.Constant(name)
	_, _, libc := s.abi.LibcConstant(name)
	return ok || libc
}

// isArgument reports whether some call of the ABI has an argument of the name.
func (s *scope) isArgument(name string) bool {
	return slices.ContainsFunc(s.abi.Syscalls(), func(c linux.Syscall) bool {
		params, _ := s.abi.Prototype(c.Name)
		return parameter(params, name) >= 0
	})
}

// constantNames yields every name that an expression could mean here.
func (s *scope) constantNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		own := slices.AppendSeq(slices.Sorted(maps.Keys(s.defs)), maps.Keys(s.late))
		for _, name := range slices.Concat(own, s.abi.ConstantNames(""), linux.LibcNames()) {
			if !yield(name) {
				return
			}
		}
	}
}

// haveConstant returns the ABIs that have a constant of the kernel's.
func haveConstant(name string) []string {
	var out []string
	for _, abi := range linux.ABIs() {
		if _, ok := abi.Constant(name); ok {
			out = append(out, abi.Name)
		}
	}
	return out
}

// gaps is what of a policy could not be read. The rest is resolved all the same, so that one run
// finds all errors; but what a gap may define is not missed.
type gaps struct {
	words map[string]bool // of the gaps
	first map[string]bool // words with which a statement of them begins
	all   bool            // an included file is not there: anything may be in it
}

// addFile adds the statements of a file that could not be read.
func (g *gaps) addFile(f *dsl.File) {
	for _, span := range f.Faulty {
		g.add(span.Text())
	}
}

// add adds a text that is not taken into account.
func (g *gaps) add(text string) {
	if g.words == nil {
		g.words, g.first = map[string]bool{}, map[string]bool{}
	}
	for line := range strings.Lines(text) {
		words := strings.FieldsFunc(line, separates)
		for i, word := range words {
			if i == 0 {
				g.first[word] = true
			}
			g.words[word] = true
			for part := range strings.SplitSeq(word, "-") { // a name of a set, or a difference
				g.words[part] = true
			}
		}
		g.all = g.all || len(words) > 0 && words[0] == "include"
	}
}

func separates(r rune) bool {
	letter := 'a' <= r|0x20 && r|0x20 <= 'z'
	return !letter && (r < '0' || '9' < r) && !strings.ContainsRune("_@-", r)
}

// mayDefine reports whether a gap may define a name.
func (g *gaps) mayDefine(name string) bool { return g.all || g.words[name] }

// mayHave reports whether a gap may be a statement that begins with a word: as it does, or as a
// misspelt one.
func (g *gaps) mayHave(statement string) bool {
	if g.all || g.first[statement] {
		return true
	}
	for word := range g.first {
		if !dsl.Words().Begins(word) {
			return true
		}
	}
	return false
}
