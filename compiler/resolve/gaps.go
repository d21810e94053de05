package resolve

import (
	"strings"

	"github.com/seccompc/seccompc/dsl"
)

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
