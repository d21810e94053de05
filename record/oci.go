package record

import (
	"encoding/json"
	"slices"

	"github.com/seccompc/seccompc/linux"
)

// OCIProfile returns the seccomp configuration of a container whose calls are to be recorded: it
// leaves them to who listens at a Unix socket. It is the "seccomp" object of the OCI's runtime
// specification (config-linux.md). Names that a container runtime does not know it passes over.
func OCIProfile(socket string) []byte {
	type rule struct {
		Names  []string `json:"names"`
		Action string   `json:"action"`
	}
	profile := struct {
		DefaultAction string   `json:"defaultAction"`
		Architectures []string `json:"architectures"`
		ListenerPath  string   `json:"listenerPath"`
		Syscalls      []rule   `json:"syscalls"`
	}{"SCMP_ACT_ALLOW", ociArches(), socket, nil}
	names := slices.DeleteFunc(linux.SyscallNames(), func(name string) bool {
		return slices.Contains(UnseenByOCI, name)
	})
	profile.Syscalls = []rule{{names, "SCMP_ACT_NOTIFY"}}
	text, err := json.MarshalIndent(profile, "", "  ")
	if err != nil {
		panic("record: " + err.Error())
	}
	return append(text, '\n')
}

// UnseenByOCI are the calls that are left to no supervisor, so that no recording has them: those
// that runc makes under its filter before somebody has the listener. It needs write to hand that
// over, and the rest is what the runtime of Go may do at any time, as return from the signal by
// which it shares the processor: a call that nobody answers would hold the container for ever.
var UnseenByOCI = []string{"write", "rt_sigreturn", "futex", "sched_yield", "nanosleep"}

// ociArches returns the names that libseccomp has for the ABIs of this machine.
func ociArches() []string {
	native, _ := linux.Native()
	if native == nil {
		return nil
	}
	switch native.Name {
	case "x86_64", "i386":
		return []string{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}
	case "aarch64":
		return []string{"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}
	}
	names := map[string]string{
		"arm": "ARM", "riscv64": "RISCV64", "loongarch64": "LOONGARCH64", "ppc64": "PPC64",
		"ppc64le": "PPC64LE", "s390x": "S390X", "s390": "S390", "mips": "MIPS", "mipsel": "MIPSEL",
		"mips64": "MIPS64", "mips64el": "MIPSEL64", "ppc": "PPC",
	}
	return []string{"SCMP_ARCH_" + names[native.Name]}
}
