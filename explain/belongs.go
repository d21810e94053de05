package explain

import (
	"regexp"
	"strings"
	"sync"
)

// expression returns a regular expression that is compiled when it is first asked for: most
// commands never do.
func expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// only says which constants with a prefix are values of the arguments that take that prefix, where
// a part of the name tells.
var only = map[string]func() *regexp.Regexp{
	"AT_": expression(`^AT_(SYMLINK|EMPTY|RECURSIVE|NO_AUTOMOUNT|STATX_(FORCE|DONT))`),
	"PR_": expression(`^PR_((SET|GET)_|CAPBSET_|[A-Z]+_[SG]ET_|TASK_|` +
		`(CAP_AMBIENT|MCE_KILL|SCHED_CORE)$)`),
	"S_I":   expression(`^S_I(F|SUID|SGID|SVTX)`), // a mode's permissions are read in octal
	"SOCK_": expression(`_(STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET|CLOEXEC|NONBLOCK)$`),
}

// foreign matches constants that have the prefix of an argument's values but are none: values of
// another argument or of a structure's field, bounds, sizes, shifts.
var foreign = expression(strings.Join([]string{
	`_(MAX|LAST|COUNT|NUM|BITS|LEN|SHIFT|SIZE_VER[0-9]*|HUGE_.*)$`,
	`^ADDR_FAMILY_`,
	`^BPF_[A-Z]+_TYPE_`,
	`^CLOCK_(EXT|INT|TXINT|DEFAULT|TXFROMRX)$`,
	`^F_(OK|U?LOCK|TLOCK|TEST|EXLCK|SHLCK|RDLCK|WRLCK|UNLCK|OWNER_|SEAL_|LINUX_)`,
	`^FAN_(MARK|INFO|DENY|ALLOW|AUDIT|NOFD|NOPIDFD|ERRNO|NONBLOCK)`,
	`^FAN_(EVENT|RESPONSE|CLASS|UNLIMITED|REPORT)_`,
	`^FUTEX_(32|OP_|ROBUST_|BITSET|OWNER|TID|WAITERS|NO_NODE)`,
	`^IN_(CLASS|CLOEXEC|NONBLOCK)`,
	`^IPC_(OLD|64|DIPC|OWN)`,
	`^KEYCTL_(CAPS|SUPPORTS_|MOVE_EXCL)`,
	`^MAP_FILE$`,
	`^MEMBARRIER_CMD_(FLAG_|SHARED)`,
	`^MSG_(RST|SYN|FIN|NOERROR|COPY|EXCEPT|NOTIFICATION|TRYHARD|STAT|INFO)`,
	`^MS_(A?SYNC|INVALIDATE)$`,
	`^PR_(SET_MM|SET_VMA_ANON|SET_PTRACER_ANY|SVE_SET_VL_|SME_SET_VL_|MDWE_|TASK_SIZE)_?`,
	`^PTRACE_(O_|EVENT|SYSCALL_INFO|PEEKSIGINFO_)`,
	`^SCHED_(FLAG|GETATTR)_`,
}, "|"))

// belongs reports whether a constant that begins with a prefix is a value of the arguments that
// take it.
func belongs(name, prefix string) bool {
	switch {
	case name == prefix:
		return true
	case only[prefix] != nil && !only[prefix]().MatchString(name):
		return false
	case prefix != "FAN_MARK_" && foreign().MatchString(name):
		return false
	}
	// A short prefix without "_" stands for names such as TCGETS and SIGHUP, not for TCP_NODELAY or
	// SIG_DFL.
	const short = 4
	return len(prefix) > short || strings.HasSuffix(prefix, "_") || prefix == "S_I" ||
		!strings.Contains(name[len(prefix):], "_")
}
