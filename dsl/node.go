package dsl

import (
	"reflect"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/seccompc/seccompc/diag"
)

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
