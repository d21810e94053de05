package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// everyCall stands for all numbers of an ABI, with " but" for all but those behind it.
const (
	everyCall = "every call"
	everyOwn  = "every number of its own" // of an ABI that does not have all numbers with its arch
	but       = " but"
)

// maxMissing is how many of the unknown numbers may be missing from nearly everything.
const maxMissing = 16

// Calls names the numbers of one ABI: built-in sets whose members are all among them, names, and
// what the table does not hold as numbers and ranges at the end. What is nearly everything is
// "every call but", before the rest. The numbers are sorted, disjoint and the ABI's own.
func Calls(abi *linux.ABI, numbers []policy.Range) []string {
	return callsIn(abi, numbersOf(abi), numbers, everyCall)
}

// callsIn names numbers among others, to which it gives a name.
func callsIn(abi *linux.ABI, all, numbers []policy.Range, every string) []string {
	known := knownOf(abi)
	names := namesOf(abi, numbers)
	missing := policy.Subtract(all, numbers)
	if len(missing) == 0 {
		return []string{every}
	}
	unknown := policy.Subtract(all, known)
	if 2*len(names) > len(abi.Syscalls()) && policy.Size(policy.Intersect(missing,
		unknown)) <= maxMissing {
		return append([]string{every + but}, callsIn(abi, all, missing, every)...)
	}
	out := shorten(names, []*linux.ABI{abi})
	rest := policy.Subtract(numbers, known)
	if len(rest) > 0 && len(known) > 0 && slices.Equal(rest, unknown) {
		return append(out, "unknown numbers")
	}
	for _, r := range rest {
		out = append(out, interval(r))
	}
	return out
}

// listed writes what [Calls] returns as one text.
func listed(calls []string) string {
	text := strings.Join(calls, ", ")
	if strings.HasSuffix(calls[0], but) {
		return strings.Replace(text, but+",", but, 1)
	}
	return text
}

// namesOf returns the system calls among numbers of an ABI.
func namesOf(abi *linux.ABI, numbers []policy.Range) []string {
	var names []string
	for _, c := range abi.Syscalls() {
		if policy.Contains(numbers, uint64(c.Nr)) {
			names = append(names, c.Name)
		}
	}
	return names
}

func interval(r policy.Range) string {
	if r.Lo == r.Hi {
		return numeral(uint32(r.Lo))
	}
	return fmt.Sprintf("%s..%s", numeral(uint32(r.Lo)), numeral(uint32(r.Hi)))
}
