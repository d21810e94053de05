package interop

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Op is a comparison of an argument with a constant, unsigned.
type Op int

// The comparisons.
const (
	Equal Op = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	Masked    // arg & Mask == Value
	NotMasked // arg & Mask != Value
	Any       // arg & Value != 0
	Only      // arg &^ Value == 0
)

// Comparison is one test of a foreign filter, of the low Width bits of an argument.
type Comparison struct {
	Arg   int
	Op    Op
	Width int
	Value uint64
	Mask  uint64 // of Masked and NotMasked
}

// Exact is the test of all the bits that the foreign filter looks at.
func (c Comparison) Exact(abi *linux.ABI) policy.Test {
	width := min(c.Width, abi.Bits)
	return c.on(policy.Operand{Arg: c.Arg, Width: width}, policy.Ones(width))
}

// on makes a test of an operand, of some of its bits. The values are the operand's.
func (c Comparison) on(op policy.Operand, bits uint64) policy.Test {
	t := policy.Test{Operand: op, Mask: bits}
	one := []policy.Range{{Lo: c.Value & bits, Hi: c.Value & bits}}
	if c.Value&^bits != 0 && c.Op <= NotEqual { // no argument is that large
		one = nil
	}
	below := []policy.Range{{Lo: 0, Hi: c.Value - 1}}
	if c.Value == 0 {
		below = nil
	}
	upTo := []policy.Range{{Lo: 0, Hi: c.Value}}
	switch c.Op {
	case Equal:
		t.Set = one
	case NotEqual:
		t.Set = policy.Complement(one, bits)
	case Less:
		t.Set = policy.Intersect(below, []policy.Range{{Lo: 0, Hi: bits}})
	case LessEqual:
		t.Set = policy.Intersect(upTo, []policy.Range{{Lo: 0, Hi: bits}})
	case Greater:
		t.Set = policy.Complement(policy.Intersect(upTo, []policy.Range{{Lo: 0, Hi: bits}}), bits)
	case GreaterEqual:
		t.Set = policy.Complement(policy.Intersect(below, []policy.Range{{Lo: 0, Hi: bits}}), bits)
	case Masked, NotMasked:
		t.Mask = c.Mask & bits
		t.Set = []policy.Range{{Lo: c.Value, Hi: c.Value}}
		if c.Value&^t.Mask != 0 {
			t.Set = nil
		}
		if c.Op == NotMasked {
			t.Set = policy.Complement(t.Set, t.Mask)
		}
	case Any:
		t.Mask = c.Value & bits
		t.Set = policy.Complement([]policy.Range{{}}, t.Mask)
	case Only:
		t.Mask = bits &^ c.Value
		t.Set = []policy.Range{{}}
	}
	return t
}

// Fold returns the condition that one of several lists of tests holds as a whole, as [Simplify]
// does.
func Fold(any [][]policy.Test) (c policy.Cond, ever bool) {
	var or policy.Or
	for _, all := range any {
		var and policy.And
		for _, t := range all {
			and = append(and, t)
		}
		or = append(or, and)
	}
	return Simplify(or)
}

// Simplify returns a condition without what always or never holds in it: nil for one that always
// does, and false for one that never does. Tests of the same bits of which one is to hold become
// one.
func Simplify(c policy.Cond) (simpler policy.Cond, ever bool) {
	simpler, value, constant := folded(c)
	if !constant {
		if v, always, err := proof.New().Constant(simpler); always && err == nil {
			value, constant = v, true
		}
	}
	if constant {
		return nil, value
	}
	return simpler, true
}

// folded takes constants out of a condition, by its form alone.
func folded(c policy.Cond) (simpler policy.Cond, value, constant bool) {
	switch c := c.(type) {
	case policy.Not:
		x, value, constant := folded(c.X)
		return policy.Not{X: x}, !value, constant
	case policy.And:
		return foldedList(c, true)
	case policy.Or:
		return foldedList(c, false)
	case policy.Test:
		if c.Op != policy.In {
			return c, false, false
		}
		if len(c.Set) == 0 {
			return c, false, true
		}
		return c, true, c.Set[0].Lo == 0 && c.Set[0].Hi >= c.Mask
	}
	return c, false, false
}

// foldedList folds the parts of an And, which is what neutral says, or of an Or.
func foldedList(list []policy.Cond, neutral bool) (simpler policy.Cond, value, constant bool) {
	type bits struct {
		op   policy.Operand
		mask uint64
	}
	var rest []policy.Cond
	at, sets := map[bits]int{}, map[int][]policy.Range{} // of an Or's tests, by their place in rest
	for _, c := range list {
		c, value, constant := folded(c)
		switch t, ok := c.(policy.Test); {
		case constant && value != neutral:
			return nil, value, true
		case constant:
		case ok && !neutral && t.Op == policy.In:
			i, seen := at[bits{t.Operand, t.Mask}]
			if !seen {
				i = len(rest)
				at[bits{t.Operand, t.Mask}] = i
				rest = append(rest, c)
			}
			sets[i] = append(sets[i], t.Set...)
		default:
			rest = append(rest, c)
		}
	}
	for i, set := range sets {
		t := rest[i].(policy.Test)
		t.Set = policy.Union(set)
		rest[i] = t
	}
	switch {
	case len(rest) == 0:
		return nil, neutral, true
	case len(rest) == 1:
		return rest[0], false, false
	case neutral:
		return policy.And(rest), false, false
	}
	return policy.Or(rest), false, false
}

// Natural is the test of the bits that the kernel reads, where they are fewer than the foreign
// filter looks at and its constants say the same for them; narrower reports that there are fewer.
func (c Comparison) Natural(abi *linux.ABI, call string) (t policy.Test, narrower, ok bool) {
	op, counts := Kernel(abi, call, c.Arg)
	ones := policy.Ones(op.Width)
	if op.Width > min(c.Width, abi.Bits) {
		return t, false, false
	}
	ignored := ones &^ counts
	within := c.Mask|c.Value <= ones && (c.Mask|c.Value)&ignored == 0
	switch c.Op {
	case Equal, NotEqual:
		ok = fits(c.Value, op.Width) && c.Value&ignored == 0 && (c.Op == Equal || ignored == 0)
		c.Value &= ones
	case Masked, NotMasked:
		ok = c.Value <= ones && c.Mask&ignored == 0 && c.Mask&ones != 0 && (c.Mask <= ones ||
			fits(c.Mask, op.Width))
		c.Mask &= ones
	case Any:
		ok = c.Value&counts != 0 && (c.Value <= ones || fits(c.Value, op.Width))
		c.Value &= counts
	case Only:
		ok = true
		c.Value = c.Value&ones | ignored
	default:
		ok = c.Value <= ones && ignored == 0
	}
	bits := ones
	if c.Op == Equal {
		bits = counts
	}
	masked := within && (c.Op == Masked || c.Op == NotMasked || c.Op == Any)
	return c.on(op, bits), !masked && (op.Width < min(c.Width, abi.Bits) || bits != ones), ok
}

// Repair is what to say of an argument of which the kernel reads less than a tool compares, with
// two calls that are one to the kernel.
func Repair(tool string, abi *linux.ABI, call string, arg, was, width int) string {
	reads, unread := fmt.Sprintf("the kernel reads %d", width), uint64(1)<<width
	if was == width {
		_, counts := Kernel(abi, call, arg)
		reads, unread = "the kernel ignores some of them", ^counts&-^counts
	}
	before := call + "(" + strings.Repeat("0, ", arg)
	return fmt.Sprintf(
		"repaired: %s compares %d bits of %s of %s, %s, so that %s%#x) is %[6]s0) to "+
			"it; --exact keeps them", tool, was, ArgName(abi, call, arg), call, reads, before,
		unread)
}

// fits reports whether a constant is a value of so many bits, as such or with its sign carried on.
func fits(v uint64, width int) bool {
	return v <= policy.Ones(width) || width < 64 && int64(v)>>(width-1) == -1
}
