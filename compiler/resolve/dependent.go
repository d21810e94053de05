package resolve

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
)

// reading says how the kernel reads an argument for some values of the argument that decides it:
// the low 32 bits where it reads no more, or refuses what has a bit above them.
type reading struct {
	arg      string // "call.parameter"
	commands string // constants
	width    int
	signed   bool
}

// readings is written by hand, from the code that carries out each command. A command that is not
// here leaves the width open.
var readings = []reading{
	// fs/fcntl.c, do_fcntl: "int argi = (int)arg"; before Linux 6.7 some had an unsigned long, of
	// which the code looked at low bits or refused the upper half.
	{"fcntl.arg", "F_DUPFD F_DUPFD_CLOEXEC F_DUPFD_QUERY F_SETFD F_SETFL F_SETOWN F_SETSIG " +
		"F_SETLEASE F_NOTIFY F_SETPIPE_SZ F_ADD_SEALS", 32, true},
	{"fcntl.arg", "F_GETLK F_SETLK F_SETLKW F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_GETOWN_EX " +
		"F_SETOWN_EX F_GETOWNER_UIDS F_GET_RW_HINT F_SET_RW_HINT", 64, false}, // pointers
	// kernel/sys.c: these compare the unsigned long with small numbers and refuse the rest.
	{"prctl.arg2", "PR_SET_PDEATHSIG PR_SET_DUMPABLE PR_SET_SECCOMP PR_SET_NO_NEW_PRIVS " +
		"PR_CAPBSET_READ PR_CAPBSET_DROP PR_SET_KEEPCAPS PR_SET_SECUREBITS PR_MCE_KILL " +
		"PR_SET_VMA PR_SET_SYSCALL_USER_DISPATCH PR_SET_MDWE PR_SET_IO_FLUSHER", 32, false},
	{"prctl.arg2", "PR_SET_MM", 32, true}, // prctl_set_mm(int opt, …)
	{"prctl.arg2", "PR_SET_NAME PR_GET_NAME PR_GET_PDEATHSIG PR_SET_TIMERSLACK " +
		"PR_SET_CHILD_SUBREAPER PR_SET_THP_DISABLE", 64, false}, // pointers, or zero and the rest
	{"prctl.arg3", "PR_CAP_AMBIENT", 32, false}, // security/commoncap.c, cap_valid
	// kernel/ptrace.c: ptrace_setoptions and ptrace_attach refuse other bits, valid_signal too.
	{"ptrace.data", "PTRACE_SETOPTIONS PTRACE_SEIZE PTRACE_CONT PTRACE_DETACH PTRACE_SYSCALL " +
		"PTRACE_SINGLESTEP", 32, false},
	// ptrace_regset(…, unsigned int type)
	{"ptrace.addr", "PTRACE_GETREGSET PTRACE_SETREGSET", 32, false},
	{"ptrace.addr", "PTRACE_PEEKTEXT PTRACE_PEEKDATA PTRACE_POKETEXT PTRACE_POKEDATA " +
		"PTRACE_PEEKUSER " +
		"PTRACE_POKEUSER", 64, false},
	{"ptrace.data", "PTRACE_PEEKTEXT PTRACE_PEEKDATA PTRACE_POKETEXT PTRACE_POKEDATA " +
		"PTRACE_GETREGSET PTRACE_SETREGSET PTRACE_GETEVENTMSG PTRACE_GETSIGINFO PTRACE_SETSIGINFO",
		64, false},
	// security/keys/keyctl.c casts to key_serial_t or to int.
	{"keyctl.arg2", "KEYCTL_GET_KEYRING_ID KEYCTL_UPDATE KEYCTL_REVOKE KEYCTL_CHOWN " +
		"KEYCTL_SETPERM KEYCTL_DESCRIBE KEYCTL_CLEAR KEYCTL_LINK KEYCTL_UNLINK KEYCTL_SEARCH " +
		"KEYCTL_READ KEYCTL_INSTANTIATE KEYCTL_NEGATE KEYCTL_SET_REQKEY_KEYRING " +
		"KEYCTL_SET_TIMEOUT KEYCTL_ASSUME_AUTHORITY KEYCTL_GET_SECURITY KEYCTL_REJECT " +
		"KEYCTL_INVALIDATE KEYCTL_GET_PERSISTENT", 32, true},
	{"keyctl.arg2", "KEYCTL_JOIN_SESSION_KEYRING KEYCTL_DH_COMPUTE", 64, false}, // pointers
	{"keyctl.arg3", "KEYCTL_LINK KEYCTL_UNLINK KEYCTL_GET_PERSISTENT", 32, true},
	// kernel/kcmp.c, get_file_raw_ptr(…, unsigned int idx).
	{"kcmp.idx1", "KCMP_FILE KCMP_EPOLL_TFD", 32, false},
	{"kcmp.idx2", "KCMP_FILE", 32, false},
	// drivers/tty/tty_io.c, tiocsti and vt's tioclinux take pointers.
	{"ioctl.arg", "TIOCSTI TIOCLINUX TIOCGWINSZ TIOCSWINSZ TCGETS TCSETS TCSETSW TCSETSF FIONBIO " +
		"FIONREAD FIOASYNC TCGETA TCSETA TCSETAW TCSETAF TIOCGPGRP TIOCSPGRP TIOCGSID",
		64, false},
	// drivers/tty/tty_ioctl.c, n_tty_ioctl_helper: "switch (arg)", of an unsigned long
	{"ioctl.arg", "TCXONC TCFLSH", 64, false},
	{"ioctl.arg", "TIOCSCTTY", 32, true}, // tty_jobctrl.c, tiocsctty(…, int arg)
	// fs/ioctl.c: get_user of a pointer; ioctl_file_clone takes a descriptor
	{"ioctl.arg", "FS_IOC_GETFLAGS FS_IOC_SETFLAGS FS_IOC_FSGETXATTR FS_IOC_FSSETXATTR " +
		"FICLONERANGE FIDEDUPERANGE", 64, false},
	{"ioctl.arg", "FICLONE", 32, false},
}

// known is what a condition says of its operands besides the part that is being resolved: the
// values that each, by its position, can have there.
type known map[int][]uint64

// maxKnown bounds the values of one operand that are kept in mind.
const maxKnown = 64

// facts returns what a condition says of the operands that decide the width of others, where it
// holds, or where it does not.
func (r *condResolver) facts(c *dsl.Cond, holds bool) known {
	parts := make([]known, len(c.Or))
	for i := range c.Or {
		parts[i] = r.factsOfAnd(&c.Or[i], holds)
	}
	return joined(parts, !holds)
}

func (r *condResolver) factsOfAnd(c *dsl.CondAnd, holds bool) known {
	parts := make([]known, len(c.And))
	for i := range c.And {
		t := &c.And[i]
		h := holds == (len(t.Not)%2 == 0)
		if t.Paren != nil {
			parts[i] = r.facts(t.Paren, h)
		} else {
			parts[i] = r.factsOfTest(t.Test, h)
		}
	}
	return joined(parts, holds)
}

// factsOfTest reads a test for equality.
func (r *condResolver) factsOfTest(t *dsl.Comparison, holds bool) known {
	o := r.operand(&t.X)
	equal := t.Op == "==" || t.Op == "" && t.In != nil && !t.Not
	unequal := t.Op == "!=" || t.Op == "" && t.In != nil && t.Not
	if o.hidden || o.split || t.Mask != nil || holds && !equal || !holds && !unequal {
		return nil
	}
	if r.silent == nil {
		r.silent = r.quiet()
	}
	if !r.r.spend(t.Span, 1) {
		return nil
	}
	c, ok := (&condResolver{scope: r.silent}).whole(t, o)
	if n, not := c.(policy.Not); not {
		c = n.X
	}
	test, isTest := c.(policy.Test)
	if !ok || !isTest {
		return nil
	}
	var values []uint64
	for _, in := range test.Set {
		if in.Hi-in.Lo >= maxKnown || len(values) > maxKnown {
			return nil
		}
		for n := range in.Hi - in.Lo + 1 { // Hi may be the largest value that there is
			values = append(values, in.Lo+n)
		}
	}
	return known{o.Arg: values}
}

// joined returns what is known where all of the parts are, or where one of them is.
func joined(parts []known, all bool) known {
	out := known{}
	for i, p := range parts {
		if all {
			for arg, values := range p {
				if out[arg] == nil || len(values) < len(out[arg]) {
					out[arg] = values
				}
			}
			continue
		}
		if i == 0 {
			out = p
			continue
		}
		both := known{}
		for arg, values := range p {
			if others, ok := out[arg]; ok {
				both[arg] = slices.Concat(others, values)
			}
		}
		out = both
	}
	return out
}

// learn takes in what more is known, and returns what forgets it.
func (r *condResolver) learn(more known) (forget func()) {
	before := r.known
	r.known = joined([]known{before, more}, true)
	return func() { r.known = before }
}

// depends reports whether the width or the constants of one of the operands depend on another.
func (r *condResolver) depends() bool {
	return slices.ContainsFunc(r.operands, func(o operand) bool {
		return o.dependsOn != "" || o.decided
	})
}

// comparisons calls visit for those of a condition, with what is known there, and with whether a
// comparison that holds helps the condition to hold.
func (r *condResolver) comparisons(
	c *dsl.Cond, helps bool, visit func(t *dsl.Comparison, helps bool),
) {
	if len(c.Or) > 1 && r.depends() {
		defer r.learn(r.facts(c, false))()
	}
	for i := range c.Or {
		r.comparisonsOfAnd(&c.Or[i], helps, visit)
	}
}

func (r *condResolver) comparisonsOfAnd(
	c *dsl.CondAnd, helps bool, visit func(t *dsl.Comparison, helps bool),
) {
	if len(c.And) > 1 && r.depends() {
		defer r.learn(r.factsOfAnd(c, true))()
	}
	for _, t := range c.And {
		h := helps == (len(t.Not)%2 == 0)
		if t.Paren != nil {
			r.comparisons(t.Paren, h, visit)
		} else {
			visit(t.Test, h)
		}
	}
}

// settled gives an operand the width that the kernel reads of it for every value that the argument
// that decides can have here.
func (r *condResolver) settled(o operand) operand {
	if o.dependsOn == "" || len(r.known) == 0 {
		return o
	}
	params, _ := r.abi.Prototype(o.call)
	values := r.known[parameter(params, o.dependsOn)]
	if len(values) == 0 {
		return o
	}
	first, ok := r.reading(o, values[0])
	for _, v := range values[1:] {
		next, found := r.reading(o, v)
		ok = ok && found && next.width == first.width && next.signed == first.signed
	}
	if ok {
		o.dependsOn = ""
		o.Width, o.Signed = min(first.width, r.abi.Bits), first.signed
	}
	return o
}

// reading returns how the kernel reads an operand for one value of the argument that decides.
func (r *condResolver) reading(o operand, value uint64) (reading, bool) {
	key := enumKey{abi: r.abi, call: o.call, arg: o.arg}
	table, ok := r.r.readings[key]
	if !ok {
		table = readingsOf(key)
		r.r.readings[key] = table
	}
	found, ok := table[value&policy.Ones(32)]
	return found, ok
}

// readingsOf returns the rows about a parameter, by the value of the command.
func readingsOf(key enumKey) map[uint64]reading {
	out := map[uint64]reading{}
	add := func(row reading, names string) {
		for name := range strings.FieldsSeq(names) {
			if v, ok := key.abi.Constant(name); ok {
				out[bitsOf(v, 32)] = row
			}
		}
	}
	for _, row := range readings {
		if row.arg == key.call+"."+key.arg {
			add(row, row.commands)
		}
	}
	// big-endian kernels of 64 bits take the upper half: ipc/sem.c, semctl's SETVAL
	if key.call == "semctl" && !key.abi.BigEndian {
		add(reading{width: 32, signed: true}, "SETVAL")
	}
	return out
}
