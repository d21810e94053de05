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
		slow := live.Pair{Bare: 600, Filtered: 6 * ns}
		return live.Times{1: {{Bare: 100, Filtered: ns}, {Bare: 100, Filtered: ns}, slow}}
	}
	return Report{
		Titles: map[string]string{"first": "the first policy"},
		Kernel: "6.18.1 x86_64",
		Peers:  []string{"seccompc (this tree)", "other (1.2)"},
		Ours:   "seccompc",
		Growth: []Growth{
			{"seccompc", 30, 98,
				Times{2 * time.Millisecond, 6 * time.Millisecond, 500 * time.Microsecond}},
			{"other", 30, 188, Times{Code: 150 * time.Microsecond}},
		},
		Lines: []Line{
			{Row: "first", Peer: "seccompc",
				Figures: measure.Figures{Len: 50, Mean: 8.25, Worst: 18, Path: 18},
				Took: Times{30 * time.Microsecond, 400 * time.Microsecond,
					90 * time.Microsecond},
				Times: times(150)},
			{Row: "first", Peer: "other",
				Figures: measure.Figures{Len: 64, Mean: 7, Worst: 18, Path: 19,
					Wrong: map[measure.Class]int{measure.Width: 3, measure.ABI: 2}, Looser: 1},
				Took: Times{Code: 399 * time.Microsecond}, Times: times(180)},
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
		"| **first**: the first policy | seccompc | 50 | 8.2 | 18 | 18 | 30 | 400 | 90 | – | 150 " +
			"| – | equal |\n",
		"|  | other | 64 | 7.0 | 18 | 19 | – | 399 | – | – | 180 | – | **differs**: ABI 2, width " +
			"3; 1 looser |\n",
		"|  | no filter | – | – | – | – | – | – | – | – | 100 | – |  |\n",
		"| seccompc | 4 | 0.0 | 0 | 0 | – | 0 | – | – | – | – | equal; keeps 2 allowed numbers " +
			"out of the cache |\n",
		"|  | other | – | – | – | – | – | – | – | – | – | – | cannot express it: no masks; no " +
			"ranges |\n",
		"| first | other | – | 1.80 (1.80–1.80) / 0.900 | – |\n",
		"| first | one instruction | – | 2.00 (2.00–2.00) / 1.00 | – |\n",
		"- first, mean: 8.2 against 7.0 of other (**differs**: ABI 2, width 3; 1 looser)\n",
		"| 30 | 2.00 + 6.00 + 0.50 (98) | 0.15 (188) |\n",
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

func TestFasterJudgesTies(t *testing.T) {
	line := func(peer string, ratios ...float64) Line {
		l := Line{Peer: peer}
		for i, ratio := range ratios {
			bare := 100 * float64(i+1) // no process is as fast as the others
			l.Times[1] = append(l.Times[1], live.Pair{Bare: bare, Filtered: ratio * bare})
		}
		return l
	}
	ours := line("seccompc", 1.50, 1.55, 1.60)
	tests := []struct {
		name   string
		others []Line
		want   string
		tied   bool
	}{
		{"alone", nil, "", false},
		{"slower", []Line{line("a", 1.70, 1.75, 1.80)}, "", false},
		{"lower, overlapping", []Line{line("a", 1.40, 1.45, 1.50)}, "", true},
		{"clearly lower", []Line{line("a", 1.40, 1.45, 1.48)}, "a", false},
		{"the lowest is tied", []Line{line("a", 1.0, 1.1, 1.5), line("b", 1.40, 1.41, 1.42)}, "b",
			false},
		{"the lowest of two", []Line{line("a", 1.3, 1.4, 1.4), line("b", 1.3, 1.3, 1.4)}, "b",
			false},
		{"not timed", []Line{{Peer: "a"}}, "", false},
	}
	for _, tt := range tests {
		found, tied := faster(1, ours, append([]Line{ours}, tt.others...))
		if found.Peer != tt.want || tied != tt.tied {
			t.Errorf("%s: %q, tied %v", tt.name, found.Peer, tied)
		}
	}
}

func TestTiesAreCountedNotListed(t *testing.T) {
	r := sample()
	for i, filtered := range []float64{140, 140, 900} { // as quick as ours, within the quartiles
		r.Lines[1].Times[1][i].Filtered = filtered
	}
	var b strings.Builder
	if err := r.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if strings.Contains(got, "- first, denied") || !strings.Contains(got, "Not listed: 1 live") {
		t.Errorf("a tie is listed, or not counted:\n%s", got)
	}
	r.Lines[1].Times[1][2].Filtered = 840
	b.Reset()
	const want = "- first, denied, to no filter: 1.50 (1.50–1.50) against 1.40 (1.40–1.40) of " +
		"other ("
	if err := r.Markdown(&b); err != nil || !strings.Contains(b.String(), want) {
		t.Errorf("error %v, no %q in\n%s", err, want, b.String())
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
	// Two in the legend, two on the curves; three lengths, two means that are not zero, two times;
	// "other" differs in three.
	if circles != 11 || rings != 3 {
		t.Errorf("%d circles, of them %d rings, in\n%s", circles, rings, b.String())
	}
	if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
		t.Errorf("a place that is none in\n%s", b.String())
	}
}
