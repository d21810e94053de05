package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// whole is a built-in set of which every call was made.
type whole struct {
	name, heading string
	names         []string // all that it holds on the ABI
	seen          uint64   // calls
	remark        string
}

func (w whole) count() string { return fmt.Sprintf("%d ×%s", w.seen, w.remark) }

// sets returns the sets that a policy allows by name. No call is in two of them.
func (r *Record) sets(abi *linux.ABI, seen map[string]*use, o Options) []whole {
	var out []whole
	if o.Container {
		out = startSet(abi, seen, o.Unseen)
	}
	const least = 4
	for _, name := range linux.SetNames() {
		if slices.Contains(linux.ContainerSets(), name) {
			continue
		}
		set, ok := wholeSet(abi, name, func(member string) bool {
			u := seen[member]
			return u != nil && u.condition() == nil && member != "clone3" && !inSets(out, member)
		}, seen)
		if ok && len(set.names) >= least {
			set.heading = wholeHeading
			out = append(out, set)
		}
	}
	return out
}

// wholeSet returns a set where all that it holds on the ABI is admitted.
func wholeSet(abi *linux.ABI, name string, admit func(string) bool, seen map[string]*use) (whole,
	bool,
) {
	names, _ := abi.Set(name)
	set := whole{name: name, names: names}
	for _, member := range names {
		if !admit(member) {
			return whole{}, false
		}
		if u := seen[member]; u != nil {
			set.seen += u.count
		}
	}
	return set, len(names) > 0
}

func inSets(sets []whole, name string) bool {
	return slices.ContainsFunc(sets, func(w whole) bool { return slices.Contains(w.names, name) })
}

// startSet returns the set of a container runtime of which every call was made, but those that no
// recording sees: the larger one, where it is both. Another version, and a container with other
// settings, makes them with other arguments, so that they are allowed with any.
func startSet(abi *linux.ABI, seen map[string]*use, unseen []string) []whole {
	var out []whole
	for _, name := range linux.ContainerSets() {
		set, ok := wholeSet(abi, name, func(member string) bool {
			return seen[member] != nil || slices.Contains(unseen, member)
		}, seen)
		if ok && (len(out) == 0 || len(set.names) > len(out[0].names)) {
			set.heading = startHeading
			set.remark = ", as " + linux.ContainerRuntime(name, linux.Newest) + " does"
			out = []whole{set}
		}
	}
	return out
}

// twinsOfSeen writes rules for the twins of what was seen, as a comment or as rules, as far as
// there are none.
func twinsOfSeen(abi *linux.ABI, seen map[string]*use, allow bool, lacks func(string) bool) string {
	var lines []string
	for _, family := range twins {
		for _, name := range family {
			u := seen[name]
			if u == nil {
				continue
			}
			for _, twin := range family {
				if !lacks(twin) {
					continue
				}
				if line := twinRule(abi, u, twin); line != "" && !slices.Contains(lines, line) {
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
func twinRule(abi *linux.ABI, u *use, twin string) string {
	nr, has := abi.Number(twin)
	if !has {
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
