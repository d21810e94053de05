package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Sizes of the plot in its own units.
const (
	labels   = 120 // width of the names at the left
	panel    = 230 // width of one panel
	gap      = 30
	lineStep = 22 // between rows
	top      = 70
	curves   = 280 // height of the plot of compile times, which stands below
)

// colours are told apart by people who see fewer of them too (Okabe and Ito's set).
var colours = []string{"#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#999999"}

// SVG draws one panel for each of length, mean and the denied call's ratio: a line for each policy,
// a dot for each compiler, a ring where the filter decides otherwise than the policy. Below,
// compile time stands against the number of rules. The scales are logarithmic.
func (r Report) SVG(w io.Writer) error {
	rows := r.rows()
	panels := []metric{ranked[0], ranked[1], r.denied()}
	width := labels + len(panels)*(panel+gap)
	height := top + len(rows)*lineStep + curves
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" `+
		`font-family="sans-serif" font-size="11">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	r.legend(&b)
	for i, row := range rows {
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n",
			labels-8, y(i)+4, row[0].Row)
	}
	for i, m := range panels {
		r.panel(&b, m, labels+i*(panel+gap))
	}
	r.curves(&b, width)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func y(row int) int { return top + row*lineStep + lineStep/2 }

// compilers are the names of the peers, in the order of the first row.
func (r Report) compilers() []string {
	var names []string
	for _, l := range r.rows()[0] {
		if !l.Yardstick {
			names = append(names, l.Peer)
		}
	}
	return names
}

func (r Report) colour(peer string) string {
	return colours[max(0, slices.Index(r.compilers(), peer))]
}

func (r Report) legend(b *strings.Builder) {
	x := labels
	for i, name := range r.compilers() {
		fmt.Fprintf(b, `<circle cx="%d" cy="16" r="5" fill="%s"/><text x="%d" y="20">%s</text>`+
			"\n",
			x, colours[i], x+9, name)
		x += 9 + 6*len(name) + 16
	}
	const ring = "a ring: decides otherwise than the policy"
	fmt.Fprintf(b, `<text x="%d" y="20" fill="#666">%s</text>`+"\n", x, ring)
}

func (r Report) panel(b *strings.Builder, m metric, left int) {
	lo, hi := r.bounds(m)
	at := scale{lo, hi, float64(left), float64(left + panel)}.at
	rows := r.rows()
	bottom := y(len(rows)-1) + lineStep/2
	heading(b, float64(left), 44, title(m))
	for _, v := range ticks(lo, hi) {
		grid(b, at(v), top, at(v), float64(bottom))
		tick(b, at(v), top-8, "middle", v)
	}
	for i, row := range rows {
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#eee"/>`+"\n",
			left, y(i), left+panel, y(i))
		for _, l := range slices.Backward(row) { // the first on top
			if v, ok := m.drawn(l); ok {
				r.dot(b, l, at(v), y(i))
			}
		}
	}
}

// drawn leaves out what has no place on a logarithmic scale.
func (m metric) drawn(l Line) (float64, bool) {
	v, ok := m.value(l)
	return v, ok && !l.Yardstick && v > 0
}

// ticks doubles from lo to hi, or steps by quarters where that is too few.
func ticks(lo, hi float64) []float64 {
	var all []float64
	for v := lo; v <= hi*1.01; v *= 2 {
		all = append(all, v)
		for part := 1.25; hi == 2*lo && v == lo && part < 2; part += 0.25 {
			all = append(all, v*part)
		}
	}
	return all
}

func title(m metric) string {
	return map[string]string{
		"len": "instructions", "mean": "executed, mean",
		"denied": "a denied call, to one instruction",
	}[m.name]
}

func (r Report) dot(b *strings.Builder, l Line, x float64, y int) {
	colour := r.colour(l.Peer)
	fill := colour
	if len(l.Wrong) > 0 {
		fill = "white"
	}
	fmt.Fprintf(b, `<circle cx="%.1f" cy="%d" r="4.5" fill="%s" stroke="%s" stroke-width="2">`+
		`<title>%s, %s</title></circle>`+"\n", x, y, fill, colour, l.Row, l.Peer)
}

// bounds returns powers of two around a metric's values.
func (r Report) bounds(m metric) (lo, hi float64) {
	lo, hi = math.Inf(1), 1
	for _, l := range r.Lines {
		if v, ok := m.drawn(l); ok {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	lo = math.Exp2(math.Floor(math.Log2(min(lo, hi))))
	hi = math.Exp2(math.Ceil(math.Log2(hi)))
	return lo, max(hi, 2*lo)
}
