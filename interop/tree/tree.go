// Package tree reads JSON and YAML that come from strangers into one kind of tree, each node with
// its line. What is not said once and plainly is refused: keys given twice, aliases, depth, excess.
package tree

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"unicode"
)

// Bounds of what is read.
const (
	MaxSize  = 1 << 20
	maxDepth = 32
	maxNodes = 200_000
)

// Kind is what a node holds.
type Kind int

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
)

// String names the kind for messages.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// Node is a value of a document.
type Node struct {
	Line  int // from 1
	Kind  Kind
	Text  string  // of a scalar
	Items []*Node // of a list
	Pairs []Pair  // of a map, in the order of the text
}

// Pair is a key of a map with its value.
type Pair struct {
	Line  int
	Key   string
	Value *Node
}

// Error is a fault of a document.
type Error struct {
	Line int
	Text string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Errorf returns the error of a line.
func Errorf(line int, format string, args ...any) error {
	return &Error{line, fmt.Sprintf(format, args...)}
}

// Parse reads the documents of a text: one of JSON, in which // starts a comment, or any number of
// YAML.
func Parse(text []byte) ([]*Node, error) {
	if len(text) > MaxSize {
		return nil, Errorf(1, "there are more than %d bytes", MaxSize)
	}
	if IsJSON(text) {
		n, err := parseJSON(text)
		return []*Node{n}, err
	}
	return parseYAML(text)
}

// IsJSON reports whether a text begins as a JSON object does, behind comments.
func IsJSON(text []byte) bool {
	for {
		text = bytes.TrimSpace(text)
		if !bytes.HasPrefix(text, []byte("//")) {
			return bytes.HasPrefix(text, []byte("{"))
		}
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
}

// Find returns the value of a key of a map, or nil. Upper and lower case are the same, as they are
// for the container engines, which are written in Go.
func (n *Node) Find(key string) *Node {
	for _, p := range n.Pairs {
		if strings.EqualFold(p.Key, key) && p.Value.Kind != Null {
			return p.Value
		}
	}
	return nil
}

// Exact is [Node.Find] for readers that tell upper and lower case apart.
func (n *Node) Exact(key string) *Node {
	for _, p := range n.Pairs {
		if p.Key == key && p.Value.Kind != Null {
			return p.Value
		}
	}
	return nil
}

// Found is what a node holds, for messages.
func (n *Node) Found() string {
	if n.Kind == List || n.Kind == Map || n.Kind == Null {
		return n.Kind.String()
	}
	return fmt.Sprintf("%.60s", n.Text)
}

// Int returns an integer that fits the bounds, in JSON's notations of one.
func (n *Node) Int(lo, hi *big.Int) (*big.Int, error) {
	if n.Kind != Number {
		return nil, Errorf(n.Line, "expected a number, found %s", n.Kind)
	}
	v, ok := new(big.Int).SetString(n.Text, 0)
	if !ok || len(n.Text) > 40 {
		return nil, Errorf(n.Line, "%.40s is not an integer", n.Text)
	}
	if v.Cmp(lo) < 0 || v.Cmp(hi) > 0 {
		return nil, Errorf(n.Line, "%s is not in %s..%s", v, lo, hi)
	}
	return v, nil
}

// counter bounds what a document may hold.
type counter struct{ nodes int }

func (c *counter) enter(line, depth int) error {
	c.nodes++
	switch {
	case depth > maxDepth:
		return Errorf(line, "there are more than %d levels in each other", maxDepth)
	case c.nodes > maxNodes:
		return Errorf(line, "there are more than %d values", maxNodes)
	}
	return nil
}

// folded is the same for the keys that [Node.Find] takes for one: letters such as the Kelvin sign,
// which Go folds into k, among them.
func folded(key string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, key)
}

// add adds a pair to a map.
func (n *Node) add(p Pair, seen map[string]int) error {
	key := folded(p.Key)
	if first := seen[key]; first > 0 {
		return Errorf(p.Line, "the key %q is given twice, first in line %d: keep one", p.Key, first)
	}
	seen[key] = p.Line
	n.Pairs = append(n.Pairs, p)
	return nil
}
