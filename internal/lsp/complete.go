package lsp

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// maxItems bounds what is offered at once, so that an editor asks again for what begins otherwise.
const maxItems = 1000

// complete offers the words that can stand at a place.
func (s *server) complete(doc *document, p *placeParams) (any, error) {
	offset := doc.offset(p.Position)
	c := &completer{place: placeAt(doc.path, doc.text.string, offset), view: s.viewOf(doc),
		doc: doc}
	c.over = doc.span(c.start, c.end)
	c.offer()
	return completionList{c.more, append([]completionItem{}, c.items...)}, nil
}

// completer collects what can stand at a place.
type completer struct {
	place
	view  *view
	doc   *document
	over  span
	items []completionItem
	more  bool
}

// add offers words that begin as what is written.
func (c *completer) add(kind int, detail string, words ...string) {
	for _, w := range words {
		if !strings.HasPrefix(strings.ToLower(w), strings.ToLower(c.typed)) {
			continue
		}
		if len(c.items) == maxItems {
			c.more = true
			return
		}
		c.items = append(c.items, completionItem{
			Label: w, Kind: kind, Detail: detail, SortText: fmt.Sprintf("%05d", len(c.items)),
			TextEdit: textEdit{c.over, w},
		})
	}
}

// offer finds out what is wanted.
func (c *completer) offer() {
	switch {
	case c.in == dsl.Comment:
		c.lintComment()
	case len(c.words) == 1 && c.words[0] == "include":
		c.files()
	case c.in == dsl.Quoted || c.in == dsl.Number || strings.HasPrefix(c.typed, `"`):
	case c.inner == "test":
		c.claim()
	case len(c.words) == 0:
		c.statements()
	default:
		c.within(c.words[0])
	}
}

func (c *completer) statements() {
	w := dsl.Words()
	c.add(completeKeyword, "action", w.Actions...)
	c.add(completeKeyword, "statement", w.Statements...)
	c.add(completeKeyword, "", "else")
}

// lintComment offers the codes of findings, behind "lint: allow".
func (c *completer) lintComment() {
	fields := strings.Fields(strings.TrimLeft(c.typed, "#"))
	blank := strings.HasSuffix(c.typed, " ")
	if len(fields) < 2 || fields[0] != "lint:" || fields[1] != "allow" || len(fields) > 3 ||
		len(fields) == 3 && blank {
		return
	}
	at := c.start + len(c.typed)
	c.typed = ""
	if len(fields) == 3 {
		c.typed = fields[2]
	}
	c.over = c.doc.span(at-len(c.typed), at)
	for _, code := range codes.All() {
		c.add(completeConstant, "", code.Name)
	}
}

// within offers what can stand in a statement that begins with a word.
func (c *completer) within(first string) {
	w := dsl.Words()
	switch {
	case slices.Contains(w.Actions, first):
		c.rule()
	case first == "arch":
		c.abis()
	case first == "default" || first == "mismatch" || first == "unknown":
		if len(c.words) == 1 {
			c.add(completeKeyword, "action", w.Actions...)
		} else if _, _, open := unclosed(c.words); open {
			c.actionData(c.words[1])
		}
	case first == "set" && slices.Contains(c.words, "="), first == "hot":
		c.selectors()
	case first == "const" || first == "param":
		if slices.Contains(c.words, "=") {
			c.values("", nil)
		}
	case first == "late":
		c.late()
	case first == "as":
		c.asOf()
	case first == "when" || first == "else":
		c.choice()
	case first == "include", first == "set", first == "test":
	default:
		c.add(completeKeyword, "", w.Keywords...)
	}
}

// files offers the policies that an include may name, in quotes.
func (c *completer) files() {
	paths, _ := c.view.s.policies(c.doc.path)
	for _, path := range paths {
		rel, err := filepath.Rel(filepath.Dir(c.doc.path), path)
		if err == nil && filepath.IsLocal(rel) && path != c.doc.path {
			c.add(completeFile, "file", strconv.Quote(filepath.ToSlash(rel)))
		}
	}
}

func (c *completer) asOf() {
	switch words := []string{"of", "linux"}; {
	case len(c.words) <= len(words):
		c.add(completeKeyword, "", words[len(c.words)-1])
	case len(c.words) == 3:
		c.add(completeConstant, "the newest release of the tables", linux.Newest.String())
	}
}

func (c *completer) late() {
	switch {
	case c.last() == ":":
		c.add(completeKeyword, "type", dsl.Words().Casts...)
	case slices.Contains(dsl.Words().Casts, c.last()):
		c.add(completeKeyword, "", "in")
	case slices.Contains(c.words, "in"):
		c.values("", nil)
	}
}

// rule offers what can stand behind an action.
func (c *completer) rule() {
	if len(c.words) >= 2 && c.words[1] == "(" && !slices.Contains(c.words, ")") {
		c.actionData(c.words[0])
		return
	}
	if cond, ok := c.behind("if"); ok {
		c.condition(cond, c.ruleSelectors())
		return
	}
	c.selectors()
}

// actionData offers what can stand in the parentheses of an action.
func (c *completer) actionData(action string) {
	if action != "deny" {
		c.values("", nil)
		return
	}
	for _, abi := range c.view.abis()[:1] {
		for _, name := range abi.ConstantNames("E") {
			n, _ := abi.Constant(name)
			v, exact := uint64Of(n)
			if !exact || v >= 1<<12 {
				continue
			}
			if usual, _ := abi.ErrnoName(uint32(v)); usual == name {
				c.add(completeConstant, "errno", name)
			}
		}
	}
	c.ownValues()
}

// selectors offers calls and sets, or behind one the word "if".
func (c *completer) selectors() {
	switch last := c.last(); {
	case last == "," || last == "-" || last == "=" || last == ")" || len(c.words) == 1:
		c.add(completeSet, "set of the policy", sortedKeys(c.view.setDefinitions())...)
		c.add(completeFunction, "system call", c.view.callNames()...)
		c.add(completeSet, "built-in set", linux.SetNames()...)
	case slices.Contains(dsl.Words().Actions, c.words[0]):
		c.add(completeKeyword, "", "if")
	}
}

// ruleSelectors returns what the rule names before its condition.
func (c *completer) ruleSelectors() []*dsl.Selector {
	words := c.words[1:]
	if len(words) > 0 && words[0] == "(" {
		if end := slices.Index(words, ")"); end >= 0 {
			words = words[end+1:]
		}
	}
	var out []*dsl.Selector
	for _, w := range words {
		switch {
		case w == "if" || w == "-":
			return out
		case w[0] == '@':
			out = append(out, &dsl.Selector{Set: w})
		case w != ",":
			out = append(out, &dsl.Selector{Name: w})
		}
	}
	return out
}

func (c *completer) abis() {
	for _, abi := range linux.ABIs() {
		c.add(completeConstant, "ABI", abi.Name)
	}
}

// choice offers what can stand in the condition of a block.
func (c *completer) choice() {
	t := lastTest(c.words[1:])
	switch {
	case c.words[0] == "else" && len(c.words) == 1:
		c.add(completeKeyword, "", "when")
	case t.operand == "" || t.operand == "when":
		c.ownValues()
		c.add(completeKeyword, "", "arch", "true", "false")
	case len(t.behind) == 0:
		c.add(completeKeyword, "", "in", "not")
	case t.wantsValue() && t.operand == "arch":
		c.abis()
	case t.wantsValue():
		named := false
		for _, o := range c.view.occurrences() {
			if name, ok := strings.CutPrefix(o.name, t.operand+" "); ok && o.kind == choiceKind &&
				o.defines {
				c.add(completeConstant, "value of "+t.operand, name)
				named = true
			}
		}
		if !named {
			c.values("", nil)
		}
	}
}

// claim offers what can stand in a test block.
func (c *completer) claim() {
	words := c.words
	if behind, ok := c.behind("=>"); ok {
		if len(behind) == 0 {
			c.add(completeKeyword, "action", dsl.Words().Actions...)
		} else if _, _, open := unclosed(behind); open {
			c.actionData(behind[0])
		}
		return
	}
	if i := slices.Index(words, ":"); i >= 0 {
		words = words[i+1:]
	}
	if len(words) == 0 {
		c.add(completeFunction, "system call", c.view.callNames()...)
		if len(c.words) == 0 {
			c.abis()
		}
		return
	}
	call := []*dsl.Selector{{Name: words[0]}}
	if cond, ok := c.behind("if"); ok {
		c.condition(cond, call)
		return
	}
	args, _, open := unclosed(words)
	if !open {
		c.add(completeKeyword, "", "if")
		return
	}
	n := 0
	for _, w := range args {
		if w == "," {
			n++
		}
	}
	operand := fmt.Sprintf("arg%d", n)
	c.values(operand, c.family([]string{words[0]}, operand, nil))
}
