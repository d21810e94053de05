package notify

import "github.com/seccompc/seccompc/linux"

// hostArch is the AUDIT_ARCH_* of these tests' children.
var hostArch = func() uint32 {
	abi, ok := linux.Native()
	if !ok {
		panic("package linux has no ABI for this GOARCH")
	}
	return abi.Arch
}()
