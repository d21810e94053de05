package runtime

import (
	"maps"
	"testing"

	"github.com/seccompc/seccompc/linux"
)

// The package does without the tables of package linux; what it knows of them is what they say.
func TestArchesAreTheTables(t *testing.T) {
	rest := maps.Clone(arches)
	for _, abi := range linux.ABIs() {
		if port := abi.GOARCH; port != "" {
			if arches[port] != abi.Arch {
				t.Errorf("%s: arch %#x, and %s has %#x", port, arches[port], abi.Name, abi.Arch)
			}
			delete(rest, port)
		}
	}
	if len(rest) > 0 {
		t.Errorf("no ABI has %v", rest)
	}
}

// What Start knows of each port is its tables' too.
func TestPortsAreTheTables(t *testing.T) {
	byArch := map[uint32]*linux.ABI{}
	for _, abi := range linux.ABIs() {
		if abi.GOARCH != "" {
			byArch[abi.Arch] = abi
		}
	}
	for port, arch := range arches {
		list := ports[port]
		if len(list) == 0 || list[0].arch != arch {
			t.Errorf("%s: the first ABI is not the port's own", port)
		}
		for _, a := range list {
			abi := byArch[a.arch]
			if 8*a.word != abi.Bits || a.word*a.size > len(registers{}) {
				t.Errorf("%s: %d registers of %d bytes", abi.Name, a.size, a.word)
			}
			for name, nr := range map[string]uint64{
				"prctl": a.prctl, "seccomp": a.seccomp, "close": a.close,
			} {
				if is, _ := abi.Number(name); uint64(is) != nr {
					t.Errorf("%s: %s is %d, and here %d", abi.Name, name, is, nr)
				}
			}
		}
	}
}
