package runtime

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// feigning returns a filter that pretends that a system call has succeeded.
func feigning(nr uint32) asm.Program {
	return filter(unix.SECCOMP_RET_ERRNO, unix.SECCOMP_RET_ALLOW, nr)
}

var feignedSeccomp = inChild("feigned-seccomp", func() {
	ok := filter(unix.SECCOMP_RET_ERRNO|1, unix.SECCOMP_RET_ALLOW, unix.SYS_GETPPID)
	if err := Install(feigning(unix.SYS_SECCOMP), Process); err != nil {
		bad("setup: %v", err)
	}
	if err := Install(ok, Process); !errors.Is(err, errFeigned) {
		bad("Install: %v", err)
	}
	if fd, err := InstallListener(ok, Process); !errors.Is(err, errFeigned) {
		bad("InstallListener: %d, %v", fd, err)
	}
	if err := Start(command("confined"), 0, ok); !errors.Is(err, errFeigned) {
		bad("Start: %v", err)
	}
	if err := Confined(2); err == nil {
		bad("there are two filters")
	}
})

var feignedPrivileges = inChild("feigned-privileges", func() {
	ok := filter(unix.SECCOMP_RET_ERRNO|1, unix.SECCOMP_RET_ALLOW, unix.SYS_GETPPID)
	if err := Install(feigning(unix.SYS_PRCTL), Process|KeepPrivileges|NoPreflight); err != nil {
		bad("setup: %v", err)
	}
	if err := Install(ok, Process); !errors.Is(err, errFeigned) {
		bad("Install: %v", err)
	}
	if err := Start(command("confined"), 0, ok); !errors.Is(err, errFeigned) {
		bad("Start: %v", err)
	}
})

// TestFeigned installs under filters that pretend that seccomp(2) or prctl(2) has succeeded:
// nothing may believe it. KeepPrivileges needs root.
func TestFeigned(t *testing.T) {
	run(t, feignedSeccomp)
	if unix.Getuid() == 0 {
		run(t, feignedPrivileges)
	}
}
