package kafel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// scope is what the names of a filter's condition mean on an ABI.
type scope struct {
	*importer
	abi  *linux.ABI
	call string // the name in the tables, "" for a number without one
	f    *filter
	wide bool // the comparison has a number of more than 32 bits, so that it is one of 64
}

// position returns which argument a name is, and the bits of it that are compared.
func (s *scope) position(x *expr) (arg, width int, err error) {
	if s.f.named {
		if i := slices.Index(s.f.own, x.name); i >= 0 {
			return i, min(64, s.abi.Bits), nil
		}
		return 0, 0, fmt.Errorf("line %d: %s is none of the arguments %s", x.line, show(x.name),
			strings.Join(s.f.own, ", "))
	}
	proto, known := s.abi.Prototype(s.call)
	if i, ok := further[s.call+" "+x.name]; ok && i < len(proto) {
		return i, s.size(proto[i]), nil
	}
	for i, a := range proto {
		if a.Name == x.name || slices.Contains(a.Aliases, x.name) {
			return i, s.size(a), nil
		}
	}
	var names []string
	for _, a := range proto {
		names = append(names, a.Name)
	}
	if !known || len(names) == 0 {
		return 0, 0, fmt.Errorf("line %d: the arguments of %s have no names: give them, as in "+
			"%s(a, b)", x.line,
			s.f.show(), s.f.show())
	}
	return 0, 0, fmt.Errorf("line %d: %s has no argument %s; it has %s", x.line, s.f.show(),
		show(x.name),
		strings.Join(names, ", "))
}

func (f *filter) show() string {
	if f.call == "" {
		return fmt.Sprintf("SYSCALL[%d]", f.nr)
	}
	return show(f.call)
}

// further are kafel's names of arguments that are not the kernel's.
var further = map[string]int{"arch_prctl code": 0, "getrandom count": 1, "mseal size": 1,
	"lsm_get_self_attr size_ptr": 2, "lsm_list_modules size_ptr": 1, "io_pgetevents sig": 5,
	"open_tree_attr attr": 3, "open_tree_attr size": 4}

// narrow are the types of C with less than 64 bits.
var narrow = []string{"int", "unsigned int", "unsigned", "u32", "s32", "__u32", "__s32", "pid_t",
	"uid_t",
	"gid_t", "qid_t", "key_t", "clockid_t", "timer_t", "mqd_t", "umode_t", "key_serial_t", "rwf_t",
	"u16",
	"short", "unsigned short", "old_uid_t", "old_gid_t", "mode_t"}

// size is how many bits of an argument kafel compares: 64 if its type has them, or a number that it
// is compared with.
func (s *scope) size(a linux.Arg) int {
	if s.abi.Bits == 32 || !s.wide && !a.Pointer && slices.Contains(narrow, a.Type) {
		return 32
	}
	return 64
}

// large reports whether there is a number of more than 32 bits in a value, as kafel leaves it after
// it has simplified it: without what a mask of all bits, or of none, makes superfluous.
func (x *expr) large() bool { return x.simple().holdsLarge() }

func (x *expr) holdsLarge() bool {
	switch x.op {
	case "number":
		return x.value > policy.Ones(32)
	case "name":
		return false
	}
	return x.left.holdsLarge() || x.right.holdsLarge()
}

// simple takes such masks out.
func (x *expr) simple() *expr {
	if x.op != "&" && x.op != "|" {
		return x
	}
	left, right := x.left.simple(), x.right.simple()
	if left.op == "number" {
		left, right = right, left
	}
	and := x.op == "&"
	switch all := right.op == "number"; {
	case all && left.op == "number" && and:
		return &expr{op: "number", value: left.value & right.value}
	case all && left.op == "number":
		return &expr{op: "number", value: left.value | right.value}
	case all && right.value == 0 && and, all && ^right.value == 0 && !and:
		return right
	case all && right.value == 0, all && ^right.value == 0:
		return left
	}
	return &expr{op: x.op, left: left, right: right}
}

// linear is (arg & mask) | with; without an argument it is with alone.
type linear struct {
	arg, width int // arg is -1 for a constant
	mask, with uint64
}

// linear folds a value.
func (s *scope) linear(x *expr) (v linear, err error) {
	switch x.op {
	case "number":
		return linear{arg: -1, with: x.value}, nil
	case "name":
		arg, width, err := s.position(x)
		return linear{arg: arg, width: width, mask: policy.Ones(width)}, err
	}
	a, err := s.linear(x.left)
	if err != nil {
		return v, err
	}
	b, err := s.linear(x.right)
	if err != nil {
		return v, err
	}
	if a.arg < 0 {
		a, b = b, a
	}
	switch {
	case a.arg >= 0 && b.arg >= 0:
		return v, fmt.Errorf("line %d: two arguments are combined: a policy compares an argument "+
			"with constants",
			x.line)
	case x.op == "&":
		a.mask, a.with = a.mask&b.with, a.with&b.with
	default:
		a.mask, a.with = a.mask&^b.with, a.with|b.with
	}
	return a, nil
}

// swapped are the comparisons with their sides changed.
var swapped = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

var operators = map[string]interop.Op{"==": interop.Equal, "!=": interop.NotEqual,
	"<":  interop.Less,
	"<=": interop.LessEqual, ">": interop.Greater, ">=": interop.GreaterEqual}

// compare returns the condition of a comparison.
func (s *scope) compare(x *expr) (policy.Cond, error) {
	s.wide = x.left.large() || x.right.large()
	a, err := s.linear(x.left)
	if err != nil {
		return nil, err
	}
	b, err := s.linear(x.right)
	if err != nil {
		return nil, err
	}
	op := x.op
	if a.arg < 0 {
		a, b, op = b, a, swapped[op]
	}
	switch {
	case b.arg >= 0:
		return nil, fmt.Errorf("line %d: two arguments are compared: a policy compares an "+
			"argument with constants",
			x.line)
	case a.arg < 0:
		holds := len(interop.Comparison{Op: operators[op], Width: 64,
			Value: b.with}.Exact(wide).Set) > 0 &&
			policy.Contains(interop.Comparison{Op: operators[op], Width: 64,
				Value: b.with}.Exact(wide).Set, a.with)
		return truth(holds), nil
	}
	if s.abi.Bits == 32 && s.f.named {
		s.warn(s.f, x.line, "%s: kafel compares 64 bits of arguments with names of their own, of "+
			"which callers of %s "+
			"have 32", s.f.show(), s.abi.Name)
	}
	return s.test(x.line, op, a, b.with), nil
}

var wide, _ = linux.Lookup("x86_64")

// truth is a condition that always or never holds.
func truth(holds bool) policy.Cond {
	if holds {
		return policy.And{}
	}
	return policy.Or{}
}

// test compares (arg & mask) | with, in which the two share no bit, with a value.
func (s *scope) test(line int, op string, a linear, v uint64) policy.Cond {
	c := interop.Comparison{Arg: a.arg, Op: operators[op], Width: a.width, Value: v}
	if a.mask == policy.Ones(a.width) {
		return s.natural(c, line)
	}
	below := uint64(0) // what the value is without the bits that are always there
	if v >= a.with {
		below = v - a.with
	}
	switch op {
	case "==", "!=":
		if v&a.with != a.with || v&^(a.mask|a.with) != 0 {
			return truth(op == "!=")
		}
		c.Op, c.Mask, c.Value = interop.Masked, a.mask, v&^a.with
		if op == "!=" {
			c.Op = interop.NotMasked
		}
		if a.mask == 0 {
			return truth(op == "==")
		}
		return s.natural(c, line)
	}
	if v < a.with { // less than any value that it can have
		return truth(op == ">" || op == ">=")
	}
	c.Value = below
	t := c.Exact(s.abi)
	t.Mask = a.mask
	t.Set = policy.Intersect(t.Set, []policy.Range{{Lo: 0, Hi: a.mask}})
	return t
}

// natural is a comparison as wide as the kernel reads the argument, if that is less than kafel
// does.
func (s *scope) natural(c interop.Comparison, line int) policy.Cond {
	if !s.opts.Exact {
		if t, narrower, ok := c.Natural(s.abi, s.call); ok {
			if narrower {
				text := interop.Repair("kafel", s.abi, s.call, c.Arg, c.Width, t.Operand.Width)
				at, seen := s.repairs[text]
				if !seen || s.f.file == at.file && line < at.line {
					s.repairs[text] = location{s.f.file, line}
				}
			}
			return t
		}
	}
	return c.Exact(s.abi)
}

// condition evaluates an expression.
func (s *scope) condition(x *expr) (policy.Cond, error) {
	switch x.op {
	case "!":
		c, err := s.condition(x.left)
		if err != nil {
			return nil, err
		}
		return policy.Not{X: c}, nil
	case "&&", "||":
		var parts []policy.Cond
		for ; x.op == "&&" || x.op == "||"; x = x.left { // a chain leans to the left
			c, err := s.condition(x.right)
			if err != nil {
				return nil, err
			}
			parts = append(parts, c)
			if x.left.op != x.op {
				c, err := s.condition(x.left)
				if err != nil {
					return nil, err
				}
				parts = append(parts, c)
				break
			}
		}
		slices.Reverse(parts)
		if x.op == "&&" {
			return policy.And(parts), nil
		}
		return policy.Or(parts), nil
	}
	return s.compare(x)
}
