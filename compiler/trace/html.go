package trace

import (
	_ "embed"
	"fmt"
	"html"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

//go:embed page.html
var pageTemplate string

// column is what the page shows of a stage.
type column struct {
	Name   string
	Groups []group
}

type group struct {
	Name  string
	Items []item
}

// item is a line of a column. IDs names the items in the columns left of it that belong to it.
type item struct {
	ID, IDs           string
	Label, Text, Note string
}

// HTML returns the stages side by side as one page that needs nothing else, in which what belongs
// together lights up together.
func (t *Trace) HTML() []byte {
	var names []string
	for _, s := range t.result.Sources {
		names = append(names, diag.Printable(filepath.Base(s.Name)))
	}
	page := strings.NewReplacer("{{title}}", html.EscapeString(strings.Join(names, ", ")),
		"{{columns}}", columnsHTML([]column{
			{"source", t.sourceItems()},
			{"rules", t.ruleItems()},
			{"decisions", t.decisionItems()},
			{"nodes", []group{{Items: t.nodeItems()}}},
			{"listing", []group{{Items: t.codeItems()}}},
		}))
	return []byte(page.Replace(pageTemplate))
}

// columnsHTML writes columns. A template would do so too; but with one the linker keeps every
// method of the whole command, as a template may call any by its name.
func columnsHTML(columns []column) string {
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, "\n<section class=%q>\n<h2>%[1]s <span></span></h2>\n", c.Name)
		b.WriteString(`<div class="column">`)
		for _, g := range c.Groups {
			writeTag(&b, "\n<h3>", g.Name, "</h3>")
			for _, i := range g.Items {
				i.write(&b)
			}
		}
		b.WriteString("\n</div>\n</section>")
	}
	return b.String()
}

func (i *item) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n<div class=\"item\" id=\"%s\" data-ids=\"%s\">",
		html.EscapeString(i.ID), html.EscapeString(i.IDs))
	writeTag(b, `<span class="label">`, i.Label, "</span>")
	b.WriteString(`<span class="body">`)
	writeTag(b, `<span class="text">`, i.Text, "</span> ")
	writeTag(b, `<span class="note">`, i.Note, "</span>")
	b.WriteString("</span></div>")
}

// writeTag writes a text between tags, nothing for an empty one.
func writeTag(b *strings.Builder, open, text, end string) {
	if text != "" {
		b.WriteString(open + html.EscapeString(text) + end)
	}
}

func (t *Trace) sourceItems() []group {
	var groups []group
	for f, source := range t.result.Sources {
		g := group{Name: diag.Printable(source.Name)}
		for i, line := range printableLines(source) {
			item := item{ID: lineID(f, i+1), Label: fmt.Sprint(i + 1), Text: line}
			if strings.HasPrefix(strings.TrimSpace(line), "#") {
				item.Text, item.Note = "", line
			}
			g.Items = append(g.Items, item)
		}
		groups = append(groups, g)
	}
	return groups
}

func (t *Trace) ruleItems() []group {
	var groups []group
	for i, a := range t.result.Policy.ABIs {
		g := group{Name: a.Name}
		for j := range a.Rules {
			o := origin{i, j}
			g.Items = append(g.Items, t.originItem(o, t.ruleCalls(o)))
		}
		g.Items = append(g.Items,
			t.originItem(origin{i, ruleDefault}, "what the ABI's table holds"),
			t.originItem(origin{i, ruleUnknown}, "its other numbers"))
		groups = append(groups, g)
	}
	mismatch := t.originItem(origin{noABI, ruleMismatch}, "calls of no ABI of the policy")
	return append(groups, group{t.callers(noABI), []item{mismatch}})
}

func (t *Trace) originItem(o origin, calls string) item {
	ids := idSet{}
	t.addLines(ids, o)
	return item{
		ID: originID(o), IDs: ids.String(), Label: t.originText(o), Text: t.verb(o), Note: calls,
	}
}

func (t *Trace) decisionItems() []group {
	var groups []group
	for i := range t.decisions {
		d := &t.decisions[i]
		if i == 0 || t.decisions[i-1].abi != d.abi {
			groups = append(groups, group{Name: t.callers(d.abi)})
		}
		ids := idSet{}
		t.addOrigins(ids, t.origins(d))
		g := &groups[len(groups)-1]
		g.Items = append(g.Items,
			item{ID: decisionID(i), IDs: ids.String(), Text: t.callsText(d), Note: "→ " +
				t.outcome(d)})
	}
	return groups
}

func (t *Trace) nodeItems() []item {
	var items []item
	for _, n := range t.nodeOrder() {
		ids := idSet{}
		for _, pc := range t.nodes[n].code {
			t.addCode(ids, pc)
		}
		items = append(items, item{
			ID: nodeID(n), IDs: ids.String(), Label: nodeID(n), Text: t.nodeText(n),
		})
	}
	return items
}

func (t *Trace) codeItems() []item {
	var items []item
	for pc, c := range t.code {
		ids := idSet{nodeID(c.node): true}
		t.addCode(ids, pc)
		items = append(items, item{
			ID: codeID(pc), IDs: ids.String(),
			Label: fmt.Sprint(pc), Text: t.result.Program.Text(pc), Note: t.comment(pc),
		})
	}
	return items
}

func codeID(pc int) string           { return fmt.Sprintf("i%d", pc) }
func lineID(file, line int) string   { return fmt.Sprintf("s%d.%d", file, line) }
func originID(o origin) string       { return fmt.Sprintf("r%d.%d", o.abi, o.rule) }
func decisionID(decision int) string { return fmt.Sprintf("d%d", decision) }
func nodeID(node int) string         { return fmt.Sprintf("n%d", node) }

// idSet is the items that one belongs to.
type idSet map[string]bool

func (s idSet) String() string { return strings.Join(slices.Sorted(maps.Keys(s)), " ") }

// addCode adds what an instruction belongs to. One of the dispatch comes from all that its numbers
// are on the way to.
func (t *Trace) addCode(ids idSet, pc int) {
	c := &t.code[pc]
	t.addOrigins(ids, slices.Collect(maps.Keys(c.origins)))
	for _, i := range c.decisions {
		ids[decisionID(i)] = true
		if len(c.origins) == 0 {
			t.addOrigins(ids, t.origins(&t.decisions[i]))
		}
	}
}

func (t *Trace) addOrigins(ids idSet, origins []origin) {
	for _, o := range origins {
		ids[originID(o)] = true
		t.addLines(ids, o)
	}
}

// addLines adds the lines of a rule. Which statement gives the other actions is not known here: it
// may be none.
func (t *Trace) addLines(ids idSet, o origin) {
	if o.rule < 0 {
		return
	}
	span := t.result.Rules[t.result.Policy.ABIs[o.abi].Rules[o.rule].Source].Span
	file := slices.Index(t.result.Sources, span.Source())
	for line := span.Pos().Line; line <= span.EndPos().Line; line++ {
		ids[lineID(file, line)] = true
	}
}
