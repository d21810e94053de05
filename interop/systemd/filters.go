package systemd

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// layer is the filter of one setting.
type layer struct {
	setting
	rules []rule
}

// rule is what a layer says of some calls.
type rule struct {
	set    string // that the calls are, if they are one
	calls  []string
	abis   []*linux.ABI // those that the tables have of them; nil: all
	test   test
	action policy.Action
}

// test is a condition before it is known how wide the argument is; the conditions of several are
// all to hold, and with none of them the rule always does.
type test []comparison

// comparison is of one argument. The bits of a mask are looked at alone, if there is one.
type comparison struct {
	arg   func(*linux.ABI) int
	op    policy.Op // In, Any, All
	mask  uint64
	set   []uint64 // of In
	other bool     // In: the values that are not in the set
	low   bool     // systemd looks at the low 32 bits alone
}

func at(n int) func(*linux.ABI) int { return func(*linux.ABI) int { return n } }

// cloneFlags is the argument of clone that holds its flags.
func cloneFlags(abi *linux.ABI) int {
	if abi.Name == "s390" || abi.Name == "s390x" {
		return 1
	}
	return 0
}

func (r *rule) on(abi *linux.ABI) bool { return r.abis == nil || slices.Contains(r.abis, abi) }

const (
	eperm        = policy.Errno | 1
	eafnosupport = policy.Errno | 97
)

// layers returns the filters that only stop calls, the last installed first: these are the order of
// exec_child (src/core/exec-invoke.c), from behind.
func (im *importer) layers() (out []layer) {
	u := &im.unit
	add := func(s setting, rules ...rule) { out = append(out, layer{s, rules}) }
	if s, on := u.switches["LockPersonality"]; on {
		add(s, rule{calls: []string{"personality"}, action: eperm, test: test{{arg: at(0),
			set: []uint64{u.personality}, other: true}}})
	}
	for _, o := range []struct{ name, set string }{{"PrivateDevices", "@raw-io"}, {"ProtectClock",
		"@clock"},
		{"ProtectKernelLogs", "syslog"}, {"ProtectKernelModules", "@module"},
		{"ProtectKernelTunables", "_sysctl"}} {
		if s, on := u.switches[o.name]; on {
			if calls, ok := linux.SetIn(o.set, im.release); ok {
				add(s, rule{set: o.set, calls: calls, action: eperm})
				continue
			}
			add(s, rule{calls: []string{o.set}, action: eperm})
		}
	}
	if u.namespaces.given && u.namespaces.retain&im.allNamespaces() != im.allNamespaces() {
		add(u.namespaces.setting, im.namespaceRules()...)
	}
	if s, on := u.switches["RestrictSUIDSGID"]; on {
		add(s, im.modeRules()...)
	}
	if s, on := u.switches["RestrictRealtime"]; on {
		add(s, im.realtimeRules()...)
	}
	if s, on := u.switches["MemoryDenyWriteExecute"]; on {
		add(s, im.memoryRules()...)
	}
	if u.families.given && (u.families.allow || len(u.families.values) > 0) {
		add(u.families.setting, im.familyRules()...)
	}
	if s, on := u.switches["ProtectHostname"]; on {
		add(s, rule{calls: []string{"sethostname", "setdomainname"}, action: eperm})
	}
	return out
}

func (im *importer) namespaceRules() []rule {
	n := &im.unit.namespaces
	stop := (im.allNamespaces() | timeNamespace) &^ n.retain
	out := []rule{{calls: []string{"clone3"}, action: im.errno("ENOSYS")}}
	setns := rule{calls: []string{"setns"}, action: eperm}
	if n.retain&im.allNamespaces() == 0 {
		out = append(out, setns)
	} else {
		none, some := setns, setns
		none.test = test{{arg: at(1), set: []uint64{0}, low: im.opts.Version > 257}}
		some.test = test{{arg: at(1), op: policy.Any, mask: stop}}
		out = append(out, none, some)
	}
	return append(out,
		rule{calls: []string{"unshare"}, action: eperm, test: test{{arg: at(0), op: policy.Any,
			mask: stop}}},
		rule{calls: []string{"clone"}, action: eperm, test: test{{arg: cloneFlags, op: policy.Any,
			mask: stop}}})
}

// modeRules stop the bits S_ISUID and S_ISGID where files get their modes.
func (im *importer) modeRules() (out []rule) {
	const bits = 0o6000
	create := im.constant("O_CREAT")
	for _, c := range []struct {
		call        string
		mode, flags int
	}{{"chmod", 1, -1}, {"fchmod", 1, -1}, {"fchmodat", 2, -1}, {"fchmodat2", 2, -1}, {"mkdir", 1,
		-1},
		{"mkdirat", 2, -1}, {"mknod", 1, -1}, {"mknodat", 2, -1}, {"open", 2, 1}, {"openat", 3, 2},
		{"creat", 1, -1}} {
		r := rule{calls: []string{c.call}, action: eperm,
			test: test{{arg: at(c.mode), op: policy.Any, mask: bits}}}
		if c.flags >= 0 {
			r.test = test{{arg: at(c.flags), op: policy.Any, mask: create}, r.test[0]}
		}
		out = append(out, r)
	}
	return append(out, rule{calls: []string{"openat2"}, action: im.errno("ENOSYS")})
}

func (im *importer) realtimeRules() (out []rule) {
	if im.opts.Version >= attributes {
		out = append(out, rule{calls: []string{"sched_setattr"}, action: eperm})
	}
	return append(out, rule{calls: []string{"sched_setscheduler"}, action: eperm,
		test: test{{arg: at(1),
			set: []uint64{0, 3, 5}, other: true}}}) // SCHED_OTHER, SCHED_BATCH, SCHED_IDLE
}

// attributes is the first systemd whose RestrictRealtime stops sched_setattr, as far as is known:
// 257 does not, and 262 does.
const attributes = 258

// memoryRules are seccomp_memory_deny_write_execute's.
func (im *importer) memoryRules() (out []rule) {
	const write, exec, shmExec = 2, 4, 0o100000
	some := func(name string, on []string, mask uint64, op policy.Op, arg int) {
		r := rule{calls: []string{name}, abis: im.only(on), action: eperm}
		if mask != 0 {
			r.test = test{{arg: at(arg), op: op, mask: mask}}
		}
		out = append(out, r)
	}
	own := []string{"x86_64", "x32", "aarch64", "riscv64", "loongarch64"}
	some("mmap2", []string{"i386", "s390", "arm"}, write|exec, policy.All, 2)
	some("mmap", []string{"i386", "s390"}, 0, policy.In, 0)
	some("mmap", append([]string{"ppc64", "ppc64le", "s390x"}, own...), write|exec, policy.All, 2)
	all := append([]string{"i386", "s390", "arm", "ppc64", "ppc64le", "s390x"}, own...)
	some("mprotect", all, exec, policy.All, 2)
	some("pkey_mprotect", all, exec, policy.All, 2)
	some("shmat", append([]string{"arm"}, own...), shmExec, policy.All, 2)
	return out
}

// socketABIs are those on which systemd restricts address families: they have no socketcall.
var socketABIs = []string{"x86_64", "x32", "arm", "aarch64", "mips64", "mips64el", "riscv64",
	"loongarch64"}

func (im *importer) familyRules() []rule {
	f := &im.unit.families
	r := rule{calls: []string{"socket"}, abis: im.only(socketABIs), action: eafnosupport}
	values := slices.Sorted(maps.Keys(f.values))
	if f.allow {
		values = slices.DeleteFunc(values, func(v uint64) bool { return v == 0 })
	}
	if len(values) > 0 || !f.allow {
		r.test = test{{arg: at(0), set: values, other: f.allow, low: !f.allow &&
			im.opts.Version > 257}}
	}
	return []rule{r}
}

// only returns those of the ABIs with one of the names.
func (im *importer) only(names []string) []*linux.ABI {
	out := []*linux.ABI{}
	for _, abi := range im.abis {
		if slices.Contains(names, abi.Name) {
			out = append(out, abi)
		}
	}
	return out
}

// condition returns the condition of a rule about a call of an ABI, nil for always.
func (im *importer) condition(abi *linux.ABI, call string, t test, p place) policy.Cond {
	var and policy.And
	for _, c := range t {
		and = append(and, im.compare(abi, call, c, p))
	}
	switch len(and) {
	case 0:
		return nil
	case 1:
		return and[0]
	}
	return and
}

func (im *importer) compare(abi *linux.ABI, call string, c comparison, p place) policy.Cond {
	arg := c.arg(abi)
	op, counts := interop.Kernel(abi, call, arg)
	exact := policy.Operand{Arg: arg, Width: interop.Bits(abi)}
	if c.op != policy.In {
		if im.opts.Exact || c.mask&^counts != 0 {
			op = exact
		}
		return policy.Test{Operand: op, Op: c.op, Mask: c.mask}
	}
	if c.low {
		exact.Width = 32
	}
	if im.opts.Exact || counts != policy.Ones(op.Width) {
		op = exact
	} else if op.Width < exact.Width {
		im.repaired(abi, call, arg, op.Width, p)
	}
	t := policy.Test{Operand: op, Mask: policy.Ones(op.Width)}
	for _, v := range c.set {
		t.Set = append(t.Set, policy.Range{Lo: v, Hi: v})
	}
	if t.Set = policy.Union(t.Set); c.other {
		t.Set = policy.Complement(t.Set, t.Mask)
	}
	return t
}
