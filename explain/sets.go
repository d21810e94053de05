package explain

import (
	"slices"

	"github.com/seccompc/seccompc/linux"
)

// knownSet holds all of a table; what a filter does with that is its default.
const knownSet = "@known"

// minShared is how many names a built-in set has to stand for.
const minShared = 4

// shorten replaces names by built-in sets, the largest first, where all that a set holds on each of
// the ABIs is among the names. Sets may overlap.
func shorten(names []string, abis []*linux.ABI) []string {
	wanted := setOf(names)
	members := map[string][]string{}
	for _, set := range linux.SetNames() {
		if slices.Contains(linux.ContainerSets(), set) {
			continue // it says what for, which nobody knows here
		}
		if list, ok := within(set, wanted, abis); ok && set != knownSet {
			members[set] = list
		}
	}
	left := setOf(names)
	var sets []string
	for {
		best, most := "", minShared-1
		for _, set := range linux.SetNames() {
			if n := count(members[set], left); n > most {
				best, most = set, n
			}
		}
		if best == "" {
			break
		}
		sets = append(sets, best)
		for _, name := range members[best] {
			delete(left, name)
		}
	}
	slices.Sort(sets)
	for _, name := range names {
		if left[name] {
			sets = append(sets, name)
		}
	}
	return sets
}

func setOf(names []string) map[string]bool {
	m := map[string]bool{}
	for _, name := range names {
		m[name] = true
	}
	return m
}

func count(names []string, in map[string]bool) (n int) {
	for _, name := range names {
		if in[name] {
			n++
		}
	}
	return n
}

// within returns what a built-in set holds on the ABIs, and whether all of it is wanted.
func within(set string, wanted map[string]bool, abis []*linux.ABI) (members []string, ok bool) {
	members = membersOf(set, abis)
	return members, count(members, wanted) == len(members)
}

// membersOf returns what a built-in set holds on any of the ABIs, sorted.
func membersOf(set string, abis []*linux.ABI) []string {
	var members []string
	for _, abi := range abis {
		list, _ := abi.Set(set)
		members = append(members, list...)
	}
	slices.Sort(members)
	return slices.Compact(members)
}

// broken returns the multiplexers that calls stand behind on one of the ABIs, sorted: what is taken
// out of a set takes them apart.
func broken(names []string, abis []*linux.ABI) []string {
	var out []string
	for _, abi := range abis {
		for _, name := range names {
			if mux, _, ok := abi.Multiplexed(name); ok {
				out = append(out, mux)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// base returns the built-in set from which names are told best, what has to be taken out of it, and
// what is left to add, shortened. The set is empty where there is none that makes it half as long.
func base(names []string, abis []*linux.ABI) (set string, without, rest []string) {
	rest = shorten(names, abis)
	best := len(rest) / 2
	wanted := setOf(names)
	for _, candidate := range linux.SetNames() {
		members := membersOf(candidate, abis)
		excess := len(members) - count(members, wanted)
		if candidate == knownSet || excess == 0 || excess >= best {
			continue
		}
		in := setOf(members)
		out := slices.DeleteFunc(members, func(n string) bool { return wanted[n] })
		isMux := func(name string) bool { return linux.MultiplexerMask(name) > 0 }
		if slices.ContainsFunc(out, isMux) {
			continue // they would take along what stands behind them
		}
		others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return in[n] })
		for _, mux := range broken(out, abis) {
			if wanted[mux] {
				others = append(others, mux)
			}
		}
		if left := shorten(others, abis); excess+len(left) < best {
			best = excess + len(left)
			set, rest = candidate, left
			without = out
		}
	}
	return set, without, rest
}
