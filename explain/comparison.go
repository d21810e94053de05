package explain

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// view is a test as the language sees it: that certain bits of an operand lie in certain ranges.
type view struct {
	family
	operand string
	width   int
	signed  bool
	mask    uint64 // all ones of width: none
	in, out []policy.Range
}

// test writes a test, or with not that it fails.
func (s *callWriter) test(t policy.Test, not bool) (string, int) {
	mask, in := t.Members()
	v := s.view(t.Operand.Arg, mask)
	out := policy.Complement(in, mask)
	if not {
		in, out = out, in
	}
	v.in, v.out = in, out
	if v.mask != policy.Ones(v.width) {
		return v.masked()
	}
	return v.whole(), bindsTest
}

// view returns how to write an operand of which the bits in mask matter: with a cast where it is
// not as wide, or where the language leaves some of them out of account.
func (s *callWriter) view(arg int, mask uint64) view {
	if arg == policy.IP {
		return view{operand: "ip", width: 64, mask: mask}
	}
	name, width, signed := s.argument(arg)
	ignored := s.ignored(arg)
	_, depends := linux.WidthDependsOn(s.syscall, arg)
	switch {
	case depends && s.compound && width == 64 && mask > policy.Ones(32):
		// Beside a test of the argument that says its width, the name alone may stand for 32 bits.
		name, signed = "u64("+name+")", false
	case mask == policy.Ones(width)&^ignored:
		mask = policy.Ones(width) // the name stands for just these
	case mask&^policy.Ones(width) != 0 && width < 32 && mask <= policy.Ones(32): // a mode
		name, width, signed = "u32("+name+")", 32, false
	case mask&^policy.Ones(width) != 0:
		name, width, signed = "u64("+name+")", 64, false
	case mask == policy.Ones(32) && width == 64:
		name, width, signed = "u32("+name+")", 32, false
	case mask&ignored != 0: // the name alone stands for fewer bits
		name, width, signed = "u32("+name+")", 32, false
	}
	return view{
		family: s.family(arg, width), operand: name, width: width, signed: signed, mask: mask,
	}
}

// masked writes a test of some bits of the operand.
func (v view) masked() (string, int) {
	one := bits.OnesCount64(v.mask) == 1
	rest := policy.Ones(v.width) &^ v.mask
	only := bits.OnesCount64(v.mask) > v.width/2
	sign := v.signed && v.mask == 1<<(v.width-1)
	switch {
	case sign && (is(v.in, v.mask) || is(v.out, 0)):
		return v.operand + " < 0", bindsTest
	case sign && is(v.in, 0):
		return v.operand + " >= 0", bindsTest
	case one && is(v.in, v.mask), one && is(v.out, 0):
		return v.operand + " & " + v.family.mask(v.mask), bindsTest
	case one && is(v.out, v.mask):
		return v.compare("==", "0"), bindsTest
	case is(v.in, 0) && only && v.values(rest) != 0:
		return v.listed(rest, v.values(rest)), bindsTest
	case is(v.in, 0) && only:
		return v.operand + " only " + v.family.mask(rest), bindsTest
	case is(v.out, 0) && only:
		return "!(" + v.operand + " only " + v.family.mask(rest) + ")", bindsTest
	case is(v.out, 0):
		return v.operand + " any " + v.family.mask(v.mask), bindsTest
	case is(v.in, v.mask):
		return v.operand + " all " + v.family.mask(v.mask), bindsTest
	case is(v.out, v.mask):
		return "!(" + v.operand + " all " + v.family.mask(v.mask) + ")", bindsTest
	case is(v.in, 0):
		return v.compare("==", "0"), bindsTest
	case single(v.in):
		return v.compare("==", v.under(v.mask, v.in[0].Lo, v.width)), bindsTest
	case single(v.out):
		return v.compare("!=", v.under(v.mask, v.out[0].Lo, v.width)), bindsTest
	}
	v.signed = false // behind a mask the language's ranges are unsigned
	return v.members(v.operand + " & " + v.maskText()), bindsTest
}

func (v view) compare(operator, value string) string {
	return fmt.Sprintf("%s & %s %s %s", v.operand, v.maskText(), operator, value)
}

// maskText writes the mask: as what it leaves out, where that has names and the mask has none.
func (v view) maskText() string {
	left := policy.Ones(v.width) &^ v.mask
	if _, rest := cover(v.family.flags, left); rest == 0 &&
		bits.OnesCount64(left) < bits.OnesCount64(v.mask) {
		if _, more := cover(v.family.flags, v.mask); more != 0 {
			return "~" + grouped(v.family.mask(left))
		}
	}
	return grouped(v.family.mask(v.mask))
}

// values returns the bits among some that are no flags by name, but make a few values.
func (v view) values(some uint64) uint64 {
	_, unnamed := cover(v.family.flags, some)
	if len(v.family.values) == 0 || bits.OnesCount64(unnamed) > 2 {
		return 0
	}
	return unnamed
}

// listed writes that only some bits may be set, of which a part makes values, and the rest is
// flags.
func (v view) listed(some, values uint64) string {
	list := subsets(values)
	v.mask = policy.Ones(v.width) &^ (some &^ values)
	if some == values {
		return v.operand + " in {" + strings.Join(v.list(list), ", ") + "}"
	}
	return v.operand + " & " + v.maskText() + " in {" + strings.Join(v.list(list), ", ") + "}"
}

// subsets returns the values of which all bits are among some.
func subsets(of uint64) []policy.Range {
	var all []policy.Range
	for v := uint64(0); ; v = (v - of) & of {
		all = append(all, policy.Range{Lo: v, Hi: v})
		if v == of {
			return all
		}
	}
}

// grouped puts a mask of several words in parentheses.
func grouped(mask string) string {
	if strings.Contains(mask, " ") {
		return "(" + mask + ")"
	}
	return mask
}

// whole writes a test of the operand as it is.
func (v view) whole() string {
	var sign uint64
	if v.signed {
		sign = 1 << (v.width - 1)
	}
	switch in := flip(v.in, sign); {
	case single(v.in):
		return v.operand + " == " + v.word(v.in[0].Lo)
	case single(v.out):
		return v.operand + " != " + v.word(v.out[0].Lo)
	case len(v.in) == 1 && v.in[0].Lo == 0 && v.lowFlags(v.in[0].Hi):
		return v.operand + " only " + v.family.mask(v.in[0].Hi)
	case len(v.in) == 2 && v.in[0] == (policy.Range{}) && v.isFlag(v.in[1]):
		return v.operand + " only " + v.family.mask(v.in[1].Lo)
	case v.allNamed(v.in):
		return v.operand + " in {" + strings.Join(v.list(v.in), ", ") + "}"
	case len(in) == 1 && in[0].Lo == 0:
		return v.operand + v.upTo(in[0].Hi^sign)
	case len(in) == 1 && in[0].Hi == policy.Ones(v.width):
		return v.operand + " >= " + v.bound(in[0].Lo^sign)
	}
	return v.members(v.operand)
}

// lowFlags reports whether a value is all of the low bits, each a flag of the operand.
func (v view) lowFlags(value uint64) bool {
	if value&(value+1) != 0 {
		return false
	}
	_, rest := pick(v.family.flags, value, true)
	return rest == 0
}

// isFlag reports whether a range is one value, and this a flag and nothing else.
func (v view) isFlag(r policy.Range) bool {
	_, value := find(v.family.values, r.Lo)
	_, flag := find(v.family.flags, r.Lo)
	return r.Lo == r.Hi && flag && !value && bits.OnesCount64(r.Lo) == 1
}

// allNamed reports whether a set is one range of a few values, each with a name.
func (v view) allNamed(in []policy.Range) bool {
	if len(in) != 1 || in[0].Hi-in[0].Lo >= maxNamed {
		return false
	}
	for value := in[0].Lo; value <= in[0].Hi; value++ {
		if _, ok := find(v.family.values, value); !ok {
			return false
		}
	}
	return true
}

// upTo writes an upper bound: below a round number, if there is one.
func (v view) upTo(hi uint64) string {
	switch next := hi + 1; {
	case v.signed && hi == policy.Ones(v.width):
		return " < 0"
	case v.isNamed(hi):
		return " <= " + v.bound(hi)
	case next&hi == 0 && 16 <= next && next <= policy.Ones(v.width)>>1:
		return " < " + number(next)
	}
	return " <= " + v.bound(hi)
}

// isNamed reports whether a value is one of the operand's constants, and no flag.
func (v view) isNamed(value uint64) bool {
	_, ok := find(v.family.values, value)
	return ok && v.mask == policy.Ones(v.width)
}

// interval writes a range of values, by two names or by none.
func (v view) interval(lo, hi uint64) string {
	if v.isNamed(lo) && v.isNamed(hi) {
		return v.bound(lo) + ".." + v.bound(hi)
	}
	return v.number(lo) + ".." + v.number(hi)
}

// bound writes a value behind an order, by its name if it has one.
func (v view) bound(value uint64) string {
	if v.isNamed(value) {
		return v.word(value)
	}
	return v.number(value)
}

// number writes a value where the language takes none that the operand cannot have: a pattern with
// the sign bit is a negative number.
func (v view) number(value uint64) string {
	if more := policy.Ones(v.width) - value; v.signed && more <= policy.Ones(v.width)>>1 {
		return "-" + number(more+1)
	}
	return number(value)
}

func (v view) word(value uint64) string {
	if v.mask == policy.Ones(v.width) {
		return v.value(value, v.width, v.signed)
	}
	return v.under(v.mask, value, v.width)
}

// maxNamed is how long a range may be that is written value by value where each has a name.
const maxNamed = 8

// members writes that x lies in a set of values, or that it does not, whichever is shorter.
func (v view) members(x string) string {
	in, out := v.list(v.in), v.list(v.out)
	if len(in) == 0 || len(out) > 0 && effort(out) < effort(in) {
		return x + " not in {" + strings.Join(out, ", ") + "}"
	}
	return x + " in {" + strings.Join(in, ", ") + "}"
}

// effort is what a list of values takes to read; a range is as much as four names.
func effort(list []string) int {
	n := len(list)
	for _, item := range list {
		n += 3 * strings.Count(item, "..")
	}
	return n
}

// list writes ranges in the operand's own order.
func (v view) list(ranges []policy.Range) []string {
	var sign uint64
	if v.signed {
		sign = 1 << (v.width - 1)
	}
	var out []string
	for _, r := range flip(ranges, sign) {
		lo, hi := r.Lo^sign, r.Hi^sign
		if values, ok := v.each(lo, r.Hi-r.Lo); ok {
			out = append(out, values...)
			continue
		}
		out = append(out, v.interval(lo, hi))
	}
	return out
}

// each writes the values from lo to lo+more one by one, where there are two, or a few that have
// names.
func (v view) each(lo, more uint64) (values []string, ok bool) {
	if more >= maxNamed {
		return nil, false
	}
	for i := range more + 1 {
		value := (lo + i) & policy.Ones(v.width)
		if _, ok := v.exact(value); !ok && more > 1 {
			return nil, false
		}
		values = append(values, v.word(value))
	}
	return values, true
}

// flip returns the values with a sign bit turned over, which exchanges the two halves of the
// values.
func flip(ranges []policy.Range, sign uint64) []policy.Range {
	if sign == 0 {
		return ranges
	}
	var out []policy.Range
	for _, half := range []policy.Range{{Lo: 0, Hi: sign - 1}, {Lo: sign, Hi: sign<<1 - 1}} {
		for _, r := range policy.Intersect(ranges, []policy.Range{half}) {
			out = append(out, policy.Range{Lo: r.Lo ^ sign, Hi: r.Hi ^ sign})
		}
	}
	return policy.Union(out)
}

// is reports whether the ranges hold one value and it is this one.
func is(ranges []policy.Range, v uint64) bool {
	return len(ranges) == 1 && ranges[0] == policy.Range{Lo: v, Hi: v}
}

// single reports whether the ranges hold one value.
func single(ranges []policy.Range) bool { return len(ranges) == 1 && ranges[0].Lo == ranges[0].Hi }
