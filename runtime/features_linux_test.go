package runtime

import (
	"errors"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// The kernels that the tests are for have everything.
func TestSupported(t *testing.T) {
	for _, f := range Features() {
		if err := Supported(f); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	for _, f := range []Feature{
		{Name: "future action", Since: "9.0", kind: actionFeature, value: 0x7ffe0000},
		{Name: "future flag", Since: "9.0", kind: flagFeature, value: 1 << 20},
	} {
		err := Supported(f)
		wantError(t, err, f.Name, "9.0")
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v is not ErrUnsupported", f.Name, err)
		}
	}
}

var cannotTellChild = inChild("cannot tell", func() {
	runtime.LockOSThread()
	if err := Install(filter(errno(unix.EPERM), allow, unix.SYS_SECCOMP), Thread); err != nil {
		bad("%v", err)
	}
	mustNotTell()
})

// A success, or a fault, that a filter reports in the kernel's place is no answer.
var feignedAnswerChild = inChild("feigned answer", func() {
	for _, ret := range []uint32{errno(unix.EFAULT), errno(0)} {
		inThread(func() {
			if err := Install(filter(ret, allow, unix.SYS_SECCOMP), Thread); err != nil {
				bad("%v", err)
			}
			mustNotTell()
		})
	}
})

func mustNotTell() {
	for _, f := range Features() {
		if err := Supported(f); err == nil || errors.Is(err, errors.ErrUnsupported) {
			bad("%s under a filter that answers seccomp: %v", f.Name, err)
		}
	}
}

func TestSupportedCannotTell(t *testing.T) {
	run(t, cannotTellChild)
	run(t, feignedAnswerChild)
}
