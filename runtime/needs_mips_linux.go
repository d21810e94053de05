//go:build linux && (mips || mipsle)

package runtime

import "golang.org/x/sys/unix"

const (
	mmapNr  = unix.SYS_MMAP
	futexNr = unix.SYS_FUTEX_TIME64 // what Go 1.26 uses on Linux 5.1 and newer
)

// How os/exec changes the child's user.
const (
	setgroupsNr = unix.SYS_SETGROUPS
	setgidNr    = unix.SYS_SETGID
	setuidNr    = unix.SYS_SETUID
)

func cloneArgs(flags uint64) [6]uint64 { return [6]uint64{flags} }

var goMustHere = [...]Call{}
