package kafel

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// Kafel calls the calls as the kernel's functions are called, which is not how the tables do.
var functions = map[string]string{"newstat": "stat", "newfstat": "fstat", "newlstat": "lstat",
	"newuname": "uname", "sendfile64": "sendfile", "sysctl": "_sysctl", "umount": "umount2"}

// wideIDs are the calls of 32-bit ABIs of which the plain name is that of 16 bits in the tables,
// and that of 32 bits for kafel.
var wideIDs = strings.Fields("chown fchown getgroups getresgid getresuid lchown setfsgid " +
	"setfsuid setgid setgroups " +
	"setregid setresgid setresuid setreuid setuid")

// oldNames are others of 32-bit ABIs, as x86 has them.
var oldNames = map[string]string{"llseek": "_llseek", "mmap_pgoff": "mmap2", "old_mmap": "mmap",
	"old_readdir": "readdir", "old_select": "select", "select": "_newselect", "oldumount": "umount",
	"old_getrlimit": "getrlimit", "getrlimit": "ugetrlimit", "stat": "oldstat", "fstat": "oldfstat",
	"lstat": "oldlstat", "uname": "olduname", "olduname": "oldolduname"}

// callNumber returns the number that a name has for kafel.
func callNumber(abi *linux.ABI, name string) (uint32, bool) {
	if abi.Bits == 32 {
		plain, short := strings.CutSuffix(name, "16")
		if slices.Contains(wideIDs, plain) {
			if !short {
				plain += "32"
			}
			return abi.Number(plain)
		}
		if other, ok := oldNames[name]; ok {
			return abi.Number(other)
		}
		if name == "sendfile64" {
			return abi.Number(name)
		}
	}
	if other, ok := functions[name]; ok {
		return abi.Number(other)
	}
	return abi.Number(name)
}
