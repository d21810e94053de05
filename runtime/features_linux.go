package runtime

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Supported asks the kernel for a feature. The answer is nil for yes; an error that is
// errors.ErrUnsupported for no; and any other error where there was no telling, as under a filter
// that denies the question.
//
// Nothing is installed. An action that the kernel does not know kills, so that a filter must not
// use it.
func Supported(f Feature) error {
	var errno unix.Errno
	yes, no := unix.Errno(0), unix.EOPNOTSUPP
	switch f.kind {
	case actionFeature:
		_, _, errno = unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0,
			uintptr(unsafe.Pointer(&f.value)))
	case flagFeature:
		errno = probeFlag(uintptr(f.value))
		yes, no = unix.EFAULT, unix.EINVAL
	}
	switch errno {
	case yes:
		return nil
	case no:
		return fmt.Errorf("runtime: this kernel has no %s: Linux %s brought it (%s): %w", f.Name, f.Since,
			f.Loss, errors.ErrUnsupported)
	}
	return &Error{"ask the kernel for " + f.Name, errno,
		"unknown: the kernel is older than 4.14, or a filter stands between"}
}
