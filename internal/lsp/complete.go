package lsp

import (
	"fmt"
	"os"
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
		c.allABIs()
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
	}
}

// files offers the policies that an include may name, in quotes: those of the workspace, and what
// lies in the directory that is written.
func (c *completer) files() {
	if !c.doc.onDisk {
		return
	}
	own := filepath.Dir(c.doc.path)
	names := map[string]bool{}
	paths, _ := c.view.s.policies(c.doc.path)
	for _, path := range paths {
		rel, err := filepath.Rel(own, path)
		if err == nil && filepath.IsLocal(rel) && path != c.doc.path {
			names[filepath.ToSlash(rel)] = true
		}
	}
	written := strings.TrimPrefix(c.typed, `"`)
	dir := filepath.FromSlash(written[:strings.LastIndexByte(written, '/')+1])
	if dir == "" || filepath.IsLocal(dir) {
		for _, name := range entries(filepath.Join(own, dir)) {
			names[filepath.ToSlash(dir)+name] = true
		}
	}
	delete(names, filepath.Base(c.doc.path))
	for _, directories := range []bool{false, true} {
		for _, name := range sortedKeys(names) {
			if strings.HasSuffix(name, "/") == directories {
				c.add(completeFile, "file", strconv.Quote(name))
			}
		}
	}
}

// entries returns the policies of a directory, and the directories in it with a stroke behind them.
func entries(dir string) []string {
	list, _ := os.ReadDir(dir) // a directory that cannot be read has none to offer
	var out []string
	for _, e := range list[:min(len(list), maxPolicies)] {
		switch hidden := strings.HasPrefix(e.Name(), "."); {
		case e.IsDir() && !hidden:
			out = append(out, e.Name()+"/")
		case e.Type().IsRegular() && filepath.Ext(e.Name()) == ".scp":
			out = append(out, e.Name())
		}
	}
	return out
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
		c.condition(cond, c.named())
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
	case last == "all":
		c.twins()
	case last == "," || last == "-" || last == "=" || last == ")" || len(c.words) == 1:
		c.add(completeSet, "set of the policy", sortedKeys(c.view.setDefinitions())...)
		c.add(completeFunction, "system call", c.view.callNames()...)
		c.add(completeSet, "built-in set", linux.SetNames()...)
		c.add(completeKeyword, "a call and its twins of other widths", "all")
	case last == "(":
	case slices.Contains(dsl.Words().Actions, c.words[0]):
		c.add(completeKeyword, "", "if")
	}
}

// twins offers the calls that the word "all" may stand before: first those that it makes a
// difference for.
func (c *completer) twins() {
	var alone []string
	for _, name := range c.view.callNames() {
		if twins := c.view.twins(name); len(twins) > 1 {
			c.add(completeFunction, strings.Join(twins, ", "), name)
		} else {
			alone = append(alone, name)
		}
	}
	c.add(completeFunction, "system call", alone...)
}

// abis offers the ABIs that the policy is for, or all where none is named.
func (c *completer) abis() {
	listed := c.view.listedABIs()
	if len(listed) == 0 {
		listed = linux.ABIs()
	}
	for _, abi := range listed {
		c.add(completeConstant, "ABI", abi.Name)
	}
}

// allABIs offers the ABIs that are not yet named.
func (c *completer) allABIs() {
	for _, abi := range linux.ABIs() {
		if !slices.Contains(c.words, abi.Name) {
			c.add(completeConstant, "ABI", abi.Name)
		}
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
	if behind, ok := c.behind("=>"); ok {
		if len(behind) == 0 {
			c.add(completeKeyword, "action", dsl.Words().Actions...)
		} else if _, _, open := unclosed(behind); open {
			c.actionData(behind[0])
		}
		return
	}
	cond, conditional := c.behind("if")
	args, _, open := unclosed(c.words)
	switch last := c.last(); {
	case conditional:
		c.condition(cond, c.named())
	case last == "all":
		c.twins()
	case last == "" || last == ":":
		c.add(completeFunction, "system call", c.view.callNames()...)
		c.add(completeKeyword, "a call and its twins of other widths", "all")
		if last == "" {
			c.abis()
		}
	case !open:
		c.add(completeKeyword, "", "if")
	default:
		c.argument(args)
	}
}

// argument offers the values of an argument of a claim's call; those before it are given.
func (c *completer) argument(before []string) {
	var cond []string // the same as a condition
	operand, n := "arg0", 0
	for _, w := range before {
		if w == "," {
			n++
			operand = fmt.Sprintf("arg%d", n)
		} else {
			cond = append(cond, operand, "==", w)
		}
	}
	c.values(operand, c.family(c.view.members(c.named()), operand, cond))
	if last := c.last(); last == "(" || last == "," {
		c.add(completeKeyword, "any value", "_")
	}
}
