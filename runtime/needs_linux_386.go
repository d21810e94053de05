package runtime

import "golang.org/x/sys/unix"

const (
	mmapNr  = unix.SYS_MMAP2
	futexNr = unix.SYS_FUTEX_TIME64 // what Go 1.26 uses on Linux 5.1 and newer
)

// How os/exec changes the child's user.
const (
	setgroupsNr = unix.SYS_SETGROUPS32
	setgidNr    = unix.SYS_SETGID32
	setuidNr    = unix.SYS_SETUID32
)

func cloneArgs(flags uint64) [6]uint64 { return [6]uint64{flags} }

// goMustHere is what Go calls on this ABI alone: each new thread sets up its own storage.
var goMustHere = [...]Call{{Name: "set_thread_area", Nr: unix.SYS_SET_THREAD_AREA}}
