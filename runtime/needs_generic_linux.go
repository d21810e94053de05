//go:build linux && !386 && !arm && !mips && !mipsle && !s390x

package runtime

import "golang.org/x/sys/unix"

const (
	mmapNr  = unix.SYS_MMAP
	futexNr = unix.SYS_FUTEX
)

// How os/exec changes the child's user.
const (
	setgroupsNr = unix.SYS_SETGROUPS
	setgidNr    = unix.SYS_SETGID
	setuidNr    = unix.SYS_SETUID
)

func cloneArgs(flags uint64) [6]uint64 { return [6]uint64{flags} }

var goMustHere = [...]Call{}
