package builder

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

var errNoAction = errors.New("an action is the zero Action; use Allow, Deny, Errno and so on")

// Operand is what a condition looks at, as wide as the kernel reads it.
type Operand struct {
	text string
	err  error
}

// Arg is the argument of that name in the kernel's prototype or the man page, for each system call
// of the rule: "flags", or by position "arg0" to "arg5".
func Arg(name string) Operand {
	if !isName(name) {
		return Operand{err: fmt.Errorf("%q is no name of an argument", name)}
	}
	return Operand{text: name}
}

// IP is the instruction pointer, 64 bits.
func IP() Operand { return Operand{text: "ip"} }

// U32 looks at the lower 32 bits, without a sign.
func (o Operand) U32() Operand { return o.cast("u32") }

// I32 looks at the lower 32 bits, with a sign.
func (o Operand) I32() Operand { return o.cast("i32") }

// U64 looks at all 64 bits, without a sign.
func (o Operand) U64() Operand { return o.cast("u64") }

// I64 looks at all 64 bits, with a sign.
func (o Operand) I64() Operand { return o.cast("i64") }

func (o Operand) cast(to string) Operand { return Operand{to + "(" + o.text + ")", o.err} }

// Cond is a condition on a call's arguments. Its values are the name of a constant, which has its
// value on each ABI, or an integer of any type.
type Cond struct {
	text   string
	joined bool // of several, which want parentheses within others
	err    error
}

// Eq holds for the value.
func (o Operand) Eq(v any) Cond { return o.compare("==", v) }

// Ne holds for every other value.
func (o Operand) Ne(v any) Cond { return o.compare("!=", v) }

// Lt holds for lesser values, by the sign of the argument.
func (o Operand) Lt(v any) Cond { return o.compare("<", v) }

// Le holds for values that are less or equal, by the sign of the argument.
func (o Operand) Le(v any) Cond { return o.compare("<=", v) }

// Gt holds for greater values, by the sign of the argument.
func (o Operand) Gt(v any) Cond { return o.compare(">", v) }

// Ge holds for values that are greater or equal, by the sign of the argument.
func (o Operand) Ge(v any) Cond { return o.compare(">=", v) }

// Has holds where the bit is set. It is one bit: Any and All take several.
func (o Operand) Has(bit any) Cond { return o.compare("&", bit) }

// Any holds where some bit of the masks is set.
func (o Operand) Any(masks ...any) Cond { return o.masked("any", masks) }

// All holds where every bit of the masks is set.
func (o Operand) All(masks ...any) Cond { return o.masked("all", masks) }

// Only holds where no bit outside of the masks is set.
func (o Operand) Only(masks ...any) Cond { return o.masked("only", masks) }

// MaskedEq holds where the bits of the mask have the value.
func (o Operand) MaskedEq(mask, v any) Cond {
	m, err := value(mask)
	return o.with(err).compare("& "+m+" ==", v)
}

// Interval is an inclusive range of values for In and NotIn.
type Interval struct{ Lo, Hi any }

// In holds for each of the values and [Interval]s.
func (o Operand) In(values ...any) Cond { return o.member("in", values) }

// NotIn holds for all values but these.
func (o Operand) NotIn(values ...any) Cond { return o.member("not in", values) }

// And holds where all conditions hold.
func And(conds ...Cond) Cond { return join(" && ", conds) }

// Or holds where one of the conditions holds.
func Or(conds ...Cond) Cond { return join(" || ", conds) }

// Not holds where the condition does not.
func Not(c Cond) Cond { return Cond{text: "!(" + c.text + ")", err: c.err} }

func join(op string, conds []Cond) Cond {
	var texts []string
	var errs []error
	if len(conds) == 0 {
		errs = append(errs, errors.New("And and Or want a condition"))
	}
	for _, c := range conds {
		text := c.text
		if c.joined {
			text = "(" + text + ")"
		}
		texts, errs = append(texts, text), append(errs, c.err)
	}
	return Cond{strings.Join(texts, op), len(conds) > 1, errors.Join(errs...)}
}

func (o Operand) with(err error) Operand { return Operand{o.text, errors.Join(o.err, err)} }

func (o Operand) compare(op string, v any) Cond {
	text, err := value(v)
	return Cond{text: o.text + " " + op + " " + text, err: errors.Join(o.err, err)}
}

func (o Operand) masked(op string, masks []any) Cond {
	text, err := list(masks, " | ")
	return Cond{text: o.text + " " + op + " " + text, err: errors.Join(o.err, err)}
}

func (o Operand) member(op string, values []any) Cond {
	text, err := list(values, ", ")
	return Cond{text: o.text + " " + op + " {" + text + "}", err: errors.Join(o.err, err)}
}

func list(values []any, separator string) (string, error) {
	if len(values) == 0 {
		return "0", errors.New("a condition has no values")
	}
	var texts []string
	var errs []error
	for _, v := range values {
		text, err := member(v)
		texts, errs = append(texts, text), append(errs, err)
	}
	return strings.Join(texts, separator), errors.Join(errs...)
}

func member(v any) (string, error) {
	i, ok := v.(Interval)
	if !ok {
		return value(v)
	}
	lo, errLo := value(i.Lo)
	hi, errHi := value(i.Hi)
	return lo + ".." + hi, errors.Join(errLo, errHi)
}

// value returns a constant's name or a number as the language writes it.
func value(v any) (string, error) {
	if name, ok := v.(string); ok && isName(name) {
		return name, nil
	}
	switch n := reflect.ValueOf(v); {
	case n.CanInt():
		return strconv.FormatInt(n.Int(), 10), nil
	case n.CanUint():
		return strconv.FormatUint(n.Uint(), 10), nil
	}
	return "0", fmt.Errorf("%#v is neither the name of a constant nor an integer", v)
}
