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
	r.losses(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) figures(b *strings.Builder) {
	b.WriteString("\n## Figures\n\n| policy | compiler |")
	for _, m := range metrics {
		fmt.Fprintf(b, " %s |", m.name)
	}
	b.WriteString(" decisions |\n| --- | --- |" + strings.Repeat(" ---: |", len(metrics)) + " --- |\n")
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
	if l.Proof > 0 {
		note += fmt.Sprintf("; %.0f µs are the proof", float64(l.Proof)/1e3)
	}
	if l.LiveErr != nil {
		note += "; not timed: " + l.LiveErr.Error()
	}
	return note
}

// ratios sets the times of each filter against the yardsticks of its row.
func (r Report) ratios(b *strings.Builder) {
	b.WriteString("\n## Times as ratios\n\nTo no filter / to one instruction.\n\n" +
		"| policy | compiler | checked | denied | cached |\n| --- | --- | ---: | ---: | ---: |\n")
	for _, row := range r.rows() {
		var yardsticks []Line
		for _, l := range row {
			if l.Yardstick {
				yardsticks = append(yardsticks, l)
			}
		}
		for _, l := range row {
			if l.Yardstick || l.Err != nil || len(yardsticks) == 0 {
				continue
			}
			fmt.Fprintf(b, "| %s | %s |", l.Row, l.Peer)
			for class := range l.Times {
				fmt.Fprintf(b, " %s |", ratio(timed(class), l, yardsticks))
			}
			b.WriteString("\n")
		}
	}
}

func ratio(m metric, l Line, yardsticks []Line) string {
	v, ok := m.value(l)
	if !ok {
		return "–"
	}
	var ratios []string
	for _, y := range yardsticks {
		unit, _ := m.value(y)
		ratios = append(ratios, fmt.Sprintf("%.2f", v/unit))
	}
	return strings.Join(ratios, " / ")
}

// growth prints a line for each size and a column for each compiler.
func (r Report) growth(b *strings.Builder) {
	b.WriteString("\n## Compile time against size\n\n" +
		"Rules on the values of one argument, over up to 300 numbers: milliseconds (instructions).\n" +
		"A compiler is not asked further once it fails, makes more than the kernel takes, or needs\n" +
		"more than five seconds.\n\n| rules |")
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
			return fmt.Sprintf("%.2f (%d)", float64(g.Compile)/1e6, g.Len)
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

// losses lists where another compiler has the better figure.
func (r Report) losses(b *strings.Builder) {
	var list strings.Builder
	for _, row := range r.rows() {
		for _, l := range row {
			if l.Peer == r.Ours && l.Err == nil {
				for _, m := range metrics {
					m.loss(&list, l, row)
				}
			}
		}
	}
	fmt.Fprintf(b, "\n## Where %s is not first\n\n", r.Ours)
	if list.Len() == 0 {
		b.WriteString("Nowhere.\n")
	}
	b.WriteString(list.String())
}

// loss names the best of the others where it is better than ours.
func (m metric) loss(b *strings.Builder, ours Line, row []Line) {
	v, ok := m.value(ours)
	if !ok {
		return
	}
	best, found := v/(1+m.noise), Line{}
	for _, l := range row {
		if w, ok := m.value(l); ok && !l.Yardstick && w < best {
			best, found = w, l
		}
	}
	if found.Peer != "" {
		fmt.Fprintf(b, "- %s, %s: %s against %s of %s (%s)\n", ours.Row, m.name,
			m.format(ours), m.format(found), found.Peer, found.decisions())
	}
}
