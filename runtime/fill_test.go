package runtime

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/relocation"
)

// TestFill: a filter that waits is filled once, and without allocating; Parse refuses it before.
func TestFill(t *testing.T) {
	order := binary.NativeEndian
	program := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArgs},
		{Op: asm.Waiting, Jt: 1, K: asm.Place{}.K()},
		{Op: asm.RetK},
		{Op: asm.RetK, K: 0x7fff0000},
	}
	raw := program.Encode(order)
	list := &relocation.List{
		SHA256: sha256.Sum256(raw), Order: order, Places: program.Places(),
		Values: []relocation.Value{{Name: "a", Width: 32, Signed: true, Min: ^uint64(0), Max: 9}},
	}
	_, err := Parse(raw)
	if !errors.Is(err, asm.ErrUnfilled) && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("an unfilled filter: %v", err)
	}
	filter := slices.Clone(raw)
	if err := Fill(filter, list, 10); err == nil || !slices.Equal(filter, raw) {
		t.Errorf("out of range: %v", err)
	}
	minusOne := int32(-1)
	if n := testing.AllocsPerRun(10, func() {
		copy(filter, raw)
		if err := Fill(filter, list, uint64(minusOne)); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	program[1].Op, program[1].K = asm.JeqK, 0xffffffff
	if want := program.Encode(order); !slices.Equal(filter, want) {
		t.Errorf("% x, want % x", filter, want)
	}
	if err := Fill(filter, list, 1); !errors.Is(err, relocation.ErrFilled) {
		t.Errorf("a second filling: %v", err)
	}
}
