package notify

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// hostArch is the AUDIT_ARCH_* of these tests' children.
var hostArch = map[string]uint32{
	"386":   unix.AUDIT_ARCH_I386,
	"amd64": unix.AUDIT_ARCH_X86_64,
	"arm64": unix.AUDIT_ARCH_AARCH64,
}[runtime.GOARCH]
