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
			return nil, errors.New("runtime: this filter is in the byte order of another machine; " +
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
