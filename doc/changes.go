package doc

import (
	"fmt"
	"slices"
	"strings"
)

// Changes says in words what of a block is no longer so: the rows that changed, were added or went,
// and otherwise that the text did. None for equal blocks.
func Changes(old, now string) []string {
	if old == now {
		return nil
	}
	before, after := rowsOf(old), rowsOf(now)
	var out []string
	for _, r := range before {
		i := slices.IndexFunc(after, func(o row) bool { return o.name == r.name })
		switch {
		case i < 0:
			out = append(out, fmt.Sprintf("%s: the row is no longer so", r.name))
		case after[i].text != r.text:
			out = append(out, fmt.Sprintf("%s: %q is now %q", r.name, r.text, after[i].text))
		}
	}
	for _, r := range after {
		if !slices.ContainsFunc(before, func(o row) bool { return o.name == r.name }) {
			out = append(out, fmt.Sprintf("%s: the row is missing", r.name))
		}
	}
	if len(out) == 0 {
		out = append(out, "the text around the rows is another")
	}
	return out
}

// row is a line of a table, with a name that is unique in its block.
type row struct{ name, text string }

func rowsOf(block string) []row {
	var out []row
	count := map[string]int{}
	table, head := "", ""
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			table, head = strings.TrimSpace(strings.TrimLeft(line, "#")), ""
		case !strings.HasPrefix(line, "|"):
		case head == "":
			head = line
			out = append(out, row{table + ", columns", line})
		case strings.HasPrefix(line, "| ---"):
		default:
			cells := strings.SplitN(line, "|", 3)
			name := table + ", " + strings.TrimSpace(cells[1])
			if count[name]++; count[name] > 1 {
				name += fmt.Sprintf(" (%d)", count[name])
			}
			out = append(out, row{name, line})
		}
	}
	return out
}
