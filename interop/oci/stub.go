package oci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// stub writes what runc answers to the numbers behind the largest named one, for each ABI.
func (im *importer) stub() string {
	if !im.stubbed() {
		return ""
	}
	var out strings.Builder
	for _, abi := range im.abis {
		body := im.stubOf(abi)
		if body == "" {
			continue
		}
		fmt.Fprintf(&out, "when arch == %s {\n%s}\n", abi.Name, indented(body))
	}
	if out.Len() == 0 {
		return ""
	}
	return interop.Comment("", "runc answers ENOSYS behind the largest number that the profile "+
		"names, "+
		"so that programs take what is newer for absent.") + out.String()
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// stubOf writes the stub of one ABI: what the largest number is may depend on parameters.
func (im *importer) stubOf(abi *linux.ABI) string {
	base := im.last(abi, func(i int) bool { return im.gates[i].open() })
	type larger struct {
		gate string
		last uint32
	}
	var more []larger
	for i, g := range im.gates {
		last := im.last(abi, func(j int) bool { return j == i })
		if !g.open() && last > base {
			more = append(more, larger{g.String(), last})
		}
	}
	slices.SortStableFunc(more, func(a, b larger) int { return int(a.last) - int(b.last) })
	out := im.stubBehind(abi, base)
	for i, m := range more {
		same := func(o larger) bool { return o.gate == m.gate }
		if slices.ContainsFunc(more[i+1:], same) {
			continue // another one with this gate comes before
		}
		out = ifElse(m.gate, im.stubBehind(abi, m.last), out)
	}
	return out
}

// ifElse writes what counts where a condition holds and what does otherwise, where there is any.
func ifElse(cond, yes, no string) string {
	switch {
	case yes == "" && no == "":
		return ""
	case yes == "":
		return fmt.Sprintf("when !(%s) {\n%s}\n", cond, indented(no))
	case no == "":
		return fmt.Sprintf("when %s {\n%s}\n", cond, indented(yes))
	}
	return fmt.Sprintf("when %s {\n%s} else {\n%s}\n", cond, indented(yes), indented(no))
}

// stubBehind writes the stub for one largest number: what the table has, the rest as "unknown", but
// for the gaps before it.
func (im *importer) stubBehind(abi *linux.ABI, last uint32) string {
	numbers := im.behind(abi, last)
	if len(numbers) == 0 {
		return ""
	}
	out, answer := "", explain.Action(enosys(im.opts.Host), abi)
	if calls := stubCalls(abi, numbers); len(calls) > 0 {
		out = interop.List("", answer, calls)
	}
	if im.scattered(abi, last) {
		return out
	}
	out = "unknown " + answer + "\n" + out
	var own []policy.Range
	for _, r := range abi.Numbers() {
		own = append(own, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
	}
	rest := policy.Subtract(own, numbers)
	for _, k := range abi.Known() {
		rest = policy.Subtract(rest, []policy.Range{{Lo: uint64(k.Lo), Hi: uint64(k.Hi)}})
	}
	if len(rest) > 0 {
		out += interop.List("", explain.Action(im.p.Default, abi), interop.Numbers(rest))
	}
	return out
}

// stubNames is how many calls of the stub are named: nobody reads hundreds of names to see that
// they are all there are from one number on.
const stubNames = 24

// stubCalls are the selectors of the table's calls that have one of these numbers.
func stubCalls(abi *linux.ABI, numbers []policy.Range) []string {
	var names []string
	for _, s := range abi.Syscalls() {
		_, _, two := abi.Multiplexed(s.Name) // the name would be about the multiplexer's call, too
		switch {
		case !policy.Contains(numbers, uint64(s.Nr)):
		case two:
			names = append(names, fmt.Sprint(s.Nr))
		default:
			names = append(names, s.Name)
		}
	}
	if len(names) > stubNames {
		return interop.Numbers(stubRanges(abi, numbers))
	}
	return names
}

// stubRanges are the numbers of the table among these, and the unknown ones between, since they get
// the same.
func stubRanges(abi *linux.ABI, numbers []policy.Range) (out []policy.Range) {
	const widest = 512 // Arm's own calls are far behind the others
	for _, r := range policy.Intersect(numbers, known(abi)) {
		last := len(out) - 1
		if last >= 0 && r.Lo-out[last].Hi < widest && len(policy.Subtract(
			[]policy.Range{{Lo: out[last].Hi, Hi: r.Lo}}, numbers)) == 0 {
			out[last].Hi = r.Hi
			continue
		}
		out = append(out, r)
	}
	return out
}
