package capture

import (
	"encoding/binary"
	goruntime "runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// attach makes the calls that install a filter.
func attach(p asm.Program, flags uintptr) error {
	code := p.Encode(binary.NativeEndian)
	prog := struct {
		n uint16
		p *byte
	}{uint16(len(p)), &code[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags,
		uintptr(unsafe.Pointer(&prog)))
	goruntime.KeepAlive(code)
	if errno != 0 {
		return errno
	}
	return nil
}
