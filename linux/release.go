package linux

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Release is a release of the kernel. Patch is 0 but for those before 3.0.
type Release struct{ Major, Minor, Patch int }

// ParseRelease reads "6.12" or "2.6.28".
func ParseRelease(text string) (Release, error) {
	var r Release
	parts := strings.Split(text, ".")
	into := []*int{&r.Major, &r.Minor, &r.Patch}
	if len(parts) < 2 || len(parts) > len(into) {
		return Release{}, fmt.Errorf("%q is no release of Linux, as 6.12 is", text)
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return Release{}, fmt.Errorf("%q is no release of Linux, as 6.12 is", text)
		}
		*into[i] = int(n)
	}
	return r, nil
}

// String returns "6.12" or "2.6.28".
func (r Release) String() string {
	if r.Patch == 0 {
		return fmt.Sprintf("%d.%d", r.Major, r.Minor)
	}
	return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Patch)
}

// Compare orders releases by age: it is negative where r is older.
func (r Release) Compare(o Release) int {
	return cmp.Or(
		cmp.Compare(r.Major, o.Major),
		cmp.Compare(r.Minor, o.Minor),
		cmp.Compare(r.Patch, o.Patch),
	)
}

// Oldest and Newest are the first and the last release for which the tables tell what there was.
var (
	Oldest = Release{4, 18, 0} // of the first golang.org/x/sys that names its kernel
	Newest = newest()
)

func newest() Release {
	r, err := ParseRelease(KernelVersion)
	if err != nil {
		panic(err)
	}
	return r
}

// SetRelease is a release of the kernel with which Debian has released a systemd, whose sets of
// system calls count from that kernel on.
type SetRelease struct {
	Linux   Release
	Systemd string
}

// SetReleases returns those that the tables hold, oldest first: of Debian 11, 12 and 13, and the
// newest. For kernels before the first of them its sets count.
func SetReleases() []SetRelease { return slices.Clone(setReleases) }

var setReleases = []SetRelease{
	{Release{5, 10, 0}, "247"}, {Release{6, 1, 0}, "252"}, {Release{6, 12, 0}, "257"},
	{newest(), SystemdVersion},
}

// Since returns the release from which on the ABI has a system call, and false where the tables do
// not tell: such a call is older than [Oldest]. It comes from syscalls(2) and from the numbers in
// the releases of golang.org/x/sys, and is the next of those where one is missing.
func (a *ABI) Since(name string) (Release, bool) {
	row, ok := historyTable.find(name)
	if !ok {
		return Release{}, false
	}
	text, ok := a.value(row)
	if !ok {
		return Release{}, false
	}
	r, err := ParseRelease(text)
	return r, err == nil
}

// In reports whether the ABI had a system call in a release, as far as the tables tell.
func (a *ABI) In(r Release, name string) bool {
	if r == Newest {
		return true
	}
	since, _ := a.Since(name)
	return since.Compare(r) <= 0
}

// KnownIn returns the numbers that the ABI's table had in a release, ascending.
func (a *ABI) KnownIn(r Release) []NumberRange {
	return numberRanges(a.in(r))
}

// in returns the ABI's table in a release; the caller must not change it.
func (a *ABI) in(r Release) []Syscall {
	if r == Newest {
		return a.byNumber()
	}
	return slices.DeleteFunc(a.Syscalls(), func(s Syscall) bool { return !a.In(r, s.Name) })
}

// SetIn returns what [Set] returned for the tables of a release.
func SetIn(name string, r Release) ([]string, bool) {
	if name == knownSet {
		return Set(name)
	}
	members := map[string]bool{}
	if !addMembers(name, r, members, map[string]bool{}) {
		return nil, false
	}
	return slices.Sorted(maps.Keys(members)), true
}

// listIn returns the members of a set in a release, sets among them.
func listIn(set string, r Release) ([]string, bool) {
	if hand, ok := handSets[set]; ok {
		return strings.Fields(hand), true
	}
	if _, ok := containerSets[set]; ok {
		return strings.Fields(containerSetIn(set, r).members), true
	}
	list, ok := setTable.find(set)
	members := strings.Fields(list)
	for _, older := range slices.Backward(setReleases[:len(setReleases)-1]) {
		newer := setReleases[slices.Index(setReleases, older)+1]
		if r.Compare(newer.Linux) >= 0 {
			break
		}
		changes, changed := setTable.find(older.Linux.String() + " " + set)
		switch {
		case changed && changes == "-":
			return nil, false
		case changed:
			members = change(members, changes)
		}
	}
	return members, ok
}

// change adds and removes the members that words with a sign name.
func change(members []string, words string) []string {
	for _, word := range strings.Fields(words) {
		name := word[1:]
		if word[0] == '+' {
			members = append(members, name)
		} else {
			members = slices.DeleteFunc(members, func(m string) bool { return m == name })
		}
	}
	return members
}
