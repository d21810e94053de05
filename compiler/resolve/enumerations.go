package resolve

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// enumKey is a parameter of a call on an ABI.
type enumKey struct {
	abi       *linux.ABI
	call, arg string
	given     string // what the argument that decides about its constants is, if that is known
}

// enumeration is the part of an argument that is one of several values, beside its flags.
type enumeration struct {
	mask   uint64 // 0: there is none
	flags  uint64
	whole  bool   // the argument has no flags
	text   string // the mask as people write it
	values []namedValue
	zeros  []string // names of the value 0
	bits   []string // names of the flags
}

type namedValue struct {
	name  string
	value uint64
}

// enumerated returns the enumeration in an operand.
func (r *condResolver) enumerated(o operand) *enumeration {
	if o.call == "" || o.arg == "" {
		return nil
	}
	key := enumKey{abi: r.abi, call: o.call, arg: o.arg}
	if o.decided && len(r.known) > 0 {
		key.given = fmt.Sprint(r.known)
	}
	e, ok := r.r.enums[key]
	if !ok {
		given := func(arg int) []uint64 { return r.known[arg] }
		e = enumerationOf(key, given)
		r.r.enums[key] = e
	}
	return e
}

// enumerationOf reads the families of constants, or returns nil.
func enumerationOf(key enumKey, given linux.Given) *enumeration {
	params, known := key.abi.Prototype(key.call)
	at := parameter(params, key.arg)
	if !known || at < 0 {
		return nil
	}
	width := min(params[at].Width, key.abi.Bits) // of a cast that looks at more, these count
	family := key.abi.ArgFamily(key.call, at, given)
	by, decided := key.abi.DecidedBy(key.call, at)
	if decided && len(given(by)) == 0 {
		family = linux.Family{Values: key.abi.ArgValues(key.call, at)}
	}
	valueOf := func(name string) uint64 {
		v, _ := key.abi.Constant(name)
		return bitsOf(v, 64) & policy.Ones(width)
	}
	e := &enumeration{text: strings.Join(family.Masks, " | "), bits: family.Flags}
	for _, name := range family.Masks {
		e.mask |= valueOf(name)
	}
	all := uint64(0)
	for _, name := range family.Flags {
		e.flags |= valueOf(name)
	}
	for _, name := range family.Values {
		if v := valueOf(name); v != 0 {
			e.values = append(e.values, namedValue{name, v})
			all |= v
		} else {
			e.zeros = append(e.zeros, name)
		}
	}
	if len(e.values) < 2 {
		e.mask = 0
		return e
	}
	if e.mask == 0 {
		e.mask = policy.Ones(width) &^ e.flags
		e.whole = e.flags == 0
		low := uint64(1)<<bits.Len64(all) - 1
		switch {
		case len(family.Flags) == 1:
			e.text = "~" + family.Flags[0]
		case low&e.flags == 0:
			e.text = fmt.Sprintf("%#x", low)
		default:
			e.text = fmt.Sprintf("%#x", e.mask)
		}
	}
	if key.call == "clone" {
		e.text = "CSIGNAL"
	}
	if mux := linux.MultiplexerMask(key.call); mux != 0 && at == 0 {
		e.mask, e.flags, e.whole = mux, policy.Ones(width)&^mux, mux == policy.Ones(width)
		e.text = fmt.Sprintf("%#x", mux)
	}
	return e
}

// ioctlSize is where the direction begins in an ioctl's command, and directions are flags
// (include/uapi/asm-generic/ioctl.h; on some machines the size has one bit less).
const ioctlSize = 0x1fff_ffff

// exact reports whether the text of a help is all that there is to write.
func exact(help string) bool { return !strings.Contains(help, " VALUE") }

// notBits returns what a comparison names that is no bit though it is tested as one, and the
// comparison that was meant.
func (r *condResolver) notBits(t *dsl.Comparison, o operand) (named, meant string, ok bool) {
	if e := r.enumerated(o); e != nil {
		if values := e.joined(t); values != nil {
			return strings.Join(values, " and "), e.oneOf(t, values), true
		}
	}
	bit := t.Op == "" && t.In == nil && t.Mask != nil
	masked := t.Mask != nil && (t.Op == "==" || t.Op == "!=")
	if !bit && !masked && t.Op != "any" && t.Op != "all" && t.Op != "only" {
		return "", "", false
	}
	e := r.enumerated(o)
	if e == nil || e.mask == 0 {
		return "", "", false
	}
	if named, meant, ok := e.zero(t); ok {
		return named, meant, true
	}
	asked, value, ok := r.asked(t, o)
	if !ok || !e.misused(t.Op, o.call, asked, value) {
		return "", "", false
	}
	named, meant = e.rightTest(t, asked, value)
	return named, meant, true
}

// zero returns the name of the value 0 of the enumeration, if that is what a comparison has as a
// bit, and the comparison that was meant.
func (e *enumeration) zero(t *dsl.Comparison) (named, meant string, ok bool) {
	switch {
	case t.Mask != nil && t.Op == "" && t.In == nil:
		named = t.Mask.Text()
	case t.Op == "any" || t.Op == "all":
		named = t.Value.Text()
	}
	x := t.X.Text()
	if !e.whole {
		x += " & " + e.maskText()
	}
	return named, x + " == " + named, slices.Contains(e.zeros, named)
}

// joined returns the values of the enumeration of which "|" makes the one that a comparison has.
func (e *enumeration) joined(t *dsl.Comparison) []string {
	if t.Op != "==" && t.Op != "!=" || len(t.Value.Rest) == 0 {
		return nil
	}
	values := []string{t.Value.X.Text()}
	for i, part := range t.Value.Rest {
		if t.Value.Ops[i] != "|" {
			return nil
		}
		values = append(values, part.Text())
	}
	if slices.ContainsFunc(values, func(name string) bool { return !e.isValue(name) }) {
		return nil
	}
	return values
}

// alone reports whether the argument has no more than one flag, and so none beside it.
func (e *enumeration) alone() bool { return len(e.values) == 0 && bits.OnesCount64(e.flags) == 1 }

func (e *enumeration) isValue(name string) bool {
	return slices.ContainsFunc(e.values, func(v namedValue) bool { return v.name == name })
}

// oneOf returns the comparison with each of some values.
func (e *enumeration) oneOf(t *dsl.Comparison, values []string) string {
	x, op := t.X.Text(), " in {"
	switch {
	case t.Mask != nil:
		x += " & " + t.Mask.Text()
	case !e.whole:
		x += " & " + e.maskText()
	}
	if t.Op == "!=" {
		op = " not in {"
	}
	return x + op + strings.Join(values, ", ") + "}"
}

// asked returns the bits that a comparison asks for, and with "==" their value.
func (r *condResolver) asked(t *dsl.Comparison, o operand) (mask, value uint64, ok bool) {
	if r.silent == nil {
		r.silent = r.quiet()
	}
	c, ok := (&condResolver{scope: r.silent}).whole(t, o)
	if n, not := c.(policy.Not); not {
		c = n.X
	}
	test, isTest := c.(policy.Test)
	if !ok || !isTest {
		return 0, 0, false
	}
	if len(test.Set) == 1 {
		value = test.Set[0].Lo
	}
	return test.Mask, value, true
}

// misused reports whether a comparison takes apart what is one value.
func (e *enumeration) misused(op, call string, asked, value uint64) bool {
	mask := e.mask
	if call == "ioctl" {
		mask &= ioctlSize
	}
	part := asked & mask
	equality := op == "==" || op == "!="
	if part == 0 || part == mask || e.covers(asked) && op != "only" && (equality || !e.has(part)) {
		return false
	}
	switch op {
	case "==", "!=":
		return value&mask == part && !lowBits(part) || value&mask == part && e.has(part) ||
			value&mask == 0 && e.has(part)
	case "only":
		if !e.whole {
			return bits.OnesCount64(part) > 1
		}
		return !lowBits(part) || part < 0xf
	case "any":
		return !(e.whole && lowBits(mask&^part)) && !e.kindOf(part)
	}
	return !e.kindOf(part)
}

// covers reports whether a mask holds all bits of all values.
func (e *enumeration) covers(mask uint64) bool {
	return !slices.ContainsFunc(e.values,
		func(v namedValue) bool { return v.value&e.mask&^mask != 0 })
}

func (e *enumeration) has(part uint64) bool {
	return slices.ContainsFunc(e.values, func(v namedValue) bool { return v.value&e.mask == part })
}

// kindOf reports whether the other values with these bits are kinds of the one value that they are:
// MAP_SHARED_VALIDATE is a MAP_SHARED.
func (e *enumeration) kindOf(part uint64) bool {
	at := slices.IndexFunc(e.values, func(v namedValue) bool { return v.value&e.mask == part })
	if at < 0 {
		return false
	}
	others := 0
	for _, v := range e.values {
		if v.value&e.mask != part && v.value&part == part {
			others++
			if !strings.HasPrefix(v.name, e.values[at].name+"_") {
				return false
			}
		}
	}
	return others > 0
}

// apart returns the one value among names of which the others are flags, and a test for it and for
// them: for one of these where op is "any".
func (e *enumeration) apart(names []string, x, op string) (value, test string, ok bool) {
	var flags []string
	for _, name := range names {
		switch isValue := e.isValue(name); {
		case isValue && value == "":
			value = name
		case !isValue && slices.Contains(e.bits, name):
			flags = append(flags, name)
		default:
			return "", "", false
		}
	}
	if value == "" || len(flags) == 0 || e.whole || op == "only" || op == "!=" {
		return "", "", false
	}
	test = x + " & " + e.maskText() + " == " + value
	rest := x + " & " + flags[0]
	if len(flags) > 1 {
		rest = x + " all " + strings.Join(flags, " | ")
	}
	if op == "any" {
		return value, "(" + test + " || " + x + " any " + strings.Join(flags, " | ") + ")", true
	}
	return value, test + " && " + rest, true
}

// maskText returns the mask of the values as it stands behind "&".
func (e *enumeration) maskText() string {
	if strings.Contains(e.text, "|") {
		return "(" + e.text + ")"
	}
	return e.text
}

// lowBits reports whether a mask is the lowest bits.
func lowBits(mask uint64) bool { return mask&(mask+1) == 0 }

// rightTest returns what the comparison names, and the comparison that was meant.
func (e *enumeration) rightTest(t *dsl.Comparison, asked, value uint64) (named, text string) {
	of, x := t.Value, t.X.Text()
	switch {
	case t.Mask != nil && (of == nil || value&e.mask == 0):
		named = t.Mask.Text()
	default:
		named = of.Text()
	}
	named = strings.Join(strings.Fields(named), " ")
	if inner, ok := strings.CutPrefix(named, "("); ok {
		named = strings.TrimSuffix(inner, ")")
	}
	if !e.whole {
		x += " & " + e.maskText()
	}
	several := strings.Split(named, " | ")
	if value, test, ok := e.apart(several, t.X.Text(), t.Op); ok {
		return value, test
	}
	switch {
	case asked&^e.mask != 0 || len(several) > 1 && t.Op != "any" && t.Op != "only":
		return named, x + " == VALUE, and test the flags besides"
	case t.Op == "only":
		return named, x + " in {0, " + strings.Join(several, ", ") + "}"
	case len(several) > 1:
		return named, x + " in {" + strings.Join(several, ", ") + "}"
	case strings.HasPrefix(named, "0x") && asked&0xff == 0 && asked < 1<<16:
		return named, t.X.Text() + " & 0xff00 == " + named
	case t.Op == "!=" && value != 0, t.Op == "==" && value == 0:
		return named, x + " != " + named
	}
	return named, x + " == " + named
}

// valueTests are comparisons, one of which holds: those of one mask stand together.
type valueTests struct {
	of     []string // what is compared
	values [][]string
	mended bool

	exactly bool // masks are numbers
}

func (v *valueTests) put(of, value string) {
	i := slices.Index(v.of, of)
	if i < 0 || of == "" {
		i = len(v.of)
		v.of, v.values = append(v.of, of), append(v.values, nil)
	}
	v.values[i] = append(v.values[i], value)
}

// whole adds a value of which all bits count.
func (v *valueTests) whole(x, value string) { v.put(x, value) }

// add adds a value beside which there are flags.
func (v *valueTests) add(e *enumeration, value uint64, text, x string) {
	v.mended = true
	switch mask := e.maskFor(value); {
	case e == nil || e.flags == 0:
		v.put(x, text)
	case mask == value && bits.OnesCount64(mask) == 1:
		v.put("", x+" & "+text)
	case mask == value && value != 0:
		v.put("", x+" all "+text)
	case v.exactly:
		v.put(fmt.Sprintf("%s & %#x", x, mask), text)
	case mask == e.mask:
		v.put(x+" & "+e.maskText(), text)
	default:
		v.put(x+" & ("+e.text+" | "+e.flagsOf(text)+")", text)
	}
}

// flagsOf returns what a value, of which some of the names may be flags, has beside the value.
func (e *enumeration) flagsOf(text string) string {
	if strings.ContainsAny(text, "^+-*<>&") {
		return "(" + text + ")"
	}
	names := slices.DeleteFunc(strings.Split(text, " | "), func(name string) bool {
		return slices.ContainsFunc(e.values, func(v namedValue) bool { return v.name == name })
	})
	if len(names) == 0 {
		return text
	}
	return strings.Join(names, " | ")
}

// text returns the condition that one of the comparisons holds, or that none does.
func (v *valueTests) text(holds bool) string {
	equal, in, or := " == ", " in {", " || "
	if !holds {
		equal, in, or = " != ", " not in {", " && "
	}
	var out []string
	for i, of := range v.of {
		switch values := v.values[i]; {
		case of == "" && !holds:
			out = append(out, "!("+values[0]+")")
		case of == "":
			out = append(out, values[0])
		case len(values) == 1 && !strings.Contains(values[0], ".."):
			out = append(out, of+equal+values[0])
		default:
			out = append(out, of+in+strings.Join(values, ", ")+"}")
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return "(" + strings.Join(out, or) + ")"
}

// maskFor returns the bits of an argument in which a value of it lies.
func (e *enumeration) maskFor(value uint64) uint64 {
	if e == nil {
		return 0
	}
	if value&e.mask == 0 && value != 0 {
		return value
	}
	return e.mask | value
}

// member is a value or a range that a comparison names.
type member struct {
	single *dsl.Sum // nil for a range
	text   string
}

func membersOf(t *dsl.Comparison) (out []member) {
	if t.In == nil {
		return []member{{t.Value, t.Value.Text()}}
	}
	for i := range t.In.Ranges {
		m := member{text: t.In.Ranges[i].Text()}
		if t.In.Ranges[i].Hi == nil && i < maxLoose {
			m.single = &t.In.Ranges[i].Lo
		}
		out = append(out, m)
	}
	return out
}
