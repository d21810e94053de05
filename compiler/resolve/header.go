package resolve

import (
	"go/constant"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
)

// chooseABIs finds the ABIs to compile for, and the values of the parameters.
func (r *resolver) chooseABIs() {
	r.checkPlaces()
	r.parameters()
	switch {
	case len(r.opts.ABIs) > 0:
		at := flagSpan("--arch")
		for _, name := range r.opts.ABIs {
			r.abis = r.addABI(r.abis, at, name)
		}
	case r.listed != nil:
		r.abis = r.listed
	default:
		abi, ok := linux.Native()
		if !ok {
			d := diag.Errorf(flagSpan("--arch"), codes.UnknownArch,
				"the tables do not know this machine's ABI")
			r.report.add(nil, d.WithHelp("name one, or add an arch statement"))
			return
		}
		r.abis = []*linux.ABI{abi}
	}
	for _, abi := range r.abis[min(1, len(r.abis)):] {
		if abi.BigEndian != r.abis[0].BigEndian {
			d := diag.Errorf(r.archSpan, codes.MixedEndian,
				"%s and %s differ in byte order; a filter can serve one", r.abis[0].Name, abi.Name)
			r.report.add(nil, d.WithHelp("compile one filter for each byte order with --arch"))
			return
		}
	}
}

// addABI appends the ABI of a name to the list.
func (r *resolver) addABI(list []*linux.ABI, at diag.Span, name string) []*linux.ABI {
	abi, ok := linux.Lookup(name)
	switch {
	case !ok:
		r.unknownArch(at, name)
		return list
	case slices.Contains(list, abi):
		r.report.add(nil, diag.Errorf(at, codes.DuplicateDefinition, "%s is listed twice",
			abi.Name).WithHelp("remove one of them"))
		return list
	}
	return append(list, abi)
}

func (r *resolver) unknownArch(at diag.Span, name string) {
	var names, all []string
	for _, abi := range linux.ABIs() {
		names = append(names, abi.Name)
		all = append(append(all, abi.Name), abi.Aliases...)
	}
	d := diag.Errorf(at, codes.UnknownArch, "unknown ABI %q", name)
	d = d.WithNotes("known are " + strings.Join(names, ", "))
	bare := strings.ToLower(archPrefix().ReplaceAllString(name, ""))
	switch _, known := linux.Lookup(bare); {
	case known && bare != name:
		d = d.Exactly(at, name, bare)
	case abiOfNumber(name) != nil:
		d = d.Exactly(at, name, abiOfNumber(name).Name)
	case slices.Contains([]string{"all", "any", "native", "host"}, bare):
		d = d.WithHelp(
			"list the ABIs, or leave arch out: the filter is for this machine's ABI then")
	default:
		all = slices.DeleteFunc(all, func(n string) bool { return strings.Contains(n, "-") })
		r.report.suggest(&d, name, slices.Values(all))
	}
	if d.Help == "" {
		d.Help = "write one of these names: x86_64, aarch64"
	}
	r.report.add(nil, d)
}

// abiOfNumber returns the ABI of an AUDIT_ARCH number, or nil.
func abiOfNumber(text string) *linux.ABI {
	n, err := strconv.ParseUint(text, 0, 32)
	for _, abi := range linux.ABIs() {
		if err == nil && n > 1<<16 && uint64(abi.Arch) == n {
			return abi
		}
	}
	return nil
}

// archPrefix is what constants of other languages for ABIs begin with.
var archPrefix = lazy.Regexp(`^(SCMP_ARCH_|AUDIT_ARCH_)`)

// checkPlaces reads the statements that are for the whole policy, and reports those of them in
// blocks.
func (r *resolver) checkPlaces() {
	r.archSpan = flagSpan("--arch")
	r.definitions = map[string]*dsl.Define{}
	r.lateNames = map[string]bool{}
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
				for _, b := range s.Branches() {
					walk(b.Statements, true)
				}
			case *dsl.Include:
				v := visit{r.bodies[s], inBlock}
				if v.file != nil && !seen[v] {
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
	case *dsl.AsOf:
		word = "as of"
		r.readAsOf(s)
	case *dsl.Define:
		if s.Kind == "param" {
			word = s.Kind
			if r.definitions[s.Name.Text] == nil {
				r.order = append(r.order, s.Name.Text)
			}
			r.definitions[s.Name.Text] = s
		}
	case *dsl.Late:
		word = "late"
		r.lateNames[s.Name.Text] = true
	case *dsl.Fallback:
		if s.Kind == "mismatch" {
			word = s.Kind
		}
	}
	if inBlock && word != "" {
		r.report.add(nil, diag.Errorf(s.Range(), codes.Misplaced,
			"%s is for the whole policy and cannot stand in a block", word).
			WithHelp("write it outside of the block"))
	}
}

func (r *resolver) readArch(s *dsl.Arch) {
	if r.arch != nil && r.arch != s {
		d := diag.Errorf(s.Span, codes.DuplicateDefinition, "arch stands here a second time").
			WithHelp("list all ABIs in one statement: arch x86_64, aarch64")
		d.Notes = []diag.Note{{Span: &r.arch.Span, Text: "the first one"}}
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

// parameters reads the values that the command line gives to parameters and late values.
func (r *resolver) parameters() {
	r.params = map[string]*dsl.Expr{}
	for _, name := range slices.Sorted(maps.Keys(r.opts.Params)) {
		flag := "-D " + name
		if !r.settable(name) && r.gaps.mayDefine(name) {
			continue
		}
		if !r.settable(name) {
			d := diag.Errorf(flagSpan(flag), codes.UnknownParam, "the policy has no parameter %q",
				name)
			names := slices.Sorted(maps.Keys(r.definitions))
			names = slices.AppendSeq(names, maps.Keys(r.lateNames))
			slices.Sort(names)
			r.report.suggest(&d, name, slices.Values(names))
			if d.Help == "" && len(names) > 0 {
				d.Help = "its parameters are " + strings.Join(names, ", ")
			}
			r.report.add(nil, d)
			continue
		}
		e, diags := dsl.ParseExpr(flag, r.opts.Params[name])
		for _, d := range diags {
			r.report.add(nil, d)
		}
		r.params[name] = e
	}
}

// settable reports whether the command line can give a value to a name.
func (r *resolver) settable(name string) bool {
	return r.definitions[name] != nil || r.lateNames[name]
}

// Param is a parameter of a policy.
type Param struct {
	Name   string
	Values []string  // the default first; nil for a number
	Value  string    // the one that counts
	Given  bool      // by the options
	Span   diag.Span // of its definition
}

// paramList returns the parameters that this ABI's values are of.
func (s *scope) paramList() []Param {
	var out []Param
	for _, name := range s.r.order {
		d := s.defs[name]
		if d == nil || d.value == nil {
			continue // an error has been reported
		}
		p := Param{Name: name, Given: d.given != nil, Span: d.node.Span}
		switch d.value.Kind() {
		case constant.String:
			p.Value, p.Values = constant.StringVal(d.value), d.choices()
		case constant.Bool:
			p.Value, p.Values = d.value.String(), []string{"false", "true"}
			if v := s.expr(&d.node.Value); v != nil && constant.BoolVal(v) {
				slices.Reverse(p.Values)
			}
		default:
			p.Value = d.value.ExactString()
		}
		out = append(out, p)
	}
	return out
}

// choices returns the names of a parameter's values, or nil.
func (d *definition) choices() []string {
	if d.node.Choices == nil {
		return nil
	}
	var out []string
	for _, n := range d.node.Choices.Names {
		out = append(out, n.Text)
	}
	return out
}

// checkChoices reports the names that cannot be values of a parameter.
func (s *scope) checkChoices(x *dsl.Define) {
	if x.Choices == nil {
		return
	}
	first := map[string]diag.Span{}
	for _, n := range x.Choices.Names {
		if at, ok := first[n.Text]; ok {
			s.duplicate(n.Span, n.Text, at)
			continue
		}
		first[n.Text] = n.Span
		if dsl.Words().Reserved(n.Text) {
			s.add(diag.Errorf(n.Span, codes.ReservedName, "%q has a meaning of its own", n.Text).
				WithHelp(otherName))
		}
	}
}

// chosen returns the named value that a parameter has.
func (s *scope) chosen(d *definition) constant.Value {
	name := d.node.Choices.Names[0].Text
	if d.given != nil {
		if name = bareExpr(d.given); !s.isChoice(d, d.given.Span, name) {
			return nil
		}
	}
	return constant.MakeString(name)
}

// bareExpr returns the word that an expression consists of, or "".
func bareExpr(e *dsl.Expr) string {
	if len(e.Or) != 1 || len(e.Or[0].And) != 1 {
		return ""
	}
	if c := &e.Or[0].And[0]; c.Op == "" && c.In == nil {
		return bareName(&c.X)
	}
	return ""
}

// isChoice reports whether a word is one of a parameter's values; it is an error if not.
func (s *scope) isChoice(d *definition, at diag.Span, word string) bool {
	choices := d.choices()
	if slices.Contains(choices, word) {
		return true
	}
	name := d.node.Name.Text
	f := diag.Errorf(at, codes.WrongType, "%q is no value of %s", at.Text(), name)
	f = f.WithNotes("its values are " + strings.Join(choices, ", "))
	s.r.report.suggest(&f, word, slices.Values(choices))
	s.add(f)
	return false
}

// compareChoice evaluates a comparison of a parameter with names of its values.
func (s *scope) compareChoice(c *dsl.Compare, d *definition) constant.Value {
	if !s.choosing {
		s.add(diag.Errorf(c.Span, codes.WrongType, "the values of %s are known in when alone",
			d.node.Name.Text).WithHelp("write the rule into a block: when %s { … }", c.Text()))
		return nil
	}
	value := s.defined(c.X.Span, d)
	names := s.namesOf(c, "named values")
	if value == nil || names == nil {
		return nil
	}
	found := false
	for _, x := range names {
		word := bareName(x)
		if !s.isChoice(d, x.Span, word) {
			return nil
		}
		found = found || word == constant.StringVal(value)
	}
	return constant.MakeBool(found != negated(c))
}

// choiceOf returns the parameter that has a value of a name, or "".
func (s *scope) choiceOf(value string) string {
	for _, name := range slices.Sorted(maps.Keys(s.defs)) {
		if slices.Contains(s.defs[name].choices(), value) {
			return name
		}
	}
	return ""
}
