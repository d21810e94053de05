package runtime

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Preflight runs the filter, without installing it, on calls that must work under it, and returns an error
// that names the first one that would not. Only the actions allow and log let a call work: what is left to
// a supervisor or a tracer may never come back.
func Preflight(p asm.Program, calls ...Call) error {
	return survives(p, calls, "the caller says that it has to work")
}

// preflight asks about what a process of Go needs when all of it is to be confined, and about the caller's
// needs.
func preflight(p asm.Program, flags Flags, needs []Call) error {
	if flags&Process != 0 {
		if err := goSurvives(p); err != nil {
			return err
		}
	}
	return Preflight(p, needs...)
}

// goSurvives asks about the calls of Go's runtime. What must work is fatal to a process when it fails: the
// runtime throws, or hangs. What may fail can be denied with an errno, and no other way.
func goSurvives(p asm.Program) error {
	if err := survives(p, goMust[:], fatal); err != nil {
		return err
	}
	if err := survives(p, goMustHere[:], fatal); err != nil {
		return err
	}
	return survives(p, goMay[:], mayFail)
}

const (
	fatal   = "without it a Go program dies or hangs"
	mayFail = "a Go program makes it at any time, and bears no more than an errno"
)

// survives asks about calls of which an errno is fatal, or is not.
func survives(p asm.Program, calls []Call, loss string) error {
	for i := range calls {
		ret, err := ask(p, &calls[i])
		if err != nil {
			return err
		}
		fails := ret&unix.SECCOMP_RET_ACTION_FULL == unix.SECCOMP_RET_ERRNO && ret&unix.SECCOMP_RET_DATA != 0
		if !works(ret) && !(fails && loss == mayFail) {
			return refuses(&calls[i], ret, loss)
		}
	}
	return nil
}

func ask(p asm.Program, c *Call) (uint32, error) {
	r, err := p.Run(asm.Data{Nr: c.Nr, Arch: hostArch(), Args: c.Args}, binary.NativeEndian)
	if err != nil {
		return 0, fmt.Errorf("runtime: preflight of %s: %w", c.Name, err)
	}
	return r.Ret, nil
}

func works(ret uint32) bool {
	action := ret & unix.SECCOMP_RET_ACTION_FULL
	return action == unix.SECCOMP_RET_ALLOW || action == unix.SECCOMP_RET_LOG
}

func refuses(c *Call, ret uint32, why string) error {
	return fmt.Errorf("runtime: preflight: the filter answers %s (number %d) with %#08x: %s; "+
		"allow it (@go-runtime has all that Go needs), or pass NoPreflight", c.Name, c.Nr, ret, why)
}
