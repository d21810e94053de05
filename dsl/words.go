package dsl

import (
	"slices"
	"strings"
	"sync"
)

// Vocabulary is the fixed words of the language by what they do. All are read from the grammar: a
// word that is added to a tag is here.
type Vocabulary struct {
	Statements []string // begin a statement; rules begin with an action instead
	Actions    []string
	Keywords   []string // stand within a statement: if, in, operators that are words, casts, "_"
	Operators  []string // are signs, brackets and separators among them
	Casts      []string // of Keywords: the widths before an argument in parentheses
	// Names are no words of the grammar, but expressions and conditions understand them by
	// themselves.
	Names []string
}

// Words returns the fixed words of the language. The caller must not change them.
func Words() *Vocabulary { return &vocabulary().Vocabulary }

// Reserved reports whether a name means something of its own in an expression, so that no constant
// can have it.
func (w *Vocabulary) Reserved(name string) bool {
	return name == "_" || slices.Contains(w.Names, name) || slices.Contains(w.Casts, name)
}

// Argument reports whether a condition takes a word for the name of an argument.
func (w *Vocabulary) Argument(word string) bool {
	return word != "ip" && !slices.Contains(w.Keywords, word)
}

// vocabulary is what the scanner, the ends of statements and the messages ask about words.
var vocabulary = sync.OnceValue(func() *words {
	w := &words{}
	text := Grammar()
	productions := map[string]string{}
	for line := range strings.Lines(text) {
		name, body, _ := strings.Cut(strings.TrimSuffix(line, " .\n"), " = ")
		productions[name] = body
	}
	w.Names = []string{"true", "false", "arch", "ip", "arg0", "arg1", "arg2", "arg3", "arg4",
		"arg5"}
	w.Actions = leading(productions["Action"])
	w.Casts = leading(productions["Operand"])
	for _, name := range strings.Split(strings.TrimSuffix(productions["Statement"], " ."), " | ") {
		first := leading(productions[name])
		w.Statements = append(w.Statements, first...)
		if strings.Contains(productions[name], "Block") ||
			strings.Contains(productions[name], `"{"`) {
			w.blocks = append(w.blocks, first...)
		}
	}
	for _, word := range literals(text) {
		switch {
		case !isLetter(word[0]):
			w.Operators = append(w.Operators, word)
			w.signs[word[0]] = append(w.signs[word[0]], word)
		case !slices.Contains(w.Statements, word) && !slices.Contains(w.Actions, word):
			w.Keywords = append(w.Keywords, word)
		}
	}
	return w
})

type words struct {
	Vocabulary
	blocks []string      // of Statements: those with a block
	signs  [256][]string // Operators by their first byte, longer ones first
}

// literals returns the literals of a text in EBNF, each once, longer ones first.
func literals(ebnf string) []string {
	var out []string
	for i, part := range strings.Split(ebnf, `"`) {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(out)
}

// leading returns the literals with one of which a production begins, in its order.
func leading(production string) []string {
	var out []string
	rest, found := strings.CutPrefix(strings.TrimLeft(production, "("), `"`)
	for found {
		word, behind, _ := strings.Cut(rest, `"`)
		out = append(out, word)
		rest, found = strings.CutPrefix(behind, ` | "`)
	}
	return out
}

// Begins reports whether a statement can begin with a word.
func (w *Vocabulary) Begins(word string) bool {
	return slices.Contains(w.Statements, word) || slices.Contains(w.Actions, word)
}

// sign returns the longest operator at the start of a text, or "".
func (w *words) sign(text string) string {
	for _, sign := range w.signs[text[0]] {
		if strings.HasPrefix(text, sign) {
			return sign
		}
	}
	return ""
}

// continues reports whether a statement goes on in the next line behind a sign: all want something
// behind them but brackets, what stands before an operand only, and the colon of an ABI.
func continues(sign string) bool {
	return !slices.Contains([]string{"(", ")", "{", "}", "!", "~", ":"}, sign)
}
