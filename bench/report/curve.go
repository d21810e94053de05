package report

import (
	"fmt"
	"math"
	"strings"
)

// scale maps a value to a coordinate, logarithmically; from may be above to.
type scale struct{ lo, hi, from, to float64 }

func (s scale) at(v float64) float64 {
	return s.from + math.Log(v/s.lo)/math.Log(s.hi/s.lo)*(s.to-s.from)
}

// powers are the powers of ten from lo to hi.
func (s scale) powers() []float64 {
	var all []float64
	for v := s.lo; v <= s.hi*1.01; v *= 10 {
		all = append(all, v)
	}
	return all
}

// curves draws compile time against the number of rules, one line for each compiler.
func (r Report) curves(b *strings.Builder, width int) {
	if len(r.Growth) == 0 {
		return
	}
	upper := float64(top + len(r.rows())*lineStep + 50)
	x := scale{10, 10000, labels, float64(width - gap)}
	y := scale{1e-2, 1e4, upper + curves - 80, upper}
	heading(b, labels, upper-14,
		"time for the code, without text and proof, ms, against the number of rules")
	for _, v := range x.powers() {
		grid(b, x.at(v), y.from, x.at(v), y.to)
		tick(b, x.at(v), y.from+16, "middle", v)
	}
	for _, v := range y.powers() {
		grid(b, x.from, y.at(v), x.to, y.at(v))
		tick(b, x.from-8, y.at(v)+4, "end", v)
	}
	for _, name := range r.compilers() {
		r.curve(b, name, x, y)
	}
}

func heading(b *strings.Builder, x, y float64, text string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-weight="bold">%s</text>`+"\n", x, y, text)
}

func tick(b *strings.Builder, x, y float64, anchor string, v float64) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="#666">%g</text>`+"\n",
		x, y, anchor, v)
}

func grid(b *strings.Builder, x1, y1, x2, y2 float64) {
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#ddd"/>`+"\n",
		x1, y1, x2, y2)
}

func (r Report) curve(b *strings.Builder, peer string, x, y scale) {
	var points []string
	for _, g := range r.Growth {
		if g.Peer != peer {
			continue
		}
		px, py := x.at(float64(g.Rules)), y.at(max(float64(g.Took.Code)/1e6, y.lo))
		points = append(points, fmt.Sprintf("%.1f,%.1f", px, py))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", px, py, r.colour(peer))
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n",
		strings.Join(points, " "), r.colour(peer))
}
