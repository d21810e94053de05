package oci

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// archNames are libseccomp's architectures, with the ABI that each is here; "" is whichever the
// host has.
var archNames = map[string]string{
	"SCMP_ARCH_X86_64": "x86_64", "SCMP_ARCH_X86": "i386", "SCMP_ARCH_X32": "x32",
	"SCMP_ARCH_AARCH64": "aarch64", "SCMP_ARCH_ARM": "arm", "SCMP_ARCH_RISCV64": "riscv64",
	"SCMP_ARCH_LOONGARCH64": "loongarch64", "SCMP_ARCH_PPC64": "ppc64",
	"SCMP_ARCH_PPC64LE": "ppc64le", "SCMP_ARCH_S390X": "s390x", "SCMP_ARCH_S390": "s390",
	"SCMP_ARCH_MIPS": "mips", "SCMP_ARCH_MIPSEL": "mipsel", "SCMP_ARCH_MIPS64": "mips64",
	"SCMP_ARCH_MIPSEL64": "mips64el", "SCMP_ARCH_MIPS64N32": "mips64n32",
	"SCMP_ARCH_MIPSEL64N32": "mipsel64n32", "SCMP_ARCH_PPC": "ppc", "SCMP_ARCH_PARISC": "parisc",
	"SCMP_ARCH_PARISC64": "parisc64", "SCMP_ARCH_M68K": "m68k", "SCMP_ARCH_SH": "sh",
	"SCMP_ARCH_SHEB": "sheb", "SCMP_ARCH_NATIVE": "",
}

// archName is an architecture's name in the form of today: the profiles of 2016 have "amd64".
func archName(s string) string {
	if strings.HasPrefix(s, "SCMP_ARCH_") {
		return s
	}
	for name, own := range mobyNames {
		if own == s {
			return scmpArch(name)
		}
	}
	return s
}

// mobyNames are what includes and excludes call the ABIs.
var mobyNames = map[string]string{
	"x86_64": "amd64", "i386": "x86", "x32": "x32", "aarch64": "arm64", "arm": "arm",
	"riscv64": "riscv64", "loongarch64": "loong64", "ppc64": "ppc64", "ppc64le": "ppc64le",
	"s390x": "s390x", "s390": "s390", "mips": "mips", "mipsel": "mipsel", "mips64": "mips64",
	"mips64el": "mipsel64", "mips64n32": "mips64n32", "mipsel64n32": "mipsel64n32", "ppc": "ppc",
	"parisc": "parisc", "parisc64": "parisc64",
}

// scmpArch returns libseccomp's name of an ABI.
func scmpArch(abi string) string {
	for scmp, name := range archNames {
		if name == abi {
			return scmp
		}
	}
	return ""
}

// listed are the architectures that a profile names for a host, besides the host's own.
func (p *Profile) listed(host *linux.ABI) []string {
	list := slices.Clone(p.Arches)
	for _, m := range p.ArchMap {
		if archName(m.Host) == scmpArch(host.Name) {
			return append(list, m.Sub...)
		}
	}
	return list
}

// served returns the ABIs that a profile's filter has rules for on a host, the host's first.
func (p *Profile) served(host *linux.ABI) []*linux.ABI {
	abis := []*linux.ABI{host}
	for _, a := range p.listed(host) {
		abi, ok := linux.Lookup(archNames[archName(a)])
		if ok && abi.BigEndian == host.BigEndian && !slices.Contains(abis, abi) {
			abis = append(abis, abi)
		}
	}
	return abis
}

// refusedArches are the architectures of libseccomp that an engine does not know: runc has a list
// of its own (libcontainer/seccomp/config.go, archs), crun asks libseccomp for the name, which
// has none for the machine's own (src/arch.c, arch_def_lookup_name).
var refusedArches = map[Engine][]string{
	Runc: {"SCMP_ARCH_NATIVE", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_M68K",
		"SCMP_ARCH_SH", "SCMP_ARCH_SHEB"},
	Crun: {"SCMP_ARCH_NATIVE"},
}

// checkArches refuses architectures with which no container starts. Runsc looks at none.
func (im *importer) checkArches() error {
	if im.opts.Engine == Runsc {
		return nil
	}
	for _, a := range im.p.listed(im.opts.Host) {
		abi, ok := linux.Lookup(archNames[archName(a)])
		remedy := "leave it out"
		if !ok {
			remedy += ": the machine's own is always served"
		}
		if slices.Contains(refusedArches[im.opts.Engine], archName(a)) {
			return fmt.Errorf("line %d: %s does not know %s, and the container does not start; %s",
				im.p.arches, im.opts.Engine, a, remedy)
		}
		// src/db.c of libseccomp, db_col_db_add: -EDOM
		if ok && abi.BigEndian != im.opts.Host.BigEndian {
			return fmt.Errorf("line %d: %s has another byte order than %s: libseccomp makes no "+
				"filter for both, and the container does not start; leave it out, or choose its "+
				"host by --arch", im.p.arches, a, im.opts.Host.Name)
		}
	}
	return nil
}

// calls returns an ABI's calls by number as libseccomp knows them: "syscall" of MIPS's o32, about
// which the kernel asks no filter, is one of them.
func calls(abi *linux.ABI) []linux.Syscall {
	out := abi.Syscalls()
	if nr, ok := abi.Number("syscall"); ok && abi.Unseen(nr) {
		out = append(out, linux.Syscall{Name: "syscall", Nr: nr})
		slices.SortFunc(out, func(a, b linux.Syscall) int { return cmp.Compare(a.Nr, b.Nr) })
	}
	return out
}

// callAt returns the name of the call that has a number.
func callAt(abi *linux.ABI, nr uint64) (string, bool) {
	if abi.Unseen(uint32(nr)) {
		return "syscall", true
	}
	return abi.SyscallName(uint32(nr))
}

// known are the numbers of an ABI's calls.
func known(abi *linux.ABI) (out []policy.Range) {
	for _, c := range calls(abi) {
		out = append(out, policy.Range{Lo: uint64(c.Nr), Hi: uint64(c.Nr)})
	}
	return policy.Union(out)
}
