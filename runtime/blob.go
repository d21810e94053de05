package runtime

import (
	"encoding/binary"

	"github.com/seccompc/seccompc/asm"
)

// stackMark is the opcode that announces a filter in a stack. No filter begins with it: it is no
// opcode.
const stackMark = 0xffff

// EncodeStack returns filters as one blob. A single filter is a plain array of struct sock_filter,
// which other programs take as well. Of several, each stands behind an instruction of its own:
// opcode 0xffff, which no filter has, and its length in k.
func EncodeStack(filters ...asm.Program) []byte {
	if len(filters) == 1 {
		return filters[0].Encode(binary.NativeEndian)
	}
	var b []byte
	for _, p := range filters {
		mark := asm.Program{{Op: stackMark, K: uint32(len(p))}}
		b = append(append(b, mark.Encode(binary.NativeEndian)...), p.Encode(binary.NativeEndian)...)
	}
	return b
}

// Relocations say where a filter waits for late values: a *relocation.List.
type Relocations interface {
	Fill(filter []byte, values ...uint64) error
}

// Fill puts late values, in the order of the list, into a filter that waits for them, before it is
// parsed: see relocation.List. A value of a signed type is extended by its sign, so that -1 is
// ^uint64(0). It allocates nothing unless there is an error, and leaves the filter as it was then.
// A filter is filled once: [Parse] refuses one that waits, with an error that is
// [asm.ErrUnfilled], and Fill one that does not.
func Fill(filter []byte, list Relocations, values ...uint64) error {
	return list.Fill(filter, values...)
}
