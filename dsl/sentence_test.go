package dsl

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2/ebnf"
)

// sentences makes random texts out of the grammar as [Grammar] prints it.
type sentences struct {
	*rand.Rand
	grammar     map[string]*ebnf.Expression
	words       []string // of the sentence
	productions []string // that it is made of
	literals    []string // of all sentences
	depth       int      // productions that are open
}

func newSentences(t *testing.T) *sentences {
	grammar, err := ebnf.ParseString(Grammar())
	if err != nil {
		t.Fatal(err)
	}
	s := &sentences{Rand: rand.New(rand.NewPCG(1, 3)), grammar: map[string]*ebnf.Expression{}}
	for _, p := range grammar.Productions {
		s.grammar[p.Production] = p.Expression
	}
	return s
}

// of returns the words of one sentence.
func (s *sentences) of(production string) []string {
	s.words, s.productions = nil, nil
	s.production(production)
	return s.words
}

func (s *sentences) production(name string) {
	s.productions = append(s.productions, name)
	s.depth++
	s.expression(s.grammar[name])
	s.depth--
}

func (s *sentences) expression(e *ebnf.Expression) {
	for _, t := range e.Alternatives[s.IntN(len(e.Alternatives))].Terms {
		for range s.times(t.Repetition) {
			s.term(t)
		}
	}
}

// times says how often a term is repeated: deep down as little as it may.
func (s *sentences) times(repetition string) int {
	shallow := s.IntN(12) > s.depth
	switch {
	case repetition == "":
		return 1
	case repetition == "*" && shallow:
		return s.IntN(4)
	case repetition == "?" && shallow:
		return s.IntN(2)
	}
	return 0
}

func (s *sentences) term(t *ebnf.Term) {
	switch {
	case t.Literal != "":
		word := strings.Trim(t.Literal, `"`)
		s.words = append(s.words, word)
		if !slices.Contains(s.literals, word) {
			s.literals = append(s.literals, word)
		}
	case t.Token != "":
		s.words = append(s.words, s.one(samples[t.Token]))
	case t.Group == nil:
		s.production(t.Name)
	case t.Group.Lookahead == ebnf.LookaheadAssertionNone:
		s.expression(t.Group.Expr)
	}
}

func (s *sentences) one(of []string) string { return of[s.IntN(len(of))] }

// samples holds words for each kind of token. Some names are words of the grammar elsewhere.
var samples = map[string][]string{
	"ident": {
		"a", "openat", "arg0", "O_RDWR", "x86_64", "b", "ptrace", "ip", "c", "flags", "d", "family",
		"in", "not", "any", "if", "else", "_", "u32", "deny", "kill", "test", "default",
	},
	"all":     {"all"},
	"setname": {"@a", "@io-uring"},
	"number":  {"0", "7", "0x1_f", "386", "0b1", "0o17"},
	"release": {"6.12", "2.6.28"},
	"string":  {`"x"`, `"größer # {"`, `""`},
	"end":     {"\n"},
}

// mutate changes a few words.
func (s *sentences) mutate(words []string) []string {
	words = slices.Clone(words)
	for range 1 + s.IntN(3) {
		if len(words) < 2 {
			return words
		}
		i, j := s.IntN(len(words)-1), s.IntN(len(words))
		switch s.IntN(6) {
		case 0:
			words = slices.Delete(words, i, i+1)
		case 1:
			words = slices.Insert(words, i, words[i])
		case 2:
			words[i], words[i+1] = words[i+1], words[i]
		case 3:
			words[i] = words[j]
		case 4:
			words[i] = s.one(samples[s.one([]string{"ident", "setname", "number", "string",
				"end"})])
		case 5:
			words[i] = s.one(s.literals)
		}
	}
	return words
}

// text puts blanks, comments and line ends between the words: mostly where they change nothing.
func (s *sentences) text(words []string) string {
	var out strings.Builder
	out.WriteString(s.one([]string{"", "", "\ufeff", "# é\n\n", " \t"}))
	for i, w := range words {
		beforeEnd := i+1 == len(words) || words[i+1] == "}"
		if w != "\n" || !beforeEnd || s.IntN(2) == 0 {
			out.WriteString(w)
		}
		open := w == "(" || !isLetter(w[0]) && slices.Contains(vocabulary().Operators, w) &&
			continues(w)
		switch n := s.IntN(100); {
		case n < 20 && open, n < 1:
			out.WriteString(s.one([]string{"\n", " # ü\n\t", "\r\n", "\n\n # a\n"}))
		case n < 25 && open, n < 3:
		case w == "\n":
			out.WriteString(s.one([]string{"", "    ", "# b\n", "\r\n"}))
		default:
			out.WriteString(s.one([]string{" ", " ", " ", "\t  "}))
		}
	}
	return out.String()
}
