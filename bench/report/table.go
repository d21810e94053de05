package report

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
)

//go:embed intro.md
var intro string

// Markdown writes the report.
func (r Report) Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(intro)
	fmt.Fprintf(&b, "\nCompilers: %s. Linux %s.\n", strings.Join(r.Peers, "; "), r.Kernel)
	b.WriteString("\n![plot](bench.svg)\n")
	r.figures(&b)
	r.ratios(&b)
	r.growth(&b)
	r.trees(&b)
	r.losses(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// trees says how far the search for trees is from the cheapest ones.
func (r Report) trees(b *strings.Builder) {
	if len(r.Trees) == 0 {
		return
	}
	b.WriteString("\n## Distance from the cheapest trees\n\n" +
		"By `go test ./compiler/codegen -run Certificate -v`, against a search through all trees " +
		"of the same\n" +
		"tests, by the price that docs/rationale.md explains; 200 seeded lists of each kind:\n\n")
	for _, line := range r.Trees {
		fmt.Fprintf(b, "- %s\n", line)
	}
	r.lowest(b)
}

// lowest says of each policy whether its tree is known to be the cheapest, and what no filter can
// go below.
func (r Report) lowest(b *strings.Builder) {
	b.WriteString(
		"\nThe same of the policies above, by `seccompc POLICY --stats`: where there are up to " +
			"ten spans of numbers\n" +
			"that are decided alike, no tree is cheaper. **least** and **bound** are what no " +
			"filter goes below that\n" +
			"tests arch, then the number, then arguments, by counting what it must tell apart, " +
			"whether there is one\nthat reaches them or not.\n\n" +
			"| policy | ABI | spans | no tree is cheaper | len | least | mean | bound |\n" +
			"| --- | --- | ---: | --- | ---: | ---: | ---: | ---: |\n")
	for _, x := range r.Bounds {
		known := "not known"
		if x.Cheapest {
			known = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %d | %s | %d | %d | %.1f | %.1f |\n", x.Row, x.ABI, x.Spans,
			known,
			x.Len, x.Least, x.Mean, x.Below)
	}
}

func (r Report) figures(b *strings.Builder) {
	b.WriteString("\n## Figures\n\n| policy | compiler |")
	for _, m := range metrics {
		fmt.Fprintf(b, " %s |", m.name)
	}
	b.WriteString(" decisions |\n| --- | --- |" + strings.Repeat(" ---: |", len(metrics)) +
		" --- |\n")
	for _, row := range r.rows() {
		for i, l := range row {
			policy := ""
			if i == 0 {
				policy = fmt.Sprintf("**%s**: %s", l.Row, r.Titles[l.Row])
			}
			fmt.Fprintf(b, "| %s | %s |", policy, l.Peer)
			for _, m := range metrics {
				fmt.Fprintf(b, " %s |", m.format(l))
			}
			fmt.Fprintf(b, " %s |\n", l.note())
		}
	}
}

// note is what the last column says of a line.
func (l Line) note() string {
	if l.Yardstick {
		return ""
	}
	note := l.decisions()
	if l.Uncached > 0 {
		note += fmt.Sprintf("; keeps %d allowed numbers out of the cache", l.Uncached)
	}
	if l.LiveErr != nil {
		note += "; not timed: " + l.LiveErr.Error()
	}
	return note
}

// growth prints a line for each size and a column for each compiler.
func (r Report) growth(b *strings.Builder) {
	b.WriteString("\n## Compile time against size\n\n" +
		"Rules on the values of one argument, over up to 300 numbers: milliseconds " +
		"(instructions);\n" +
		"ours are those of text + code + proof. A compiler is not asked further once it fails,\n" +
		"makes more than the kernel takes, or needs more than five seconds.\n\n| rules |")
	for _, name := range r.compilers() {
		fmt.Fprintf(b, " %s |", name)
	}
	b.WriteString("\n| ---: |" + strings.Repeat(" ---: |", len(r.compilers())) + "\n")
	for _, n := range r.sizes() {
		fmt.Fprintf(b, "| %d |", n)
		for _, name := range r.compilers() {
			fmt.Fprintf(b, " %s |", r.cell(name, n))
		}
		b.WriteString("\n")
	}
}

func (r Report) cell(peer string, rules int) string {
	for _, g := range r.Growth {
		if g.Peer == peer && g.Rules == rules {
			parts := fmt.Sprintf("%.2f", float64(g.Took.Code)/1e6)
			if g.Took.Proof > 0 {
				parts = fmt.Sprintf("%.2f + %s + %.2f", float64(g.Took.Text)/1e6, parts,
					float64(g.Took.Proof)/1e6)
			}
			return fmt.Sprintf("%s (%d)", parts, g.Len)
		}
	}
	return "–"
}

// sizes are the numbers of rules that anything was measured for, ascending.
func (r Report) sizes() []int {
	var sizes []int
	for _, g := range r.Growth {
		sizes = append(sizes, g.Rules)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}
