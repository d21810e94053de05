package report

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/bench/live"
)

// losses lists where another compiler has the better figure.
func (r Report) losses(b *strings.Builder) {
	var list strings.Builder
	ties := 0
	for _, row := range r.rows() {
		for _, l := range row {
			if l.Peer != r.Ours || l.Err != nil {
				continue
			}
			for _, m := range ranked {
				m.loss(&list, l, row)
			}
			ties += slower(&list, l, row)
		}
	}
	fmt.Fprintf(b, "\n## Where %s is not first\n\n", r.Ours)
	if list.Len() == 0 {
		b.WriteString("Nowhere.\n")
	}
	b.WriteString(list.String())
	if ties > 0 {
		fmt.Fprintf(b,
			"\nNot listed: %d live times of which another's ratio has the lower median, "+
				"in a tie.\n", ties)
	}
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

// slower names a faster filter for each class of calls, and counts the ties.
func slower(b *strings.Builder, ours Line, row []Line) (ties int) {
	for class, pairs := range ours.Times {
		found, tied := faster(class, ours, row)
		if tied {
			ties++
		}
		if found.Peer != "" {
			fmt.Fprintf(b, "- %s, %s, to no filter: %s against %s of %s (%s)\n", ours.Row,
				live.Classes[class], spread(pairs.Ratios()), spread(found.Times[class].Ratios()),
				found.Peer, found.decisions())
		}
	}
	return ties
}

// faster returns the fastest of the filters that the measurement shows to be faster than ours. If
// there are none, tied tells whether one has the lower median all the same.
func faster(class int, ours Line, row []Line) (found Line, tied bool) {
	q := ours.Times[class].Ratios()
	best := q.Median
	for _, l := range row {
		w := l.Times[class].Ratios()
		if len(l.Times[class]) == 0 || l.Yardstick || w.Median >= q.Median {
			continue
		}
		tied = tied || !w.Below(q)
		if w.Below(q) && w.Median < best {
			best, found = w.Median, l
		}
	}
	return found, tied && found.Peer == ""
}
