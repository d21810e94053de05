package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// verify refuses programs that the kernel would refuse, and those that say nothing about the system
// calls of an ABI: a filter for other ABIs, or in the wrong byte order, is no confinement.
func verify(p asm.Program, arch uint32) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("runtime: the kernel would refuse this filter: %w", err)
	}
	if tells(p, arch) || p.Serves(arch) {
		return nil
	}
	names := p.Arches()
	if len(names) == 0 {
		return errors.New("runtime: this filter never looks at arch: the numbers in it would " +
			"mean other system calls to other ABIs; compile one that does")
	}
	return fmt.Errorf("runtime: no path of this filter is for arch %#x: it gives the same answers "+
		"there as to an ABI that does not exist, and names %#x; compile one for this ABI", arch, names)
}

// tells reports whether one call that nearly every filter is about gets another answer than a
// caller of no ABI gets. If so, the filter serves the ABI, and there is no need to follow all of
// its paths.
func tells(p asm.Program, arch uint32) bool {
	call := asm.Data{Nr: unix.SYS_EXIT_GROUP, Arch: arch}
	here, err := p.Run(call, binary.NativeEndian)
	call.Arch = 0
	nowhere, errNowhere := p.Run(call, binary.NativeEndian)
	return err == nil && errNowhere == nil && here.Ret != nowhere.Ret
}

// arches are the AUDIT_ARCH_* values of the system calls that Go programs make, by GOARCH.
var arches = map[string]uint32{
	"386":      unix.AUDIT_ARCH_I386,
	"amd64":    unix.AUDIT_ARCH_X86_64,
	"arm":      unix.AUDIT_ARCH_ARM,
	"arm64":    unix.AUDIT_ARCH_AARCH64,
	"loong64":  unix.AUDIT_ARCH_LOONGARCH64,
	"mips":     unix.AUDIT_ARCH_MIPS,
	"mips64":   unix.AUDIT_ARCH_MIPS64,
	"mips64le": unix.AUDIT_ARCH_MIPSEL64,
	"mipsle":   unix.AUDIT_ARCH_MIPSEL,
	"ppc64":    unix.AUDIT_ARCH_PPC64,
	"ppc64le":  unix.AUDIT_ARCH_PPC64LE,
	"riscv64":  unix.AUDIT_ARCH_RISCV64,
	"s390x":    unix.AUDIT_ARCH_S390X,
}

// hostArch returns the value of this program's system calls, 0 where it is not known.
func hostArch() uint32 { return arches[runtime.GOARCH] }
