package doc

import (
	_ "embed"
	"fmt"
	"html"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/explain"
)

//go:embed page.css
var pageCSS string

// Style is the style sheet of what Fragment returns.
func Style() string { return pageCSS }

const pageHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%s</title>
<style>
%s</style>
</head>
<body>
<main>
<h1>%[1]s</h1>
<p>%[3]d instructions, at most %[4]d executed; proved equal to the policy for every call.</p>
`

// Page returns a page about a compiled policy for a browser: it needs nothing beside it and runs no
// script. The claims are said to be proved; whoever calls has proved them.
func Page(name string, res *compiler.Result) ([]byte, error) {
	body, err := Fragment(res)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	stats := res.Stats()
	fmt.Fprintf(&b, pageHead, html.EscapeString(name), pageCSS, stats.Length, stats.Worst)
	b.WriteString(body)
	writeClaims(&b, res)
	writeLimits(&b, res)
	b.WriteString("</main>\n</body>\n</html>\n")
	return []byte(b.String()), nil
}

// Fragment returns the tables of all ABIs as HTML.
func Fragment(res *compiler.Result) (string, error) {
	grids, err := Grids(res)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, g := range grids {
		fmt.Fprintf(&b, "<h2>%s</h2>\n", g.ABI.Name)
		g.legend(&b)
		g.picture(&b)
		g.conditional(&b)
	}
	return b.String(), nil
}

const legendEntry = `<li><svg width="14" height="14" aria-hidden="true">` +
	`<rect width="14" height="14" rx="2" class="%s"/></svg> %s <b>%s</b></li>` + "\n"

// legend says what the colours mean, and how many numbers have each.
func (g Grid) legend(b *strings.Builder) {
	b.WriteString("<ul class=\"legend\">\n")
	for _, entry := range g.Count() {
		kind, count, _ := strings.Cut(entry, " ")
		text := kind
		if kind == "arguments" {
			text = "decided by arguments"
		}
		fmt.Fprintf(b, legendEntry, kind, text, count)
	}
	fmt.Fprintf(b, "</ul>\n<p>Numbers that no table holds: %s, where no rule names them.</p>\n",
		html.EscapeString(g.Unknown))
}

const (
	columns = 32 // numbers in a line of the picture
	pitch   = 20 // from one cell to the next
	side    = 18 // of a cell
	margin  = 84 // for the number at the head of a line
)

const pictureHead = `<svg class="grid" role="img" viewBox="0 0 %d %d"
aria-label="every system call of %s by number, coloured by decision">
<defs><pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse"
patternTransform="rotate(45)"><rect width="6" height="6" class="allow"/>
<rect width="3" height="6" class="deny"/></pattern></defs>
`

// picture draws every number of the table, in order, 32 in a line. Lines without any are left out.
func (g Grid) picture(b *strings.Builder) {
	lines := map[uint32]bool{}
	for _, c := range g.Cells {
		lines[c.Nr/columns] = true
	}
	fmt.Fprintf(b, pictureHead, margin+columns*pitch, len(lines)*pitch, g.ABI.Name)
	y := -pitch
	for i, c := range g.Cells {
		line := c.Nr / columns
		if i == 0 || g.Cells[i-1].Nr/columns != line {
			y += pitch
			fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%s</text>\n", margin-6, y+13,
				number(line*columns))
		}
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" rx="2" class="%s">`,
			margin+int(c.Nr%columns)*pitch, y, side, side, c.Kind())
		fmt.Fprintf(b, "<title>%s</title></rect>\n", html.EscapeString(c.tooltip()))
	}
	b.WriteString("</svg>\n")
}

// number writes the numbers of x32 so that they can be read.
func number(n uint32) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%#x", n)
	}
	return fmt.Sprint(n)
}

// tooltip says what a cell is and what becomes of the call.
func (c Cell) tooltip() string {
	text := fmt.Sprintf("%s %s(%s)\n", number(c.Nr), c.Name, c.Args)
	switch {
	case c.Exempt:
		return text + "not asked: newer kernels let it pass"
	case c.Action != "":
		return text + c.Action
	}
	return text + strings.Join(c.Cases, "\n")
}

const tableHead = `<table>
<thead><tr><th scope="col">call</th><th scope="col">what its arguments decide</th></tr></thead>
<tbody>
`

// conditional writes a line for each call that arguments decide.
func (g Grid) conditional(b *strings.Builder) {
	var rows strings.Builder
	for _, c := range g.Cells {
		if c.Action != "" {
			continue
		}
		var cases []string
		for _, text := range c.Cases {
			cases = append(cases, "<code>"+html.EscapeString(text)+"</code>")
		}
		fmt.Fprintf(&rows, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td></tr>\n", c.Name,
			strings.Join(cases, "<br>"))
	}
	if rows.Len() > 0 {
		b.WriteString(tableHead + rows.String() + "</tbody>\n</table>\n")
	}
}

// writeClaims lists the lines of the test blocks.
func writeClaims(b *strings.Builder, res *compiler.Result) {
	if len(res.Claims) == 0 {
		return
	}
	b.WriteString("<h2>Claims, proved for all values</h2>\n")
	test, seen := "", map[string]bool{}
	for _, c := range res.Claims {
		key := c.Test + "\n" + c.Text
		if seen[key] {
			continue // another ABI's
		}
		seen[key] = true
		if c.Test != test {
			if test != "" {
				b.WriteString("</ul>\n")
			}
			test = c.Test
			fmt.Fprintf(b, "<h3>%s</h3>\n<ul>\n", html.EscapeString(test))
		}
		fmt.Fprintf(b, "<li><code>%s</code></li>\n", html.EscapeString(c.Text))
	}
	b.WriteString("</ul>\n")
}

// writeLimits says what the filter does not decide.
func writeLimits(b *strings.Builder, res *compiler.Result) {
	whose := "Callers of other ABIs"
	if others := others(res.ABIs); len(others) > 0 {
		whose += " (" + strings.Join(others, ", ") + ")"
	}
	fmt.Fprintf(b, "<h2>What is not decided here</h2>\n<ul>\n<li>%s get <code>%s</code> for every "+
		"call.</li>\n", whose, html.EscapeString(explain.Action(res.Policy.Mismatch, res.ABIs[0])))
	var exempt []string
	for _, s := range res.ABIs[0].Syscalls() {
		if res.ABIs[0].Exempt(s.Name) {
			exempt = append(exempt, "<code>"+s.Name+"</code>")
		}
	}
	if len(exempt) > 0 {
		fmt.Fprintf(b, "<li>Newer kernels ask no filter about %s.</li>\n",
			strings.Join(exempt, ", "))
	}
	b.WriteString(limits)
}

// limits hold for every filter.
const limits = `<li>A filter sees numbers and registers: no path, no address of a socket, nothing
behind a pointer.</li>
<li>It does not know what has already been opened or passed to the process.</li>
</ul>
`
