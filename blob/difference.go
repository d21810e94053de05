package blob

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
)

// Difference says in words where a file first differs from what it should be, in a format of
// [Formats] or [Modules]; "" where it does not. The version of seccompc in a source may differ.
func Difference(format string, order binary.ByteOrder, file, want []byte) string {
	if format == "raw" {
		return rawDifference(order, file, want)
	}
	old, now := strings.Split(string(file), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(old), len(now)) {
		switch {
		case i >= len(old):
			return fmt.Sprintf("the file ends before line %d, %q", i+1, diag.Printable(now[i]))
		case i >= len(now):
			return fmt.Sprintf("line %d: %q is more than the policy says", i+1,
				diag.Printable(old[i]))
		case old[i] != now[i] && !(i < 3 && unversioned(old[i]) == unversioned(now[i])):
			return fmt.Sprintf("line %d: the file has %q, the policy says %q", i+1,
				diag.Printable(old[i]),
				diag.Printable(now[i]))
		}
	}
	return ""
}

// unversioned is the heading of a source without the version that wrote it.
func unversioned(line string) string {
	before, rest, ok := strings.Cut(line, written)
	_, after, from := strings.Cut(rest, " from ")
	if !ok || !from {
		return line
	}
	return before + written + after
}

func rawDifference(order binary.ByteOrder, file, want []byte) string {
	if bytes.Equal(file, want) {
		return ""
	}
	old, err := asm.Decode(file, order)
	if err != nil {
		return fmt.Sprintf("the file is no filter: %v", err)
	}
	now, err := asm.Decode(want, order)
	if err != nil {
		return err.Error()
	}
	for i := range min(len(old), len(now)) {
		if old[i] != now[i] {
			return fmt.Sprintf("instruction %d: the file has %q, the policy says %q", i,
				old.Text(i), now.Text(i))
		}
	}
	return fmt.Sprintf("the file has %d instructions, the policy says %d", len(old), len(now))
}
