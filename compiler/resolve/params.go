package resolve

import (
	"go/constant"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
)

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
			s.add(diag.Errorf(n.Span, codes.ReservedName, "%q has a meaning of its own", n.Text))
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
			d.node.Name.Text))
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
