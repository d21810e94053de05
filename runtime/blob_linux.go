package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Parse reads a filter for this machine from a blob: an array of struct sock_filter in the
// machine's byte order, as seccompc writes it. It refuses what is no such array, what the kernel
// would refuse, and filters that say nothing about this program's ABI.
func Parse(blob []byte) (asm.Program, error) {
	p, err := asm.Decode(blob, binary.NativeEndian)
	if err != nil {
		return nil, fmt.Errorf("runtime: this is no filter: %w", err)
	}
	if err := verify(p, hostArch()); err != nil {
		if order, e := asm.DetectOrder(blob); e == nil && !native(order) {
			return nil, errors.New("runtime: this filter is in the byte order of another " +
				"machine; " +
				"compile one for this ABI")
		}
		return nil, err
	}
	return p, nil
}

// native reports whether the order is the machine's.
func native(order binary.ByteOrder) bool {
	two := []byte{1, 0}
	return order.Uint16(two) == binary.NativeEndian.Uint16(two)
}

// ParseStack reads one filter, as [Parse] does, or several: the form that [EncodeStack] writes.
// Install them in order.
func ParseStack(blob []byte) ([]asm.Program, error) {
	if len(blob) < unix.SizeofSockFilter || binary.NativeEndian.Uint16(blob) != stackMark {
		p, err := Parse(blob)
		if err != nil {
			return nil, err
		}
		return []asm.Program{p}, nil
	}
	var stack []asm.Program
	for len(blob) > 0 {
		one, rest, err := cut(blob)
		if err != nil {
			return nil, fmt.Errorf("runtime: filter %d of the stack: %w", len(stack)+1, err)
		}
		p, err := Parse(one)
		if err != nil {
			return nil, fmt.Errorf("filter %d of the stack: %w", len(stack)+1, err)
		}
		stack, blob = append(stack, p), rest
	}
	return stack, nil
}

// cut separates the first filter of a stack, without its mark, from the rest.
func cut(blob []byte) (one, rest []byte, err error) {
	if len(blob) < unix.SizeofSockFilter || binary.NativeEndian.Uint16(blob) != stackMark {
		return nil, nil, errors.New("the mark that announces it is missing")
	}
	n := uint64(binary.NativeEndian.Uint32(blob[4:])) * unix.SizeofSockFilter
	blob = blob[unix.SizeofSockFilter:]
	if n == 0 || n > uint64(len(blob)) {
		return nil, nil, fmt.Errorf("%d bytes are announced and %d are there "+
			"(this is another machine's byte order, or the end is missing)", n, len(blob))
	}
	return blob[:n], blob[n:], nil
}

// Pick parses the blob for the ABI of this program from a table by GOARCH.
func Pick(blobs map[string][]byte) ([]asm.Program, error) {
	blob, ok := blobs[runtime.GOARCH]
	if !ok {
		return nil, fmt.Errorf("runtime: no filter for GOARCH %s; the table has %q", runtime.GOARCH,
			slices.Sorted(maps.Keys(blobs)))
	}
	return ParseStack(blob)
}

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
		"there as to an ABI that does not exist, and names %#x; compile one for this ABI", arch,
		names)
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
