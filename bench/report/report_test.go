package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/measure"
)

func sample() Report {
	times := func(ns float64) live.Times {
		// One process ran on a slow machine, which says nothing of the filter.
		return live.Times{nil, {{Bare: 100, Filtered: ns}, {Bare: 100, Filtered: ns}, {Bare: 600, Filtered: 6 * ns}}, nil}
	}
	return Report{
		Titles: map[string]string{"first": "the first policy"},
		Kernel: "6.18.1 x86_64",
		Peers:  []string{"seccompc (this tree)", "other (1.2)"},
		Ours:   "seccompc",
		Lines: []Line{
			{Row: "first", Peer: "seccompc", Figures: measure.Figures{Len: 50, Mean: 8.25, Worst: 18, Path: 18},
				Compile: 400 * time.Microsecond, Proof: 90 * time.Microsecond, Times: times(150)},
			{Row: "first", Peer: "other", Figures: measure.Figures{Len: 64, Mean: 7, Worst: 18, Path: 19,
				Wrong: map[measure.Class]int{measure.Width: 3, measure.ABI: 2}, Looser: 1},
				Compile: 399 * time.Microsecond, Times: times(180)},
			{Row: "first", Peer: "no filter", Yardstick: true, Times: times(100)},
			{Row: "first", Peer: "one instruction", Yardstick: true, Times: times(200)},
			{Row: "second", Peer: "seccompc", Figures: measure.Figures{Len: 4, Uncached: 2}},
			{Row: "second", Peer: "other", Err: errors.New("no masks\nno ranges")},
		},
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := sample().Markdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| **first**: the first policy | seccompc | 50 | 8.2 | 18 | 18 | 400 | – | 150 | – | equal; 90 µs are the proof |\n",
		"|  | other | 64 | 7.0 | 18 | 19 | 399 | – | 180 | – | **differs**: ABI 2, width 3; 1 looser |\n",
		"|  | no filter | – | – | – | – | – | – | 100 | – |  |\n",
		"| seccompc | 4 | 0.0 | 0 | 0 | 0 | – | – | – | equal; keeps 2 allowed numbers out of the cache |\n",
		"|  | other | – | – | – | – | – | – | – | – | cannot express it: no masks; no ranges |\n",
		"| first | other | – | 1.80 / 0.90 | – |\n",
		"- first, mean: 8.2 against 7.0 of other (**differs**: ABI 2, width 3; 1 looser)\n",
		"Compilers: seccompc (this tree); other (1.2). Linux 6.18.1 x86_64.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
	if got := strings.Count(b.String(), "\n- first,"); got != 1 { // 399 µs are no better than 400
		t.Errorf("%d losses", got)
	}
}

func TestMarkdownWithoutLosses(t *testing.T) {
	r := sample()
	r.Lines[1].Mean = 8.25
	var b strings.Builder
	if err := r.Markdown(&b); err != nil || !strings.HasSuffix(b.String(), "\nNowhere.\n") {
		t.Errorf("error %v, report\n%s", err, b.String())
	}
}

func TestSVG(t *testing.T) {
	var b strings.Builder
	if err := sample().SVG(&b); err != nil {
		t.Fatal(err)
	}
	circles, rings := 0, 0
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
			for _, a := range e.Attr {
				if a.Name.Local == "fill" && a.Value == "white" {
					rings++
				}
			}
		}
	}
	// Two in the legend; three lengths, two means that are not zero, two times; "other" differs in
	// three.
	if circles != 9 || rings != 3 {
		t.Errorf("%d circles, of them %d rings, in\n%s", circles, rings, b.String())
	}
	if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
		t.Errorf("a place that is none in\n%s", b.String())
	}
}
