// Package stacks measures what it costs to have several filters where one would do.
package stacks

import (
	"fmt"
	"io"
	"math/rand"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/rows"
)

// heights are how many filters there are. They are the same one, so that merged they are the first
// row: what the others take more is the price of a filter.
var heights = []int{1, 3, 5, 25}

// Row is what calls take under some filters.
type Row struct {
	Filters int
	Times   live.Times
}

// Measure times the calls of a row under its filter, installed once and several times, by turns.
func Measure(row rows.Row, filter asm.Program, times int) ([]Row, error) {
	all := make([]Row, len(heights))
	for range times {
		for _, i := range rand.Perm(len(heights)) {
			all[i].Filters = heights[i]
			t, err := live.Stack(filter, heights[i], row.Probes)
			if err != nil {
				return nil, fmt.Errorf("%d filters: %w", heights[i], err)
			}
			for class := range t {
				all[i].Times[class] = append(all[i].Times[class], t[class]...)
			}
		}
	}
	return all, nil
}

// Markdown writes the rows as a section of a document.
func Markdown(w io.Writer, name string, all []Row) error {
	_, err := fmt.Fprintf(w,
		"\n## Stacks\n\nThe filter of %s, installed several times: the kernel runs "+
			"each of them for each call that its cache\ndoes not hold. `seccompc merge` makes one "+
			"filter of "+
			"such a stack, which is the first line. Nanoseconds\nof a call, the median over the "+
			"processes, "+
			"and to no filter in the same process.\n\n| filters |", name)
	for _, class := range live.Classes {
		if err == nil {
			_, err = fmt.Fprintf(w, " %s ns | to no filter |", class)
		}
	}
	if err == nil {
		_, err = fmt.Fprint(w, "\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	}
	for _, r := range all {
		line := fmt.Sprintf("| %d |", r.Filters)
		for _, pairs := range r.Times {
			line += fmt.Sprintf(" %.0f | %.2f |", pairs.Filtered().Median, pairs.Ratios().Median)
		}
		if err == nil {
			_, err = fmt.Fprintln(w, line)
		}
	}
	return err
}
