package resolve

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// operand is what a comparison looks at, for one call.
type operand struct {
	view
	key       operandKey
	arg, call string // the prototype's words; "" where there are none
}

// means returns the operand in the prototype's words: "flags of openat".
func (o operand) means() string {
	if o.Arg == policy.IP {
		return "the instruction pointer"
	}
	name := o.arg
	if name == "" {
		name = fmt.Sprintf("arg%d", o.Arg)
	}
	if o.call == "" {
		return name
	}
	return name + " of " + o.call
}

// view is the part of an operand that a condition's meaning hangs on.
type view struct {
	policy.Operand
	pointer bool
	unread  bool   // the call does not read this argument
	hidden  bool   // it lies in memory
	ignored uint64 // bits that the kernel does not read
	// dependsOn names the argument that decides how many of the 64 bits the kernel reads, and of
	// which call; "" if none does.
	dependsOn, of string
	reads         int // the bits that the kernel reads where a cast looks at more; else 0
}

// operandKey is an operand as the text writes it.
type operandKey struct{ cast, name string }

func keyOf(x *dsl.Operand) operandKey { return operandKey{x.Cast, x.Name.Text} }

// distinctOperands returns the operands of a condition, each once.
func distinctOperands(cond *dsl.Cond) []*dsl.Operand {
	var out []*dsl.Operand
	for t := range cond.Tests() {
		same := func(x *dsl.Operand) bool { return keyOf(x) == keyOf(&t.X) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, &t.X)
		}
	}
	return out
}

// operands resolves operands for one way to a call.
func (s *scope) operands(list []*dsl.Operand, w way) (found []operand, ok bool) {
	found = make([]operand, 0, len(list))
	ok = true
	for _, x := range list {
		if !s.r.spend(x.Span, 1) {
			return nil, false
		}
		o, exists := s.operand(x, w)
		o.key = keyOf(x)
		ok = ok && exists
		found = append(found, o)
	}
	return found, ok
}

// sameViews reports whether two calls see a condition over these operands alike.
func sameViews(a, b []operand) bool {
	return slices.EqualFunc(a, b, func(x, y operand) bool { return x.view == y.view })
}

func (s *scope) operand(x *dsl.Operand, w way) (operand, bool) {
	name := x.Name.Text
	if name == "ip" {
		var o operand
		o.Operand = policy.Operand{Arg: policy.IP, Width: 64}
		return s.cast(x, o), true
	}
	if i, ok := position(name); ok {
		s.lintPosition(x, i, w.call, w.params)
		return s.cast(x, s.argument(w, i)), true
	}
	if i := parameter(w.params, name); i >= 0 {
		return s.cast(x, s.argument(w, i)), true
	}
	s.add(s.r.unknownArgument(x.Name.Span, name, w.call, w.params, w.known))
	return operand{}, false
}

// parameter returns the parameter that a name stands for, or -1: the kernel's names go before the
// others.
func parameter(params []linux.Arg, name string) int {
	i := slices.IndexFunc(params, func(a linux.Arg) bool { return a.Name == name && a.Width > 0 })
	if i < 0 {
		i = slices.IndexFunc(params, func(a linux.Arg) bool {
			return slices.Contains(a.Aliases,
				name)
		})
	}
	return i
}

// position returns N of argN.
func position(name string) (int, bool) {
	if len(name) == 4 && name[:3] == "arg" && '0' <= name[3] && name[3] <= '5' {
		return int(name[3] - '0'), true
	}
	return 0, false
}

// lintPosition reports argN where the prototype calls another argument so, as prctl does: its arg2
// is the second one.
func (s *scope) lintPosition(x *dsl.Operand, i int, c call, args []linux.Arg) {
	for j, a := range args {
		if j != i && a.Name == x.Name.Text {
			d := diag.Warningf(x.Name.Span, codes.AmbiguousArgument,
				"%s has another argument of the name %s", c.name, a.Name)
			d = d.WithNotes(fmt.Sprintf("here %s is the argument at position %d, counted from 0",
				a.Name, i))
			s.add(d.WithHelp("write arg%d for what the prototype calls %s", j, a.Name))
		}
	}
}

// argument returns the i-th argument of a call.
func (s *scope) argument(w way, i int) operand {
	var o operand
	o.Operand = policy.Operand{Arg: i, Width: 64}
	switch {
	case !w.known:
	case i >= len(w.params) || w.params[i].Width == 0:
		o.unread, o.call, o.hidden = true, w.name, w.at != nil
	default:
		a := w.params[i]
		o.Width, o.Signed, o.pointer, o.ignored = a.Width, a.Signed, a.Pointer, a.Ignored
		o.arg, o.call = a.Name, w.name
		on, depends := linux.WidthDependsOn(w.name, i)
		if depends && min(o.Width, s.abi.Bits) == 64 {
			o.dependsOn, o.of = w.params[on].Name, w.name
		}
		if w.at != nil {
			o.Arg, o.hidden = max(0, w.at[i]), w.at[i] < 0
		}
	}
	o.Width = min(o.Width, s.abi.Bits)
	return o
}

// cast applies the cast of an operand, as far as the ABI's registers reach.
func (s *scope) cast(x *dsl.Operand, o operand) operand {
	reads := o.Width
	switch x.Cast {
	case "u32", "i32":
		o.Width = 32
	case "u64", "i64":
		o.Width = 64
	}
	if x.Cast != "" {
		o.dependsOn, o.of, o.ignored = "", "", 0
		o.Signed = x.Cast[0] == 'i'
	}
	if o.Arg != policy.IP { // that has 64 bits on every ABI, and 64-bit code makes 32-bit calls
		o.Width = min(o.Width, s.abi.Bits)
		if o.Width > reads {
			o.reads = reads
		}
	}
	return o
}

func (r *resolver) unknownArgument(
	at diag.Span, name string, c call, args []linux.Arg, known bool,
) diag.Finding {
	if !known {
		what := c.name
		if what == "" {
			what = fmt.Sprint(c.nr)
		}
		d := diag.Errorf(at, codes.UnknownArgument,
			"%q is unknown: the tables hold no arguments of %s", name, what)
		return d.WithHelp("use arg0 to arg5")
	}
	d := diag.Errorf(at, codes.UnknownArgument, "%s has no argument %q", c.name, name)
	var names []string
	for _, a := range args {
		if a.Width > 0 {
			names = append(append(names, a.Name), a.Aliases...)
		}
	}
	if help := r.constantHabit(name, names); help != "" {
		return d.WithNotes("it is a constant").WithHelp("%s", help)
	}
	if help := argumentHabit(name); help != "" {
		return d.WithHelp("%s", help)
	}
	r.report.suggest(&d, name, slices.Values(names))
	if len(args) == 0 {
		return d.WithNotes(c.name + " has no arguments")
	}
	return d.WithNotes("its arguments are " + describeArgs(args))
}

// argumentHabit is the help for what people take for an argument.
func argumentHabit(name string) string {
	switch name {
	case "true":
		return "leave the condition out: the rule is for every call then"
	case "false":
		return "remove the rule: it is for no call"
	case "nr", "syscall":
		return "name the system call before if"
	case "arch":
		return "put the rule into a block: when arch == x86_64 { … }"
	case "path", "pathname", "filename", "file", "port", "addr", "address", "host", "name":
		return "a filter sees no memory: paths, ports and addresses lie there"
	case "uid", "gid", "user", "group", "pid", "comm", "exe", "capability", "cap":
		return "a filter sees the arguments of the call, and not who makes it"
	}
	if m := numbered.FindStringSubmatch(name); m != nil {
		if m[1] < "6" {
			return "write arg" + m[1]
		}
		return "a system call has arg0 to arg5"
	}
	return ""
}

// numbered are the names of other languages for arguments.
var numbered = regexp.MustCompile(`^(?:a|A|args?|arg_|ARG)([0-9])$`)

// constantHabit is the help for a constant in the place of an argument.
func (r *resolver) constantHabit(name string, args []string) string {
	isConstant := slices.ContainsFunc(r.abis, func(abi *linux.ABI) bool {
		_, ok := abi.Constant(name)
		return ok
	})
	if !isConstant || len(args) == 0 {
		return ""
	}
	return fmt.Sprintf("write the argument on the left: ARGUMENT == %s; several bits are one "+
		"value: "+
		"ARGUMENT all A | B", name)
}

func describeArgs(args []linux.Arg) string {
	var out []string
	for _, a := range args {
		if a.Width == 0 {
			out = append(out, "(padding)")
			continue
		}
		out = append(out, strings.Join(append([]string{a.Name}, a.Aliases...), "/"))
	}
	return strings.Join(out, ", ")
}
