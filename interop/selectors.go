package interop

import (
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// leastSet is how many names a set must stand for to be written.
const leastSet = 4

// Selectors writes names as the selectors of a rule: built-in sets in place of names where all that
// a set holds on the ABIs is among them, the largest first, then the other names in their order.
func Selectors(names []string, abis []*linux.ABI) []string {
	return SelectorsIn(linux.Newest, names, abis)
}

// SelectorsIn is [Selectors] for a policy whose sets are those of a release, without some sets.
func SelectorsIn(rel linux.Release, names []string, abis []*linux.ABI, not ...string) []string {
	not = append(append(not, "@known"), linux.ContainerSets()...) // of those nobody means one here
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	var out []string
	covered := map[string]bool{}
	for {
		set, members := bestSet(rel, wanted, covered, abis, not)
		if set == "" {
			break
		}
		out = append(out, set)
		for _, m := range members {
			covered[m] = true
		}
	}
	slices.Sort(out)
	for _, n := range names {
		if !covered[n] {
			out = append(out, n)
			covered[n] = true
		}
	}
	return out
}

// bestSet returns the set that stands for most names that no set covers yet.
func bestSet(
	rel linux.Release, wanted, covered map[string]bool, abis []*linux.ABI, not []string,
) (best string, members []string) {
	most := leastSet - 1
	for _, set := range linux.SetNames() {
		if slices.Contains(not, set) {
			continue
		}
		names, whole := inAll(rel, set, wanted, abis)
		n := 0
		for _, m := range names {
			if !covered[m] {
				n++
			}
		}
		if whole && n > most {
			best, members, most = set, names, n
		}
	}
	return best, members
}

// inAll returns what a set holds on some of the ABIs, and whether all of it is wanted.
func inAll(
	rel linux.Release, set string, wanted map[string]bool, abis []*linux.ABI,
) (names []string, whole bool) {
	list, _ := linux.SetIn(set, rel)
	for _, n := range list {
		has := func(abi *linux.ABI) bool { return abi.HasSyscall(n) }
		if !slices.ContainsFunc(abis, has) {
			continue
		}
		if !wanted[n] {
			return nil, false
		}
		names = append(names, n)
	}
	return names, true
}

// Numbers writes ranges of numbers as selectors.
func Numbers(ranges []policy.Range) []string {
	var out []string
	for _, r := range ranges {
		switch {
		case r.Lo == r.Hi:
			out = append(out, number(r.Lo))
		default:
			out = append(out, number(r.Lo)+".."+number(r.Hi))
		}
	}
	return out
}

func number(n uint64) string {
	if n >= 1<<16 {
		return fmt.Sprintf("%#x", n)
	}
	return fmt.Sprint(n)
}
