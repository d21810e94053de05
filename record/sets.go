package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// whole is a built-in set of which every call was made, whatever its arguments.
type whole struct {
	name    string
	members []*use
}

func (w whole) count() string {
	var n uint64
	for _, u := range w.members {
		n += u.count
	}
	return fmt.Sprintf("%d ×", n)
}

// wholeSets returns the built-in sets that have at least four members on the ABI, all of them seen
// and none with a condition. No call is in two of them.
func wholeSets(abi *linux.ABI, seen map[string]*use) []whole {
	const least = 4
	var out []whole
	for _, name := range linux.SetNames() {
		members, _ := abi.Set(name)
		set := whole{name: name}
		for _, member := range members {
			u := seen[member]
			if u == nil || u.condition() != nil || member == "clone3" || inWhole(out, u) {
				break
			}
			set.members = append(set.members, u)
		}
		if len(members) >= least && len(set.members) == len(members) {
			out = append(out, set)
		}
	}
	return out
}

func inWhole(sets []whole, u *use) bool {
	return slices.ContainsFunc(sets, func(w whole) bool { return slices.Contains(w.members, u) })
}

// twinsOfSeen writes rules for the twins of what was seen, as a comment or as rules.
func twinsOfSeen(abi *linux.ABI, seen map[string]*use, allow bool) string {
	var lines []string
	for _, family := range twins {
		for _, name := range family {
			u := seen[name]
			if u == nil {
				continue
			}
			for _, twin := range family {
				if line := twinRule(abi, u, twin, seen); line != "" &&
					!slices.Contains(lines, line) {
					lines = append(lines, line)
				}
			}
			break // the first that was seen speaks for the family
		}
	}
	if len(lines) == 0 {
		return ""
	}
	slices.Sort(lines)
	mark, head := "# ", "\n# Twins of what was seen, which another C library or kernel takes "+
		"instead; without the \"# \"\n"+
		"# before it a line is a rule:\n"
	if allow {
		mark, head = "", "\n# Twins of what was seen, which another C library or kernel takes "+
			"instead\n"
	}
	return head + mark + strings.Join(lines, "\n"+mark) + "\n"
}

// twinRule is the rule for a twin of a call, with the call's condition where the twin has the same
// argument. What has it in memory is answered as by a kernel that does not know it.
func twinRule(abi *linux.ABI, u *use, twin string, seen map[string]*use) string {
	nr, has := abi.Number(twin)
	if !has || seen[twin] != nil {
		return ""
	}
	cond := u.condition()
	// as fork, of clone
	if args, known := abi.Prototype(twin); cond == nil || known && len(args) == 0 {
		return "allow " + twin
	}
	t := &use{abi: abi, nr: nr, name: twin, values: u.values}
	shape, own := shapes[u.name], shapes[twin]
	if len(own) == 0 || !slices.Equal(shape, own) || len(t.operands()) == 0 {
		return "deny(ENOSYS) " + twin
	}
	return "allow " + twin + " if " + t.say(t.condition())
}
