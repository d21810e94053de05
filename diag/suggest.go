package diag

import (
	"iter"
	"slices"
	"strings"
)

const (
	maxSimilar = 3  // names offered
	maxWord    = 64 // bytes; longer words are like no name
)

// Similar returns the help for a name that does not exist: the nearest of the names that do, at
// most three, or "" where none is near.
func Similar(name string, names iter.Seq[string]) string { return similar(nearest(name, names)) }

func similar(near []string) string {
	switch len(near) {
	case 0:
		return ""
	case 1:
		return "there is a similar name: " + near[0]
	}
	return "there are similar names: " + strings.Join(near, ", ")
}

// Suggest gives a finding about a name that does not exist the help of [Similar]. A single near
// name is an edit as well, and a guess, if the finding's span is the name.
func (d *Finding) Suggest(name string, names iter.Seq[string]) {
	near := nearest(name, names)
	d.Help = similar(near)
	if len(near) == 1 && d.Span.Text() == name {
		d.Edits, d.Guess = []Edit{{d.Span, near[0]}}, !strings.EqualFold(name, near[0])
	}
}

// nearest returns the names within the smallest edit distance from word that is at most a third of
// its length, sorted.
func nearest(word string, names iter.Seq[string]) []string {
	best := max(1, len(word)/3)
	if len(word) > maxWord {
		return nil
	}
	var near []string
	for name := range names {
		d := distance(word, name, best)
		if d < best {
			best, near = d, near[:0]
		}
		if d == best {
			near = append(near, name)
		}
	}
	slices.Sort(near)
	near = slices.Compact(near)
	return near[:min(len(near), maxSimilar)]
}

// distance returns the number of letters to add, drop, change or swap with a neighbour that makes b
// of a (optimal string alignment), or more than limit where that is so.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := prev[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, prev[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
