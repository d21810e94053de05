package compiler

import (
	"go/constant"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/internal/linux"
	"github.com/seccompc/seccompc/policy"
)

// scope is the policy as one ABI sees it.
type scope struct {
	r        *resolver
	abi      *linux.ABI
	defs     map[string]*definition
	sets     map[string]*setDefinition
	fallback map[string]*dsl.Fallback // by its first word
	depth    int                      // of constants that define each other
}

// definition is a constant or parameter of the policy.
type definition struct {
	node       *dsl.Define
	given      *dsl.Expr // the value on the command line, or nil
	busy, done bool
	value      constant.Value
}

// setDefinition is a set of the policy.
type setDefinition struct {
	node       *dsl.Set
	busy, done bool
	calls      []call
}

func newScope(r *resolver, abi *linux.ABI) *scope {
	return &scope{
		r:        r,
		abi:      abi,
		defs:     map[string]*definition{},
		sets:     map[string]*setDefinition{},
		fallback: map[string]*dsl.Fallback{},
	}
}

// add records a finding on this ABI.
func (s *scope) add(d dsl.Diagnostic) { s.r.report.add(s.abi, d) }

// flatten returns the statements that count on this ABI, includes and blocks unfolded, and collects the
// definitions among them. What a block defines can be used anywhere but in the conditions of blocks above.
func (s *scope) flatten(statements []dsl.Statement) []dsl.Statement {
	level := s.unfold(statements, nil)
	for _, x := range level {
		s.define(x)
	}
	var out []dsl.Statement
	for _, x := range level {
		s.r.active[x] = true
		w, ok := x.(*dsl.When)
		if !ok {
			out = append(out, x)
			continue
		}
		v := s.boolean(w.Cond.Span, s.expr(w.Cond))
		switch {
		case v == nil:
		case constant.BoolVal(v):
			out = append(out, s.flatten(w.Then.Statements)...)
		case w.Else != nil:
			out = append(out, s.flatten(w.Else.Statements)...)
		}
	}
	return out
}

// unfold puts the statements of included files in the place of the includes.
func (s *scope) unfold(statements, out []dsl.Statement) []dsl.Statement {
	for _, x := range statements {
		if !s.r.spend(x.Range(), 1) {
			return out
		}
		if inc, ok := x.(*dsl.Include); ok {
			s.r.active[x] = true
			out = s.unfold(s.r.bodies[inc].Statements, out)
			continue
		}
		out = append(out, x)
	}
	return out
}

// define records what a statement defines. The same statement, included twice, is no second definition.
func (s *scope) define(x dsl.Statement) {
	switch x := x.(type) {
	case *dsl.Define:
		s.defineName(x)
	case *dsl.Set:
		if first := s.sets[x.Name.Text]; first != nil {
			s.duplicate(x.Name.Span, x.Name.Text, first.node.Name.Span)
			return
		}
		if slices.Contains(linux.SetNames(), x.Name.Text) {
			s.add(warningAt(x.Name.Span, lintShadowedName, "%s hides the built-in set of that name", x.Name.Text))
		}
		s.sets[x.Name.Text] = &setDefinition{node: x}
	case *dsl.Fallback:
		if first := s.fallback[x.Kind]; first != nil {
			s.duplicate(x.Span, x.Kind, first.Span)
			return
		}
		s.fallback[x.Kind] = x
	}
}

// reserved holds the words that expressions understand in their own way.
var reserved = []string{
	"true", "false", "arch", "ip", "arg0", "arg1", "arg2", "arg3", "arg4", "arg5", "u32", "i32", "u64", "i64", "_",
}

func (s *scope) defineName(x *dsl.Define) {
	name := x.Name.Text
	if first := s.defs[name]; first != nil {
		s.duplicate(x.Name.Span, name, first.node.Name.Span)
		return
	}
	if slices.Contains(reserved, name) {
		s.add(errorAt(x.Name.Span, codeReservedName, "%q has a meaning of its own", name))
	}
	if _, ok := s.abi.Constant(name); ok {
		s.add(warningAt(x.Name.Span, lintShadowedName, "%q hides the kernel's constant of that name", name))
	}
	s.defs[name] = &definition{node: x, given: s.r.params[name]}
}

// duplicate reports a second definition at a place other than the first one's.
func (s *scope) duplicate(at dsl.Span, name string, first dsl.Span) {
	if at == first {
		return
	}
	d := errorAt(at, codeDuplicate, "%s stands here a second time", name)
	d.Notes = []dsl.Note{{Span: &first, Text: "the first one"}}
	s.add(d)
}

// section resolves the statements that count on this ABI.
func (s *scope) section(statements []dsl.Statement) (policy.ABI, []uint32, []Claim) {
	out := policy.ABI{
		Name:      s.abi.Name,
		Arch:      s.abi.Arch,
		BigEndian: s.abi.BigEndian,
		Known:     known(s.abi),
	}
	for _, n := range s.abi.Numbers() {
		out.Numbers = append(out.Numbers, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	s.evaluateAll()
	var hot []uint32
	var claims []Claim
	for _, x := range statements {
		switch x := x.(type) {
		case *dsl.Rule:
			out.Rules = append(out.Rules, s.rule(x)...)
		case *dsl.Hot:
			for _, c := range s.selectors(x.Selectors, false) {
				hot = append(hot, c.nr)
			}
		case *dsl.Test:
			claims = append(claims, s.claims(x)...)
		}
	}
	out.Default, out.Unknown = s.fallbacks()
	slices.Sort(hot)
	return out, slices.Compact(hot), claims
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
	if d == nil {
		f := s.r.files[0]
		at := dsl.Span{Pos: f.Pos, EndPos: f.Pos}
		s.add(help(errorAt(at, codeMissingDefault, "the policy has no default"), "add default deny, or default allow"))
	} else {
		known = s.decision(d.Action)
	}
	unknown = known
	if u := s.fallback["unknown"]; u != nil {
		unknown = s.decision(u.Action)
	}
	return known, unknown
}

// known returns the numbers of an ABI's table.
func known(abi *linux.ABI) []policy.Range {
	var out []policy.Range
	for _, c := range abi.Syscalls() {
		nr := uint64(c.Nr)
		if n := len(out); n > 0 && nr <= out[n-1].Hi+1 {
			out[n-1].Hi = nr
			continue
		}
		out = append(out, policy.Range{Lo: nr, Hi: nr})
	}
	return out
}

// chooseABIs finds the ABIs to compile for, and the values of the parameters.
func (r *resolver) chooseABIs() {
	r.checkPlaces()
	r.parameters()
	switch {
	case len(r.opts.ABIs) > 0:
		for _, name := range r.opts.ABIs {
			r.abis = r.addABI(r.abis, flagSpan("--arch"), name)
		}
	case r.listed != nil:
		r.abis = r.listed
	default:
		abi, ok := linux.Native()
		if !ok {
			r.report.add(nil, help(errorAt(flagSpan("--arch"), codeUnknownArch,
				"the tables do not know this machine's ABI"), "name one, or add an arch statement"))
			return
		}
		r.abis = []*linux.ABI{abi}
	}
	for _, abi := range r.abis[min(1, len(r.abis)):] {
		if abi.BigEndian != r.abis[0].BigEndian {
			r.report.add(nil, help(errorAt(r.archSpan, codeMixedEndian,
				"%s and %s differ in byte order; a filter can serve one", r.abis[0].Name, abi.Name),
				"compile one filter for each byte order with --arch"))
			return
		}
	}
}

// addABI appends the ABI of a name to the list.
func (r *resolver) addABI(list []*linux.ABI, at dsl.Span, name string) []*linux.ABI {
	abi, ok := linux.Lookup(name)
	switch {
	case !ok:
		r.unknownArch(at, name)
		return list
	case slices.Contains(list, abi):
		r.report.add(nil, errorAt(at, codeDuplicate, "%s is listed twice", abi.Name))
		return list
	}
	return append(list, abi)
}

func (r *resolver) unknownArch(at dsl.Span, name string) {
	var names, all []string
	for _, abi := range linux.ABIs() {
		names = append(names, abi.Name)
		all = append(append(all, abi.Name), abi.Aliases...)
	}
	d := notes(errorAt(at, codeUnknownArch, "unknown ABI %q", name), "known are "+strings.Join(names, ", "))
	d.Help = r.report.similar(name, slices.Values(all))
	r.report.add(nil, d)
}

// checkPlaces reads the statements that are for the whole policy, and reports those of them in blocks.
func (r *resolver) checkPlaces() {
	r.archSpan = flagSpan("--arch")
	r.definitions = map[string]*dsl.Define{}
	type visit struct {
		file    *dsl.File
		inBlock bool
	}
	seen := map[visit]bool{}
	var walk func(statements []dsl.Statement, inBlock bool)
	walk = func(statements []dsl.Statement, inBlock bool) {
		for _, s := range statements {
			switch s := s.(type) {
			case *dsl.When:
				walk(s.Then.Statements, true)
				if s.Else != nil {
					walk(s.Else.Statements, true)
				}
			case *dsl.Include:
				v := visit{r.bodies[s], inBlock}
				if !seen[v] {
					seen[v] = true
					walk(v.file.Statements, inBlock)
				}
			default:
				r.checkPlace(s, inBlock)
			}
		}
	}
	walk(r.files[0].Statements, false)
}

func (r *resolver) checkPlace(s dsl.Statement, inBlock bool) {
	word := ""
	switch s := s.(type) {
	case *dsl.Arch:
		word = "arch"
		r.readArch(s)
	case *dsl.Define:
		if s.Kind == "param" {
			word = s.Kind
			r.definitions[s.Name.Text] = s
		}
	case *dsl.Fallback:
		if s.Kind == "mismatch" {
			word = s.Kind
		}
	}
	if inBlock && word != "" {
		r.report.add(nil, errorAt(s.Range(), codeMisplaced,
			"%s is for the whole policy and cannot stand in a block", word))
	}
}

func (r *resolver) readArch(s *dsl.Arch) {
	if r.arch != nil && r.arch != s {
		d := errorAt(s.Span, codeDuplicate, "arch stands here a second time")
		d.Notes = []dsl.Note{{Span: &r.arch.Span, Text: "the first one"}}
		r.report.add(nil, d)
		return
	}
	r.arch, r.listed = s, nil
	for _, name := range s.ABIs {
		r.listed = r.addABI(r.listed, name.Span, name.Text)
	}
	if len(r.opts.ABIs) == 0 {
		r.archSpan = s.Span
	}
}

// parameters reads the values that the command line gives.
func (r *resolver) parameters() {
	r.params = map[string]*dsl.Expr{}
	for _, name := range slices.Sorted(maps.Keys(r.opts.Params)) {
		flag := "-D " + name
		if r.definitions[name] == nil {
			d := errorAt(flagSpan(flag), codeUnknownParam, "the policy has no parameter %q", name)
			names := slices.Sorted(maps.Keys(r.definitions))
			d.Help = r.report.similar(name, slices.Values(names))
			if d.Help == "" && len(names) > 0 {
				d.Help = "its parameters are " + strings.Join(names, ", ")
			}
			r.report.add(nil, d)
			continue
		}
		r.texts[flag] = []byte(r.opts.Params[name])
		e, diags := dsl.ParseExpr(flag, r.opts.Params[name])
		for _, d := range diags {
			r.report.add(nil, d)
		}
		r.params[name] = e
	}
}
