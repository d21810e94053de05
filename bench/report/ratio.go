package report

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/bench/live"
)

// ratios sets the times of each filter against the yardsticks of its row.
func (r Report) ratios(b *strings.Builder) {
	b.WriteString(
		"\n## Times as ratios\n\nTo no filter in the same process, with quartiles / to one " +
			"instruction.\n\n" +
			"| policy | compiler | checked | denied | cached |\n| --- | --- | ---: | ---: | ---: " +
			"|\n")
	for _, row := range r.rows() {
		unit := oneInstruction(row)
		for _, l := range row {
			if !l.hasTimes() || l.Peer == NoFilter {
				continue
			}
			fmt.Fprintf(b, "| %s | %s |", l.Row, l.Peer)
			for class, pairs := range l.Times {
				fmt.Fprintf(b, " %s |", ratio(pairs, unit[class]))
			}
			b.WriteString("\n")
		}
	}
}

// denied is the metric that the plot shows of the live times: the bare call's work would stretch
// the ratios to no filter.
func (r Report) denied() metric {
	units := map[string]live.Pairs{}
	for _, row := range r.rows() {
		units[row[0].Row] = oneInstruction(row)[1]
	}
	return metric{name: "denied", value: func(l Line) (float64, bool) {
		pairs, unit := l.Times[1], units[l.Row]
		return pairs.Ratios().Median / unit.Ratios().Median, len(pairs) > 0 && len(unit) > 0
	}}
}

// hasTimes reports whether the line has a time of any class.
func (l Line) hasTimes() bool {
	return len(l.Times[0])+len(l.Times[1])+len(l.Times[2]) > 0
}

// oneInstruction returns the times of that yardstick.
func oneInstruction(row []Line) live.Times {
	for _, l := range row {
		if l.Peer == OneInstruction {
			return l.Times
		}
	}
	return live.Times{}
}

// ratio leaves out the second ratio where the unit was not measured.
func ratio(pairs, unit live.Pairs) string {
	if len(pairs) == 0 {
		return "–"
	}
	q := pairs.Ratios()
	if len(unit) == 0 {
		return spread(q)
	}
	return spread(q) + " / " + digits(q.Median/unit.Ratios().Median)
}

func spread(q live.Quartiles) string {
	return fmt.Sprintf("%s (%s–%s)", digits(q.Median), digits(q.Low), digits(q.High))
}

// digits prints three of them: ratios go down to a tenth, where a call that does much is denied.
func digits(ratio float64) string {
	if ratio < 1 {
		return fmt.Sprintf("%.3f", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}
