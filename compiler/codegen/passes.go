package codegen

import (
	"fmt"
	"slices"
	"strings"
)

// pass is one optimisation that can be switched off. Without any of them the code is longer, never
// other in what it decides.
type pass uint

const (
	mergeValues pass = iota
	joinNumbers
	searchTree
	testBits
	testMasks
	invertWords
	orderWords
	weighCalls
	layLikely
	passCount
)

// passes names the optimisations, in the order in which a policy meets them.
var passes = [passCount]struct{ name, doc string }{
	mergeValues: {"merge-values", "all rules for a call become one function of the arguments"},
	joinNumbers: {"join-numbers", "neighbouring values with the same target become one interval"},
	searchTree:  {"search-tree", "the cheapest tree over intervals, instead of a test per border"},
	testBits:    {"test-bits", "one bit of a number tells two targets apart"},
	testMasks:   {"test-masks", "several bits of an argument are tested at once"},
	invertWords: {"invert-words", "bits of an argument are inverted as masks want them, " +
		"so that it stays in A from one mask to the next"},
	orderWords: {"order-words", "a decision looks at its words in the order that makes it " +
		"shortest"},
	weighCalls: {"weigh-calls", "frequent calls come first: checked, denied, then cached ones"},
	layLikely:  {"lay-likely", "the likely side of a test follows it, so that no jump is taken"},
}

// PassSet is the set of passes that are off.
type PassSet uint

func (s PassSet) on(p pass) bool { return s&(1<<p) == 0 }

// Passes returns the names of the optimisations that [Without] takes.
func Passes() []string {
	names := make([]string, passCount)
	for i, p := range passes {
		names[i] = p.name
	}
	return names
}

// Without returns the set of the passes that are named.
func Without(names []string) (PassSet, error) {
	var off PassSet
	for _, name := range names {
		p := slices.Index(Passes(), name)
		if p < 0 {
			return 0, fmt.Errorf("there is no pass %q; the passes are %s", name,
				strings.Join(Passes(), ", "))
		}
		off |= 1 << p
	}
	return off, nil
}
