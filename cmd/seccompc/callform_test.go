package main

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// TestCallsReadBack gives every form of call that is printed to what reads calls: of each ABI and
// of values of arch that are none's, in both byte orders, with numbers of no table and of other
// ABIs, with full registers and with an instruction pointer.
func TestCallsReadBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(12, 14))
	forms := 0
	for range short.Rounds(2000) {
		order := []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}[r.IntN(2)]
		f := &stacked{name: "f", filters: []*filter{
			{name: "f", program: asm.Program{{Op: asm.RetK}}, order: order}}}
		d := randomCall(r)
		text := explain.Call(d, order)
		calls, err := concreteCalls(&cobra.Command{}, f, "", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !slices.ContainsFunc(calls, func(c concrete) bool { return c.data == d }) {
			t.Errorf("%s is read as %+v, not %+v", text, calls, d)
		}
		if forms++; t.Failed() && forms > 100 {
			return
		}
	}
}

func randomCall(r *rand.Rand) policy.Data {
	abi := linux.ABIs()[r.IntN(len(linux.ABIs()))]
	table := abi.Syscalls()
	d := policy.Data{Arch: abi.Arch, Nr: table[r.IntN(len(table))].Nr}
	switch r.IntN(6) {
	case 0:
		d.Arch = []uint32{0, 7, 1 << 31, r.Uint32()}[r.IntN(4)]
	case 1:
		d.Nr = []uint32{1000, 4303, 5262, 6266, 1 << 30, 0xffffffff, r.Uint32()}[r.IntN(7)]
	}
	for i := range r.IntN(7) {
		d.Args[i] = r.Uint64() >> r.IntN(64)
		if r.IntN(3) == 0 {
			d.Args[i] = []uint64{0, 1, 1 << 32, 0xffffffff, ^uint64(0), 0xffffff9c}[r.IntN(6)]
		}
	}
	if r.IntN(4) == 0 {
		d.IP = r.Uint64() >> r.IntN(64)
	}
	return d
}
