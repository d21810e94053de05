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
