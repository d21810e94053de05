package dsl

import (
	"iter"
	"reflect"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/seccompc/seccompc/diag"
)

// Node is a part of the tree with its place: a pointer to a struct of this package.
type Node interface {
	Range() diag.Span
	place(source)
}

// node is what every part of the tree has: its place. A tree that was built and not read has empty
// places.
type node struct {
	diag.Span
	Tokens []lexer.Token // what participle read it from, until the place is made of them
}

// place makes the place of the tokens. A file may have none.
func (n *node) place(s source) {
	n.Span = s.Start()
	if len(n.Tokens) > 0 {
		first, last := n.Tokens[0], n.Tokens[len(n.Tokens)-1]
		n.Span = s.Span(first.Pos.Offset, last.Pos.Offset+len(last.Value))
	}
	n.Tokens = nil // they hold the tokens of the whole text
}

// place sets the fields, too, from the words that the grammar let through. Most of a policy is
// selectors: if participle captured their fields, Docker's list would take a seventh more
// allocations.
func (s *Selector) place(text source) {
	for _, word := range s.Tokens {
		switch kind(word.Type) {
		case tokAll:
			s.All = true
		case tokIdent:
			s.Name = word.Value
		case tokSetName:
			s.Set = word.Value
		case tokNumber:
			if s.Number == "" {
				s.Number = word.Value
			} else {
				s.To = word.Value
			}
		}
	}
	s.node.place(text)
}

// place sets the fields, too.
func (c *CallName) place(text source) {
	s := Selector{node: c.node}
	s.place(text)
	*c = CallName{s.node, s.All, s.Name, s.Number, s.To}
}

// placeNodes gives the nodes of a tree that participle has made their places.
func (s source) placeNodes(tree reflect.Value) {
	switch tree.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !tree.IsNil() {
			s.placeNodes(tree.Elem())
		}
	case reflect.Slice:
		for i := range tree.Len() {
			s.placeNodes(tree.Index(i))
		}
	case reflect.Struct:
		if n, ok := tree.Addr().Interface().(interface{ place(source) }); ok {
			n.place(s)
			for i := range tree.NumField() - 1 {
				s.placeNodes(tree.Field(i + 1))
			}
		}
	}
}

// Walk calls visit for a node and, where that returns true, for the nodes within it, in the order
// of the text.
func Walk(n Node, visit func(Node) (into bool)) {
	if visit(n) {
		walkFields(reflect.ValueOf(n).Elem(), visit)
	}
}

func walkFields(parent reflect.Value, visit func(Node) bool) {
	for i := range parent.NumField() - 1 {
		walkValue(parent.Field(i+1), visit)
	}
}

func walkValue(v reflect.Value, visit func(Node) bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walkValue(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(v.Index(i), visit)
		}
	case reflect.Struct:
		if n, ok := v.Addr().Interface().(Node); ok {
			Walk(n, visit)
		}
	}
}

// Path returns the nodes that an offset in bytes lies in or at the end of, the file first and the
// smallest last.
func (f *File) Path(offset int) []Node {
	path := []Node{f}
	walkFields(reflect.ValueOf(f).Elem(), func(n Node) bool {
		start, end := n.Range().Offsets()
		in := start <= offset && offset <= end
		if in {
			path = append(path, n)
		}
		return in
	})
	return path
}

// Tests yields the comparisons of a condition, from left to right; none for nil.
func (c *Cond) Tests() iter.Seq[*Comparison] {
	return func(yield func(*Comparison) bool) { c.tests(yield) }
}

func (c *Cond) tests(yield func(*Comparison) bool) bool {
	if c == nil {
		return true
	}
	for _, and := range c.Or {
		for _, t := range and.And {
			if t.Paren != nil && !t.Paren.tests(yield) {
				return false
			}
			if t.Test != nil && !yield(t.Test) {
				return false
			}
		}
	}
	return true
}

// All yields the statements of a file and of its blocks, in the order of the text.
func (f *File) All() iter.Seq[Statement] {
	return func(yield func(Statement) bool) { all(f.Statements, yield) }
}

func all(statements []Statement, yield func(Statement) bool) bool {
	for _, s := range statements {
		if !yield(s) {
			return false
		}
		w, ok := s.(*When)
		if !ok {
			continue
		}
		for _, b := range w.Branches() {
			if !all(b.Statements, yield) {
				return false
			}
		}
	}
	return true
}
