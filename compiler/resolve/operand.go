package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// operand is what a comparison looks at, for one call.
type operand struct {
	view
	key       operandKey
	arg, call string // the prototype's words; "" where there are none
	decided   bool   // another argument decides which constants it takes
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
	reads         int  // the bits that the kernel reads where a cast looks at more; else 0
	split         bool // it is 64 bits of which Arg is the lower half
	upper         int  // and this argument the upper one
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
	if o, ok := s.named(w, name); ok {
		return s.cast(x, o), true
	}
	s.add(s.unknownArgument(x, w))
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

// Where registers have 32 bits, an operand of 64 lies in two of them: the tables have OPERAND_lo
// and OPERAND_hi, in the ABI's order. A policy names it as on any other ABI, and its comparisons
// become those of the halves here: what comes after this package knows registers only.

// halves returns the positions of the two parameters that an operand of 64 bits is split into.
func halves(params []linux.Arg, name string) (lo, hi int, ok bool) {
	lo, hi = parameter(params, name+"_lo"), parameter(params, name+"_hi")
	return lo, hi, lo >= 0 && hi >= 0 && params[lo].Width == 32 && params[hi].Width == 32
}

// joined returns the operand that two arguments of a call are the halves of.
func (s *scope) joined(w way, lo, hi int) operand {
	o := s.argument(w, lo)
	upper := s.argument(w, hi)
	o.split, o.upper, o.hidden = true, upper.Arg, o.hidden || upper.hidden
	o.Width, o.Signed = 64, upper.Signed
	o.arg = strings.TrimSuffix(o.arg, "_lo")
	return o
}

// operandNames returns the names of the operands that are split, with their other names.
func operandNames(params []linux.Arg) []string {
	var out []string
	for _, a := range params {
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			whole, isLow := strings.CutSuffix(name, "_lo")
			if _, _, ok := halves(params, whole); isLow && ok && parameter(params, whole) < 0 {
				out = append(out, whole)
			}
		}
	}
	return out
}

// halves makes a comparison of an operand that is split one of its halves. A late value stands for
// one register.
func (r *condResolver) halves(t *dsl.Comparison, o operand, c policy.Cond) (policy.Cond, bool) {
	if len(policy.LateOf(c)) > 0 {
		r.splitLate(t.Span, o)
		return nil, false
	}
	if in, ok := c.(policy.Test); ok && !r.r.spend(t.Span, 3*len(in.Set)) {
		return nil, false
	}
	return policy.InHalves(c, o.Arg, o.upper), true
}

// splitLate is the error for a late value that is compared with an operand in two registers.
func (s *scope) splitLate(at diag.Span, o operand) {
	d := diag.Errorf(at, codes.LateValue, "%s lies in two registers on %s", o.means(), s.abi.Name)
	d = d.WithNotes("a gap of the filter waits for the value of one")
	s.add(d.WithHelp("compare a late value each with %s_lo and %s_hi, or leave %s out with when",
		o.arg, o.arg, s.abi.Name))
}

// named returns the operand that a name stands for on a way to a call.
func (s *scope) named(w way, name string) (operand, bool) {
	if i := parameter(w.params, name); i >= 0 {
		return s.argument(w, i), true
	}
	if lo, hi, ok := halves(w.params, name); ok {
		return s.joined(w, lo, hi), true
	}
	return operand{}, false
}

// castHalves applies a cast to an operand that is split: of 32 bits it is the lower half.
func castHalves(x *dsl.Operand, o operand) operand {
	if x.Cast == "u32" || x.Cast == "i32" {
		o.split, o.upper, o.Width = false, 0, 32
	}
	if x.Cast != "" {
		o.Signed = x.Cast[0] == 'i'
	}
	return o
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
		_, o.decided = s.abi.DecidedBy(w.name, i)
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
	if o.split {
		return castHalves(x, o)
	}
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

func (s *scope) unknownArgument(x *dsl.Operand, w way) diag.Finding {
	r, c, args := s.r, w.call, w.params
	at, name := x.Name.Span, x.Name.Text
	if !w.known {
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
	if lower := strings.ToLower(name); lower != name && slices.Contains(names, lower) {
		return d.Exactly(at, name, lower)
	}
	if help := argumentHabit(name); help != "" {
		return d.WithHelp("%s", help)
	}
	if r.isConstant(name) && len(args) > 0 {
		return r.constantHabit(d.WithNotes("it is a constant"), x, names)
	}
	if inMemory(args) {
		d = d.WithNotes(inMemoryNote(s.abi, c))
		return d.WithHelp("write a rule without a condition for %s: when arch == %[1]s { … }",
			s.abi.Name)
	}
	names = append(names, operandNames(args)...)
	r.report.suggest(&d, name, slices.Values(names))
	if len(args) == 0 {
		return d.WithNotes(c.name + " has no arguments").WithHelp("leave the condition out")
	}
	if d.Help == "" {
		d.Help = "name one of its arguments, or arg0 to arg5"
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
	case "uid", "gid", "euid", "egid", "user", "group", "pid", "ppid", "tid", "comm", "exe",
		"process",
		"caller", "capability", "cap", "caps", "root", "label", "domain_t":
		return "a filter sees the arguments of the call, and not who makes it"
	case "time", "date", "hour", "rate":
		return "a filter sees one call, and neither the time nor other calls"
	case "return", "ret", "retval", "result", "rax", "eax", "errno", "rc":
		return "a filter decides before the call is made: there is no result yet"
	case "rip", "eip", "pc", "instruction_pointer":
		return "write ip"
	}
	if i := slices.Index(registers, name); i >= 0 {
		return fmt.Sprintf("write arg%d", i%6)
	}
	if _, ok := linux.Lookup(name); ok {
		return "put the rule into a block: when arch == " + name + " { … }"
	}
	if strings.HasPrefix(name, "CAP_") {
		return "a filter sees the arguments of the call, and not who makes it"
	}
	if m := numbered().FindStringSubmatch(name); m != nil {
		if m[1] < "6" {
			return "write arg" + m[1]
		}
		return "a system call has arg0 to arg5"
	}
	return ""
}

// numbered are the names of other languages for arguments.
var numbered = lazy.Regexp(`^(?:a|A|args?|arg_|ARG)([0-9])$`)

// registers are those of the arguments on x86_64, i386 and aarch64.
var registers = []string{"rdi", "rsi", "rdx", "r10", "r8", "r9", "ebx", "ecx", "edx", "esi", "edi",
	"ebp", "x0", "x1", "x2", "x3", "x4", "x5"}

// isConstant reports whether an ABI at hand has a constant.
func (r *resolver) isConstant(name string) bool {
	return slices.ContainsFunc(r.abis, func(abi *linux.ABI) bool {
		_, ok := abi.Constant(name)
		return ok
	})
}

// constantHabit says what to write in place of a constant that stands where an argument should.
func (r *resolver) constantHabit(d diag.Finding, x *dsl.Operand, args []string) diag.Finding {
	t, before := r.testOf(x)
	name := x.Name.Text
	isArgument := func(text string) bool {
		_, isNumbered := position(text)
		return isNumbered || slices.Contains(args, text)
	}
	switch {
	case t == nil:
	case t.Value != nil && isArgument(bareName(t.Value)) && flip[t.Op] != "":
		return leftRight(d, t.Span, bareName(t.Value)+" "+flip[t.Op]+" "+name)
	case t.Mask != nil && isArgument(t.Mask.Name) && t.Op == "" && t.In == nil:
		return leftRight(d, t.Span, t.Mask.Name+" & "+name)
	case before == nil || !isArgument(before.X.Name.Text) || t.Op != "" || t.In != nil:
	case before.Mask != nil && before.Op == "":
		return d.WithHelp("name the argument in each test: %s & %s", before.X.Name.Text, name)
	case before.Op == "any" || before.Op == "all" || before.Op == "only":
		return d.WithHelp("several bits are one value: %s | %s", before.Text(), name)
	case before.Op != "":
		return d.WithHelp("name the argument in each test: %s %s %s", before.X.Text(), before.Op,
			name)
	case before.In == nil:
		return d.WithHelp("test a bit with &: %s & %s", before.X.Text(), name)
	}
	return d.WithHelp("write the argument on the left: %s == %s", args[0], name)
}

// flip are the comparisons read from right to left.
var flip = map[string]string{"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// leftRight is the finding with the test that has the argument on the left.
func leftRight(d diag.Finding, at diag.Span, test string) diag.Finding {
	d.Edits = []diag.Edit{{Span: at, New: test}}
	return d.WithHelp("write the argument on the left: %s", test)
}

// testOf returns the test of an operand, and the one before it in its condition.
func (r *resolver) testOf(x *dsl.Operand) (t, before *dsl.Comparison) {
	if r.report.hints--; r.quiet || r.report.hints < 0 {
		return nil, nil
	}
	for _, f := range r.files {
		for s := range f.All() {
			for _, cond := range condsOf(s) {
				var last *dsl.Comparison
				for t := range cond.Tests() {
					if &t.X == x {
						return t, last
					}
					last = t
				}
			}
		}
	}
	return nil, nil
}

// condsOf returns the conditions of a statement.
func condsOf(s dsl.Statement) []*dsl.Cond {
	var out []*dsl.Cond
	switch s := s.(type) {
	case *dsl.Rule:
		out = append(out, s.Cond)
	case *dsl.Test:
		for _, c := range s.Claims {
			out = append(out, c.Call.Cond)
		}
	}
	return out
}

// inMemory reports whether a call is given the address of a structure with its arguments: mmap of
// i386, s390x and m68k, select of i386.
func inMemory(args []linux.Arg) bool {
	return len(args) == 1 && argStruct().MatchString(args[0].Type)
}

func inMemoryNote(abi *linux.ABI, c call) string {
	return fmt.Sprintf("on %s the arguments of %s lie in memory, where no filter sees them",
		abi.Name, c.name)
}

var argStruct = lazy.Regexp(`^struct \w+_arg(s|_struct\w*) __user \*$`)

func describeArgs(args []linux.Arg) string {
	var out []string
	for _, a := range args {
		if a.Width == 0 {
			out = append(out, "(padding)")
			continue
		}
		out = append(out, strings.Join(append([]string{a.Name}, a.Aliases...), "/"))
	}
	for _, name := range operandNames(args) {
		out = append(out, name+" (both halves)")
	}
	return strings.Join(out, ", ")
}
