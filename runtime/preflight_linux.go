package runtime

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Preflight runs the filter, without installing it, on calls that must work under it, and returns
// an error that names the first one that would not. Only the actions allow and log let a call work:
// what is left to a supervisor or a tracer may never come back.
func Preflight(p asm.Program, calls ...Call) error {
	return survives(p, calls, wanted)
}

// preflight asks about what a process of Go needs when all of it is to be confined, and about the
// caller's needs.
func preflight(p asm.Program, flags Flags, needs []Call) error {
	if flags&Process != 0 {
		if err := goSurvives(p); err != nil {
			return err
		}
	}
	return Preflight(p, needs...)
}

// goSurvives asks about the calls of Go's runtime. What must work is fatal to a process when it
// fails: the runtime throws, or hangs. What may fail can be denied with an errno, and no other way.
func goSurvives(p asm.Program) error {
	if err := survives(p, goMust[:], fatal); err != nil {
		return err
	}
	if err := survives(p, goMustHere[:], fatal); err != nil {
		return err
	}
	return survives(p, goMay[:], bearable)
}

// loss is what an errno does to a program that makes a call.
type loss string

const (
	wanted   loss = "the caller says that it has to work"
	fatal    loss = "without it a Go program dies or hangs"
	executed loss = "Exec makes it under the filter"
	bearable loss = "a Go program makes it at any time, and bears no more than an errno"
)

// remedy says what to do about a loss.
func (l loss) remedy() string {
	if l == executed {
		return "allow it, or use Start; nothing was installed"
	}
	return "allow it (@go-runtime has all that Go needs), or pass NoPreflight"
}

// survives asks about calls whose failure is a loss of one kind.
func survives(p asm.Program, calls []Call, l loss) error {
	arch := hostArch()
	for i := range calls {
		c := &calls[i]
		if p.ConstantAllow(arch, c.Nr) { // whatever the arguments: the quick answer
			continue
		}
		r, err := p.Run(asm.Data{Nr: c.Nr, Arch: arch, Args: c.Args}, binary.NativeEndian)
		if err != nil {
			return fmt.Errorf("runtime: preflight of %s: %w", c.Name, err)
		}
		if !works(r.Ret) && !(l == bearable && fails(r.Ret)) {
			return fmt.Errorf("runtime: preflight: the filter answers %s (number %d) with %#08x: %s; %s",
				c.Name, c.Nr, r.Ret, l, l.remedy())
		}
	}
	return nil
}

// works reports whether the kernel carries a call out that a filter answers with ret.
func works(ret uint32) bool {
	action := ret & unix.SECCOMP_RET_ACTION_FULL
	return action == unix.SECCOMP_RET_ALLOW || action == unix.SECCOMP_RET_LOG
}

// fails reports whether the call returns an error. With errno 0 it pretends success, and with 4095 (which
// the kernel makes of all that is more) it does so on the ABIs where Go takes -4095 for a result.
func fails(ret uint32) bool {
	const most = 4094
	data := ret & unix.SECCOMP_RET_DATA
	return ret&unix.SECCOMP_RET_ACTION_FULL == unix.SECCOMP_RET_ERRNO && data != 0 && data <= most
}
