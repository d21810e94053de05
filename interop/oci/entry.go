package oci

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/tree"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

const notify = policy.Notify

func (r *reader) entry(n *tree.Node) {
	if !r.known(n, "name", "names", "action", "args", "comment", "includes", "excludes", "errnoRet",
		"errno") {
		return
	}
	e := Entry{Line: n.Line, Names: r.texts(n.Find("names")), Comment: r.text(n.Find("comment"))}
	if name := n.Find("name"); name != nil && r.text(name) != "" {
		if len(e.Names) > 0 {
			r.fail(name, "both name and names are given: keep names")
		}
		e.Names = []string{name.Text}
	}
	if len(e.Names) == 0 {
		r.p.warnings.Add(n.Line, "an entry without names is about nothing")
	}
	if slices.Contains(e.Names, "") {
		r.fail(n, "a name of a system call is empty")
	}
	act := n.Find("action")
	if act == nil {
		r.fail(n, "the entry has no action")
		return
	}
	e.Action = r.action(&e, act, n.Find("errnoRet"), n.Find("errno"))
	if e.Action == notify && slices.Contains(e.Names, "write") {
		r.fail(act, "SCMP_ACT_NOTIFY for write: runtimes refuse that, they write the listener "+
			"with it")
	}
	for _, a := range r.list(n.Find("args")) {
		r.arg(&e, a)
	}
	e.Includes, e.Excludes = r.filter(n.Find("includes")), r.filter(n.Find("excludes"))
	r.p.Entries = append(r.p.Entries, e)
}

// remark notes something about an entry, or about the profile where it is nil.
func (r *reader) remark(e *Entry, line int, format string, args ...any) {
	if e == nil {
		r.p.warnings.Add(line, format, args...)
		return
	}
	e.remarks = append(e.remarks, interop.Warning{Line: line, Text: fmt.Sprintf(format, args...)})
}

// action reads an action with its errno, which may be given by number or by name.
func (r *reader) action(e *Entry, n, number, name *tree.Node) policy.Action {
	a, ok := actionKinds[n.Text]
	if n.Kind == tree.Number {
		a, ok = oldActions[n.Text]
	}
	if !ok {
		r.fail(n, "%s is no action%s", diag.Printable(fmt.Sprintf("%.40q", n.Text)),
			similar(n.Text, slices.Collect(maps.Keys(actionKinds))))
		return 0
	}
	data := r.errno(e, a, number, name)
	if a == policy.Errno && data == 0 && r.err == nil {
		r.remark(e, n.Line, "errno 0: the call is not made, and its caller is told that it "+
			"succeeded")
	}
	if a == policy.Errno || a == policy.Trace {
		return a | data
	}
	if number != nil && data != 0 {
		r.remark(e, number.Line, "the errno has no effect on %s; some engines refuse the "+
			"profile",
			n.Text)
	}
	return a
}

// errno reads a number, a name, or both: containers/common takes the name then (pkg/seccomp,
// getErrno), and all others the number.
func (r *reader) errno(e *Entry, a policy.Action, number, name *tree.Node) policy.Action {
	named, given := r.namedErrno(name)
	if number == nil {
		if given {
			return named
		}
		return eperm
	}
	most := int64(4095)
	if a == policy.Trace {
		most = 65535
	}
	if r.resource && number.Kind == tree.String {
		digits := *number
		digits.Kind = tree.Number
		number = &digits
	}
	n := policy.Action(r.integer(number, 0, uint64(most)))
	switch {
	case r.err != nil:
	case r.resource && n == 0:
		r.remark(e, number.Line, "errnoRet 0 is none to the operator: it is EPERM")
		return eperm
	case given && named != n:
		r.remark(e, name.Line, "Podman takes %s, and all others %d, which counts here",
			diag.Printable(name.Text), n)
	}
	return n
}

// namedErrno reads an errno by its name, or by its number in a string.
func (r *reader) namedErrno(name *tree.Node) (a policy.Action, given bool) {
	if r.text(name) == "" {
		return 0, false
	}
	if n, err := strconv.ParseUint(name.Text, 10, 12); err == nil {
		return policy.Action(n), true
	}
	abi, _ := linux.Lookup("x86_64")
	v, ok := abi.Constant(name.Text)
	if !ok || name.Text[0] != 'E' {
		r.fail(name, "%s is no errno", diag.Printable(fmt.Sprintf("%.40q", name.Text)))
		return 0, false
	}
	n, _ := new(big.Int).SetString(v.ExactString(), 10)
	return policy.Action(n.Uint64()), true
}

func (r *reader) integer(n *tree.Node, lo int64, hi uint64) uint64 {
	if n == nil {
		return 0
	}
	v, err := n.Int(big.NewInt(lo), new(big.Int).SetUint64(hi))
	if err != nil {
		if r.err == nil {
			r.err = err
		}
		return 0
	}
	if v.Sign() < 0 {
		return uint64(v.Int64())
	}
	return v.Uint64()
}

func (r *reader) arg(e *Entry, n *tree.Node) {
	if !r.known(n, "index", "value", "valueTwo", "value_two", "op") {
		return
	}
	if n.Find("index") == nil || n.Find("op") == nil {
		r.fail(n, "a condition needs index and op")
		return
	}
	lowest, highest := int64(0), uint64(1<<64-1)
	if r.resource {
		lowest, highest = -1<<63, 1<<63-1 // int64: the high bit is a sign
	}
	a := Arg{Line: n.Line, Index: int(r.integer(n.Find("index"), 0, 5)),
		Value: r.integer(n.Find("value"), lowest, highest),
		Two:   r.integer(either(n, "valueTwo", "value_two"), lowest, highest)}
	op := n.Find("op")
	a.Op = opNames[op.Text]
	if op.Kind == tree.Number {
		a.Op = Op(r.integer(op, 1, uint64(MaskedEqual)))
	}
	if a.Op == 0 {
		r.fail(op, "%s is no operator%s", diag.Printable(fmt.Sprintf("%.40q", op.Text)),
			similar(op.Text, slices.Collect(maps.Keys(opNames))))
	}
	if n.Find("value") == nil {
		r.remark(e, a.Line, "the condition has no value, which is 0 to the engines")
	}
	if a.Op != MaskedEqual && a.Two != 0 {
		r.remark(e, a.Line, "valueTwo means nothing to %s", diag.Printable(op.Text))
	}
	e.Args = append(e.Args, a)
}

var kernelVersion = lazy.Regexp(`^[1-9][0-9]?\.[0-9]{1,3}$`)

func (r *reader) filter(n *tree.Node) (f Filter) {
	if n == nil || !r.known(n, "caps", "arches", "minKernel") {
		return f
	}
	f.Caps, f.Arches = r.texts(n.Find("caps")), r.texts(n.Find("arches"))
	for _, a := range f.Arches {
		if own := slices.Collect(maps.Values(mobyNames)); !slices.Contains(own, a) {
			hint := similar(a, own)
			if is, ok := mobyNames[archNames[a]]; ok {
				hint = "; it is called " + is + " here"
			}
			r.p.warnings.Add(n.Find("arches").Line, "%s is no machine, so that it never matches%s",
				diag.Printable(fmt.Sprintf("%.40q", a)), hint)
		}
	}
	abi, _ := linux.Lookup("x86_64")
	for _, c := range f.Caps {
		if _, ok := abi.Constant(c); !ok || len(c) < 5 || c[:4] != "CAP_" {
			r.fail(n.Find("caps"), "%s is no capability%s", diag.Printable(fmt.Sprintf("%.40q", c)),
				similar(c, abi.ConstantNames("CAP_")))
		}
	}
	if f.MinKernel = r.text(n.Find("minKernel")); f.MinKernel != "" &&
		!kernelVersion().MatchString(f.MinKernel) {
		r.fail(n.Find("minKernel"), "%s is no version of a kernel: write it as \"4.8\"",
			diag.Printable(fmt.Sprintf("%.40q", f.MinKernel)))
	}
	return f
}
