package lsp

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
)

// kind is a kind of names that a policy defines.
type kind int

const (
	setKind     kind = iota
	valueKind        // const, param and late
	choiceKind       // a named value of a parameter
	includeKind      // a file
)

// symbol is a name of a policy. The name of a choice stands behind its parameter's: "network
// block". An included file is named by its path.
type symbol struct {
	kind kind
	name string
}

// occurrence is a place where a name stands.
type occurrence struct {
	symbol
	diag.Span
	defines bool
	node    dsl.Statement // that defines it
}

// occurrences returns the places of all names of the policy's own files, in the order of the files.
// Names that nothing defines are among them: they may be those of the tables.
func (v *view) occurrences() []occurrence {
	var out []occurrence
	choices := map[string]bool{} // the parameters with named values
	for _, f := range v.files.All {
		for st := range f.All() {
			if d, ok := st.(*dsl.Define); ok && d.Choices != nil {
				choices[d.Name.Text] = true
			}
		}
	}
	for _, f := range v.files.All {
		n := namer{view: v, choices: choices, special: map[*dsl.Unary]string{}}
		dsl.Walk(f, n.visit)
		out = append(out, n.out...)
	}
	return append(out, v.faultyNames(out)...)
}

// faultyNames returns where names stand in statements that cannot be read: sets, and the values
// that are defined elsewhere.
func (v *view) faultyNames(known []occurrence) []occurrence {
	values := map[string]bool{}
	for _, o := range known {
		if o.kind == valueKind && o.defines {
			values[o.name] = true
		}
	}
	var out []occurrence
	for _, f := range v.files.All {
		for _, t := range faultyTokens(f) {
			switch word := t.Text(); {
			case t.Kind == dsl.SetWord:
				out = append(out, occurrence{symbol: symbol{setKind, word}, Span: t.Span})
			case t.Kind == dsl.Word && values[word]:
				out = append(out, occurrence{symbol: symbol{valueKind, word}, Span: t.Span})
			}
		}
	}
	return out
}

// faultyTokens returns the words of the statements that cannot be read.
func faultyTokens(f *dsl.File) []dsl.Token {
	if len(f.Faulty) == 0 {
		return nil
	}
	var out []dsl.Token
	faulty := f.Faulty
	for _, t := range dsl.Tokens(f.Source().Name, []byte(f.Source().Text)) {
		start, _ := t.Offsets()
		for len(faulty) > 0 && !reaches(faulty[0], start) {
			faulty = faulty[1:]
		}
		if len(faulty) == 0 {
			break
		}
		if from, _ := faulty[0].Offsets(); from <= start {
			out = append(out, t)
		}
	}
	return out
}

// reaches reports whether a span ends behind an offset.
func reaches(s diag.Span, offset int) bool {
	_, end := s.Offsets()
	return offset < end
}

// faultyToken returns the word at a place, if that is in a statement that cannot be read.
func faultyToken(f *dsl.File, offset int) (dsl.Token, bool) {
	for _, t := range faultyTokens(f) {
		start, end := t.Offsets()
		if start <= offset && offset <= end && (t.Kind == dsl.Word || t.Kind == dsl.SetWord) {
			return t, true
		}
	}
	return dsl.Token{}, false
}

// namer collects names.
type namer struct {
	view    *view
	choices map[string]bool
	special map[*dsl.Unary]string // names that are no values: "" for ABIs, a choice's parameter
	out     []occurrence
}

func (n *namer) add(k kind, name string, at diag.Span, node dsl.Statement) {
	n.out = append(n.out, occurrence{symbol{k, name}, at, node != nil, node})
}

func (n *namer) visit(x dsl.Node) bool {
	switch x := x.(type) {
	case *dsl.Set:
		n.add(setKind, x.Name.Text, x.Name.Span, x)
	case *dsl.Define:
		n.add(valueKind, x.Name.Text, x.Name.Span, x)
		if x.Choices != nil {
			for i := range x.Choices.Names {
				c := &x.Choices.Names[i]
				n.add(choiceKind, x.Name.Text+" "+c.Text, c.Span, x)
			}
			return false
		}
	case *dsl.Late:
		n.add(valueKind, x.Name.Text, x.Name.Span, x)
	case *dsl.Include:
		if f := n.view.files.Bodies[x]; f != nil {
			n.add(includeKind, f.Source().Name, x.Path.Span, nil)
		}
	case *dsl.Selector:
		if x.Set != "" {
			n.add(setKind, x.Set, x.Span, nil)
		}
	case *dsl.Compare:
		n.compare(x)
	case *dsl.Unary:
		n.unary(x)
	}
	return true
}

// compare finds the names of ABIs and of named values: they stand behind what they are compared
// with.
func (n *namer) compare(c *dsl.Compare) {
	of := bareName(&c.X)
	if of != "arch" && !n.choices[of] {
		return
	}
	if of == "arch" {
		of = ""
	}
	mark := func(x *dsl.Sum) {
		if x != nil && bareName(x) != "" {
			n.special[&x.X.X] = of
		}
	}
	mark(c.Y)
	if c.In != nil {
		for i := range c.In.Ranges {
			mark(&c.In.Ranges[i].Lo)
		}
	}
}

func (n *namer) unary(u *dsl.Unary) {
	if u.Name == "" || dsl.Words().Reserved(u.Name) {
		return
	}
	_, end := u.Offsets()
	at := u.Source().Span(end-len(u.Name), end) // without operators
	of, special := n.special[u]
	switch {
	case !special:
		n.add(valueKind, u.Name, at, nil)
	case of != "":
		n.add(choiceKind, of+" "+u.Name, at, nil)
	}
}

// bareName returns the name that an expression consists of, or "".
func bareName(x *dsl.Sum) string {
	u := &x.X.X
	if len(x.Rest) > 0 || len(x.X.Rest) > 0 || len(u.Ops) > 0 {
		return ""
	}
	return u.Name
}

// at returns the name at a place of a file, or nil.
func (v *view) at(path string, offset int) *occurrence {
	all := v.occurrences()
	i := slices.IndexFunc(all, func(o occurrence) bool {
		start, end := o.Offsets()
		return o.Source().Name == path && start <= offset && offset <= end
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

// find returns the name at the place of a request, the policies that know it, and where it stands
// in them: each place once.
func (s *server) find(doc *document, p position) (o *occurrence, places []occurrence,
	views []*view) {
	offset := doc.offset(p)
	for _, root := range s.roots(doc) {
		v := s.view(root)
		if here := v.at(doc.path, offset); here != nil {
			o = here
			views = append(views, v)
		}
	}
	if o == nil {
		return nil, nil, nil
	}
	return o, placesOf(o.symbol, views), views
}

func placesOf(sym symbol, views []*view) []occurrence {
	var out []occurrence
	for _, v := range views {
		for _, o := range v.occurrences() {
			if o.symbol == sym {
				out = append(out, o)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b occurrence) int { return a.Span.Compare(b.Span) })
	return slices.CompactFunc(out, func(a,
		b occurrence) bool {
		return a.Span.Compare(b.Span) == 0
	})
}

func (s *server) definition(doc *document, p *placeParams) (any, error) {
	o, places, views := s.find(doc, p.Position)
	if o == nil {
		return nil, nil
	}
	if o.kind == includeKind {
		return []location{{URI: s.uri(o.name)}}, nil
	}
	out := []location{}
	for _, place := range places {
		if place.defines {
			out = append(out, views[0].location(place.Span))
		}
	}
	return out, nil
}

func (s *server) references(doc *document, p *referenceParams) (any, error) {
	s.changedOnDisk(nil) // not every editor tells of other files
	o, _, views := s.find(doc, p.Position)
	if o == nil {
		return nil, nil
	}
	views, _ = s.users(o.symbol, views)
	out := []location{}
	for _, place := range placesOf(o.symbol, views) {
		if !place.defines || p.Context.IncludeDeclaration {
			out = append(out, views[0].location(place.Span))
		}
	}
	return out, nil
}

func (s *server) highlight(doc *document, p *placeParams) (any, error) {
	o, places, _ := s.find(doc, p.Position)
	if o == nil {
		return nil, nil
	}
	out := []highlight{}
	for _, place := range places {
		if place.Source().Name == doc.path {
			out = append(out, highlight{doc.spanOf(place.Span)})
		}
	}
	return out, nil
}

// users returns the policies that share a name with those given: any of the workspace that contains
// a file which defines the name, or for an include one that includes the file. It is false where
// there may be more.
func (s *server) users(sym symbol, known []*view) ([]*view, bool) {
	views := slices.Clone(known)
	paths, all := s.policies(known[0].path)
	for path := range s.docs {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for grown := true; grown; {
		grown = false
		files := definers(sym, views)
		for _, path := range slices.Compact(paths) {
			v := s.view(path)
			if slices.Contains(views, v) || !slices.ContainsFunc(files, v.contains) {
				continue
			}
			views, grown = append(views, v), true
		}
	}
	slices.SortFunc(views, func(a, b *view) int { return cmp.Compare(a.path, b.path) })
	return views, all
}

// definers returns the files that define a name, or that an include names.
func definers(sym symbol, views []*view) []string {
	if sym.kind == includeKind {
		return []string{filepath.Clean(sym.name)}
	}
	var out []string
	for _, o := range placesOf(sym, views) {
		if o.defines {
			out = append(out, o.Source().Name)
		}
	}
	return slices.Compact(out)
}
