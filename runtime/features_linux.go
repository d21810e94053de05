package runtime

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Supported asks the kernel for a feature. The answer is nil for yes; an error that is
// errors.ErrUnsupported for no; and any other error where there was no telling, as under a filter
// that denies the question, or answers it in the kernel's place.
//
// Nothing is installed. An action that the kernel does not know kills, so that a filter must not
// use it.
func Supported(f Feature) error {
	ask, yes, no := askAction, unix.Errno(0), unix.EOPNOTSUPP
	none := uint32(0x7ffd0001) // an action that no kernel has, which returns no data
	if f.kind == flagFeature {
		ask, yes, no = askFlag, unix.EFAULT, unix.EINVAL
		none = 1 << 31
	}
	if ask(none) == yes {
		return &Error{"ask the kernel for " + f.Name, errFeigned,
			"unknown: that filter must let seccomp through"}
	}
	switch errno := ask(f.value); errno {
	case yes:
		return nil
	case no:
		return fmt.Errorf("runtime: this kernel has no %s: Linux %s brought it (%s): %w", f.Name,
			f.Since,
			f.Loss, errors.ErrUnsupported)
	default:
		return &Error{"ask the kernel for " + f.Name, errno,
			"unknown: the kernel is older than 4.14, or a filter stands between"}
	}
}

func askAction(action uint32) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0,
		uintptr(unsafe.Pointer(&action)))
	return errno
}

func askFlag(flag uint32) unix.Errno { return probeFlag(uintptr(flag)) }
