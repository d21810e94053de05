package runtime

import "golang.org/x/sys/unix"

const (
	// its arguments lie in memory: a filter cannot tell one mmap from another
	mmapNr  = unix.SYS_MMAP
	futexNr = unix.SYS_FUTEX
)

// How os/exec changes the child's user.
const (
	setgroupsNr = unix.SYS_SETGROUPS
	setgidNr    = unix.SYS_SETGID
	setuidNr    = unix.SYS_SETUID
)

// cloneArgs puts the flags where this ABI has them, second.
func cloneArgs(flags uint64) [6]uint64 { return [6]uint64{0, flags} }

var goMustHere = [...]Call{}
