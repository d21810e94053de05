package linux

import (
	"fmt"
	"go/constant"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Family is the constants that one argument of a system call takes, by name.
type Family struct {
	Values []string // of these the argument is one, beside its flags
	// these are combined; one that is a value too is a bit that may be asked for alone
	Flags []string
	Masks []string // the bits that a part of the argument lies in
	Octal bool     // numbers are modes of files, which people read in octal
}

// Given tells what is known of another argument of the same call: the values that it may have, in
// the width of its parameter, or none where it may have any.
type Given func(arg int) []uint64

// ArgFamily returns the constants of an argument of a system call; arg is its position in
// seccomp_data.args. Where they depend on another argument ([ABI.DecidedBy]) and that one's value
// does not say which they are, there are none: a name must be right, or absent.
func (a *ABI) ArgFamily(syscall string, arg int, given Given) Family {
	if _, decided := a.DecidedBy(syscall, arg); decided {
		return a.family(syscall, arg, given)
	}
	f, _ := a.families.get(fmt.Sprint(syscall, " ", arg), func(string) (Family, bool) {
		f := a.family(syscall, arg, nil)
		return f, len(f.Values)+len(f.Flags)+len(f.Masks) > 0
	})
	return f
}

func (a *ABI) family(syscall string, arg int, given Given) Family {
	var f Family
	for _, row := range a.familyRows(syscall, arg) {
		if row.given != "" && !a.holds(syscall, row.given, given) {
			continue
		}
		f.Values = append(f.Values, a.expand(row.values)...)
		f.Flags = append(f.Flags, a.expand(row.flags)...)
		f.Masks = append(f.Masks, a.expand(row.masks)...)
		f.Octal = f.Octal || row.octal
	}
	f.Values, f.Flags = a.unambiguous(f.Values), a.unambiguous(f.Flags)
	return f
}

// ArgValues returns the values that an argument is one of, whatever other arguments decide which
// they are, and none if some of its constants are flags.
func (a *ABI) ArgValues(syscall string, arg int) []string {
	var out []string
	for _, row := range a.familyRows(syscall, arg) {
		if len(a.expand(row.flags)) > 0 {
			return nil
		}
		out = append(out, a.expand(row.values)...)
	}
	return out
}

// unambiguous leaves one name for each value: the usual one of synonyms, and none where one number
// means several things, as ioctls of different drivers do.
func (a *ABI) unambiguous(names []string) []string {
	first, doubtful := map[uint64]string{}, map[uint64]bool{}
	values := make([]uint64, len(names))
	for i, name := range names {
		v, _ := a.Constant(name)
		values[i] = lowBits(v, 64)
		switch other, known := first[values[i]]; {
		case !known:
			first[values[i]] = name
		case other != name:
			usual, ok := usualOf(other, name)
			first[values[i]], doubtful[values[i]] = usual, doubtful[values[i]] || !ok
		}
	}
	var out []string
	for i, name := range names {
		if v := values[i]; first[v] == name && !doubtful[v] {
			out = append(out, name)
			doubtful[v] = true // a name that came twice
		}
	}
	return out
}

// usualOf returns the usual one of two synonyms, and false for two names that are none.
func usualOf(x, y string) (string, bool) {
	usual := usualNames()
	if usual[x] == "" || usual[x] != usual[y] {
		return "", false
	}
	if usual[x] == y {
		return y, true
	}
	return x, true
}

// usualNames gives the first name of each line of synonyms by each name of it.
var usualNames = sync.OnceValue(func() map[string]string {
	usual := map[string]string{}
	for _, line := range synonyms {
		names := strings.Fields(line)
		for _, name := range names {
			usual[name] = names[0]
		}
	}
	return usual
})

// DecidedBy returns the argument whose value says what kind of constants another one takes: the
// command of fcntl for its third. It returns false for an argument that needs no other.
func (a *ABI) DecidedBy(syscall string, arg int) (by int, ok bool) {
	for _, row := range a.familyRows(syscall, arg) {
		if row.given != "" {
			name, _, _ := strings.Cut(row.given, " ")
			by = a.parameter(syscall, name)
			return by, by >= 0
		}
	}
	return 0, false
}

// Packed says where in an argument a value lies whose constants begin with the prefix.
type Packed struct {
	args    string // as of a familyRow
	Prefix  string
	Shift   int
	Swapped bool // two bytes in network byte order
	Mask    uint64
}

// ArgPacked returns how an argument holds a constant, and false for one that it has as it is.
func (a *ABI) ArgPacked(syscall, param, constant string) (p Packed, ok bool) {
	for _, p := range packed {
		if strings.HasPrefix(constant, p.Prefix) && !(p.Swapped && a.BigEndian) &&
			slices.Contains(strings.Fields(p.args), syscall+"."+param) {
			_, known := a.Constant(constant)
			return p, known
		}
	}
	return p, false
}

// familiesOf finds the rows of families by "call.parameter".
var familiesOf = sync.OnceValue(func() map[string][]*familyRow {
	rows := map[string][]*familyRow{}
	for i := range families {
		for arg := range strings.FieldsSeq(families[i].args) {
			rows[arg] = append(rows[arg], &families[i])
		}
	}
	return rows
})

// familyRows returns the rows of an argument. Rows go by the parameter's name, as its position
// differs between ABIs.
func (a *ABI) familyRows(syscall string, arg int) []*familyRow {
	args, _ := a.Prototype(syscall)
	if arg < 0 || arg >= len(args) || args[arg].Pointer {
		return nil
	}
	for _, name := range append([]string{args[arg].Name}, args[arg].Aliases...) {
		for _, call := range []string{syscall, "*"} {
			if rows := familiesOf()[call+"."+name]; rows != nil {
				return rows
			}
		}
	}
	return nil
}

// parameter returns the position of a call's parameter, or -1.
func (a *ABI) parameter(syscall, name string) int {
	args, _ := a.Prototype(syscall)
	return slices.IndexFunc(args, func(arg Arg) bool { return arg.Name == name })
}

// holds reports whether what is known of the argument at the head of "parameter CONSTANT…" is that
// it is one of the constants behind it.
func (a *ABI) holds(syscall, condition string, given Given) bool {
	name, list, _ := strings.Cut(condition, " ")
	by := a.parameter(syscall, name)
	if by < 0 || given == nil {
		return false
	}
	args, _ := a.Prototype(syscall)
	bits := args[by].Width
	var wanted []uint64
	for _, c := range a.expand(list) {
		v, _ := a.Constant(c)
		wanted = append(wanted, lowBits(v, bits))
	}
	values := given(by)
	return len(values) > 0 && !slices.ContainsFunc(values, func(v uint64) bool {
		return !slices.Contains(wanted, v)
	})
}

// lowBits returns a number's two's complement in so many bits.
func lowBits(v constant.Value, bits int) uint64 {
	u, exact := constant.Uint64Val(v)
	if !exact {
		i, _ := constant.Int64Val(v)
		u = uint64(i)
	}
	return u & (^uint64(0) >> (64 - bits))
}

// expand returns the ABI's constants that a list of words stands for. A word is a name, "PREFIX*",
// or "PREFIX*@54": those of the names with the prefix that are numbers of ioctls of that type
// (_IOC_TYPE of include/uapi/asm-generic/ioctl.h, in hexadecimal). "!NAME" and "!PREFIX*" take out.
func (a *ABI) expand(words string) []string {
	var names []string
	for word := range strings.FieldsSeq(words) {
		out := strings.TrimPrefix(word, "!")
		pattern, magic, _ := strings.Cut(out, "@")
		prefix, many := strings.CutSuffix(pattern, "*")
		switch {
		case out != word:
			names = slices.DeleteFunc(names, func(n string) bool {
				return n == pattern || many && strings.HasPrefix(n, prefix)
			})
		case many:
			names = append(names, a.ofType(a.ConstantNames(prefix), magic)...)
		default:
			if _, ok := a.Constant(word); ok {
				names = append(names, word)
			}
		}
	}
	return names
}

// ofType returns the constants that are numbers of ioctls of a type, or all of them for "".
func (a *ABI) ofType(names []string, magic string) []string {
	want, err := strconv.ParseUint(magic, 16, 8)
	if err != nil {
		return names
	}
	return slices.DeleteFunc(names, func(n string) bool {
		v, _ := a.Constant(n)
		const low, high = 8, 16
		return lowBits(v, high)>>low != want
	})
}
