package policy

import "iter"

// Cond is a condition over a call: And, Or, Not, Test or LateTest.
type Cond interface {
	// Holds evaluates the condition. Late values that it compares with must be among those given.
	Holds(d Data, late ...LateValues) bool
}

// And holds when all of its parts hold; an empty And holds.
type And []Cond

// Or holds when one of its parts holds; an empty Or does not.
type Or []Cond

// Not holds when X does not.
type Not struct{ X Cond }

// Holds implements Cond.
func (c And) Holds(d Data, late ...LateValues) bool {
	for _, x := range c {
		if !x.Holds(d, late...) {
			return false
		}
	}
	return true
}

// Holds implements Cond.
func (c Or) Holds(d Data, late ...LateValues) bool {
	for _, x := range c {
		if x.Holds(d, late...) {
			return true
		}
	}
	return false
}

// Holds implements Cond.
func (c Not) Holds(d Data, late ...LateValues) bool { return !c.X.Holds(d, late...) }

// IP is the Operand.Arg that stands for the instruction pointer.
const IP = 6

// Operand is what a test looks at: the low Width bits of an argument register or of the instruction
// pointer. The bits above Width are ignored, as the kernel ignores them.
type Operand struct {
	Arg    int  // 0..5, or IP
	Width  int  // 16, 32 or 64
	Signed bool // the order that Lt and its like follow: two's complement in Width bits
}

// Op is the comparison that a Test makes.
type Op uint8

// The comparisons. X is the operand's value; In first ands it with Mask.
const (
	In   Op = iota // X & Mask lies in one of Set, unsigned
	Lt             // X < Value
	Le             // X <= Value
	Gt             // X > Value
	Ge             // X >= Value
	Any            // X & Mask != 0
	All            // X & Mask == Mask
	Only           // X &^ Mask == 0
)

// Test compares one operand with constants. Mask, Value and the bounds of Set are bit patterns of
// Width bits: -1 in 32 bits is 0xffffffff. "==" is In with one member, "!=" a Not around it.
type Test struct {
	Operand Operand
	Op      Op
	Mask    uint64  // In (all ones of Width where the text has no mask), Any, All, Only
	Value   uint64  // Lt, Le, Gt, Ge
	Set     []Range // In
}

// Holds implements Cond.
func (t Test) Holds(d Data, _ ...LateValues) bool {
	x := t.Operand.value(d)
	switch t.Op {
	case In:
		return Contains(t.Set, x&t.Mask)
	case Lt:
		return t.less(x, t.Value)
	case Le:
		return !t.less(t.Value, x)
	case Gt:
		return t.less(t.Value, x)
	case Ge:
		return !t.less(x, t.Value)
	case Any:
		return x&t.Mask != 0
	case All:
		return x&t.Mask == t.Mask
	case Only:
		return x&^t.Mask == 0
	}
	panic("policy: unknown comparison")
}

func (o Operand) value(d Data) uint64 {
	x := d.IP
	if o.Arg != IP {
		x = d.Args[o.Arg]
	}
	return x & Ones(o.Width)
}

func (t Test) less(x, y uint64) bool {
	if t.Operand.Signed {
		return signExtend(x, t.Operand.Width) < signExtend(y, t.Operand.Width)
	}
	return x < y
}

// Ones returns the largest unsigned value of width bits.
func Ones(width int) uint64 { return ^uint64(0) >> (64 - width) }

func signExtend(x uint64, width int) int64 {
	shift := 64 - width
	return int64(x<<shift) >> shift
}

// Tests yields the comparisons of conditions in their order: each a Test or a LateTest.
func Tests(conds ...Cond) iter.Seq[Cond] {
	return func(yield func(Cond) bool) { eachTest(conds, yield) }
}

// eachTest reports whether all were taken.
func eachTest(conds []Cond, yield func(Cond) bool) bool {
	for _, c := range conds {
		more := true
		switch c := c.(type) {
		case And:
			more = eachTest(c, yield)
		case Or:
			more = eachTest(c, yield)
		case Not:
			more = eachTest([]Cond{c.X}, yield)
		case Test, LateTest:
			more = yield(c)
		}
		if !more {
			return false
		}
	}
	return true
}
