package record

import (
	"go/constant"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// part is an argument of which a record keeps the values: the bits of keep, or all where
// there are none.
type part struct {
	arg  string
	keep string // names of constants, or a number
}

const namespaces = "CLONE_NEWNS CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER " +
	"CLONE_NEWPID CLONE_NEWNET"

var (
	command  = []part{{arg: "cmd"}}
	option   = []part{{arg: "option"}}
	access   = []part{{arg: "flags", keep: "O_ACCMODE O_CREAT O_TRUNC"}}
	mapping  = []part{{arg: "prot", keep: "PROT_WRITE PROT_EXEC"}}
	endpoint = []part{{arg: "family"}, {arg: "type", keep: "0xf"}} // SOCK_TYPE_MASK of linux/net.h
)

// shapes are the arguments that say what a call does, where these are few: commands, kinds of
// sockets, how a file is opened, new namespaces, memory that is written or executed. All else
// varies from run to run, as descriptors and sizes, or lies in memory.
var shapes = map[string][]part{
	"ioctl": command, "fcntl": command, "fcntl64": command, "bpf": command,
	"prctl": option, "arch_prctl": option, "keyctl": option,
	"madvise": {{arg: "behavior"}}, "seccomp": {{arg: "op"}}, "ptrace": {{arg: "request"}},
	"personality": {{arg: "persona"}},
	"socketcall":  {{arg: "call"}}, "ipc": {{arg: "call"}},
	"socket": endpoint, "socketpair": endpoint,
	"setsockopt": {{arg: "level"}, {arg: "optname"}},
	"clone":      {{arg: "flags", keep: namespaces}},
	"unshare":    {{arg: "flags"}}, "setns": {{arg: "flags"}},
	"open": access, "openat": access, "open_by_handle_at": access,
	"mmap": mapping, "mmap2": mapping, "mprotect": mapping, "pkey_mprotect": mapping,
}

// operand is a part on one ABI.
type operand struct {
	policy.Operand
	mask uint64
}

// operands returns the parts of a call on its ABI. A call of which one is not known there has none.
func (u *use) operands() []operand {
	var out []operand
	args, _ := u.abi.Prototype(u.name)
	for _, p := range shapes[u.name] {
		i := position(args, p.arg)
		if i < 0 || args[i].Pointer {
			return nil // as of the old mmap of i386, whose arguments lie in memory
		}
		a := args[i]
		o := operand{policy.Operand{Arg: i, Width: a.Width, Signed: a.Signed}, a.Counts()}
		if p.keep != "" {
			o.mask &= bitsOf(u.abi, p.keep)
		}
		out = append(out, o)
	}
	return out
}

func position(args []linux.Arg, name string) int {
	return slices.IndexFunc(args, func(a linux.Arg) bool {
		return a.Name == name || slices.Contains(a.Aliases, name)
	})
}

// bitsOf returns the bits of several constants; what an ABI does not have counts as 0.
func bitsOf(abi *linux.ABI, names string) (bits uint64) {
	for _, name := range strings.Fields(names) {
		if n, err := strconv.ParseUint(name, 0, 64); err == nil {
			bits |= n
		}
		if v, ok := abi.Constant(name); ok {
			n, _ := constant.Uint64Val(v)
			bits |= n
		}
	}
	return bits
}

// valuesOf returns what is kept of a call's arguments, and false where that is nothing.
func (u *use) valuesOf(d policy.Data) (v values, ok bool) {
	ops := u.operands()
	for i, o := range ops {
		v[i] = d.Args[o.Arg] & o.mask
	}
	return v, len(ops) > 0
}

// condition returns what all calls that were seen have in common, or nil.
func (u *use) condition() policy.Cond {
	ops := u.operands()
	if u.any != "" || len(ops) == 0 || len(u.values) == 0 {
		return nil
	}
	switch shape := shapes[u.name]; {
	case shape[0] == mapping[0]:
		return u.neverBoth(ops[0])
	case shape[0] == access[0]:
		return u.opened(ops[0])
	case len(ops) == 1:
		return ops[0].in(u.firsts())
	}
	var or policy.Or
	for _, first := range u.firsts() {
		var seconds []uint64
		for v := range u.values {
			if v[0] == first {
				seconds = append(seconds, v[1])
			}
		}
		or = append(or, policy.And{ops[0].in([]uint64{first}), ops[1].in(seconds)})
	}
	if len(or) == 1 {
		return or[0]
	}
	return or
}

// neverBoth keeps memory from being writable and executable, as long as no call has asked for that.
func (u *use) neverBoth(o operand) policy.Cond {
	if _, both := u.values[values{o.mask}]; both {
		return nil
	}
	return policy.Not{X: policy.Test{Operand: o.Operand, Op: policy.All, Mask: o.mask}}
}

// opened tells files by how they are opened. Truncation is writing: who has not written cannot do
// that either.
func (u *use) opened(o operand) policy.Cond {
	firsts := u.firsts()
	if !slices.Equal(firsts, []uint64{0}) {
		o.mask &^= bitsOf(u.abi, "O_TRUNC")
	}
	for i := range firsts {
		firsts[i] &= o.mask
	}
	return o.in(firsts)
}

func (u *use) firsts() []uint64 {
	var out []uint64
	for v := range u.values {
		out = append(out, v[0])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// in is the condition that the operand has one of some values. They are listed one by one: each has
// a name.
func (o operand) in(list []uint64) policy.Cond {
	slices.Sort(list)
	var set []policy.Range
	for _, v := range slices.Compact(list) {
		set = append(set, policy.Range{Lo: v, Hi: v})
	}
	return policy.Test{Operand: o.Operand, Op: policy.In, Mask: o.mask, Set: set}
}
