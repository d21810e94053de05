package claims

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// A door is a way to make a system call: its own number, or a multiplexer's with the call's number
// behind it in the first argument.
type door struct {
	nr   uint32
	mask uint32 // of the first argument's bits that choose the call: 0 for the call's own number
	call uint32
}

// doorsOf returns the doors of a call: include/uapi/linux/net.h and ipc.h, read by net/socket.c in
// 32 bits, by ipc/syscall.c in 16.
func doorsOf(abi *linux.ABI, name string) []door {
	var out []door
	if nr, ok := abi.Number(name); ok {
		out = append(out, door{nr: nr})
	}
	if mux, call, ok := abi.Multiplexed(name); ok {
		nr, _ := abi.Number(mux)
		mask := map[string]uint32{"socketcall": 0xffffffff, "ipc": 0xffff}[mux]
		out = append(out, door{nr, mask, call})
	}
	return out
}

func (d door) holds(call policy.Data) bool {
	return call.Nr == d.nr && uint32(call.Args[0])&d.mask == d.call&d.mask
}

// shutting is a program that denies what comes by the doors and allows everything else.
func shutting(doors []door, order binary.ByteOrder) asm.Program {
	var p asm.Program
	for _, d := range doors {
		p = append(p,
			asm.Instruction{Op: asm.LdAbs, K: asm.OffNr},
			asm.Instruction{Op: asm.JeqK, K: d.nr, Jf: 4},
			asm.Instruction{Op: asm.LdAbs, K: asm.LowWord(0, order)},
			asm.Instruction{Op: asm.AndK, K: d.mask},
			asm.Instruction{Op: asm.JeqK, K: d.call & d.mask, Jf: 1},
			asm.Instruction{Op: asm.RetK, K: uint32(policy.Errno | 1)})
	}
	return append(p, asm.Instruction{Op: asm.RetK, K: uint32(policy.Allow)})
}

// A claim is as strong as its weakest door: for every call behind a multiplexer on every ABI, all
// doors shut keep the claim, and with any one of them open it fails with a call that comes by that
// one.
func TestEveryDoorCounts(t *testing.T) {
	t.Parallel()
	tried := map[string]int{}
	for _, abi := range linux.ABIs() {
		for _, name := range linux.SyscallNames() {
			if _, _, ok := abi.Multiplexed(name); !ok {
				continue
			}
			tried[abi.Name]++
			text := fmt.Sprintf("arch %s\ndefault allow\ntest \"shut\" { %s => deny(EPERM) }\n",
				abi.Name, name)
			r, diags := resolve.Text("p.scp", []byte(text), resolve.Options{})
			if r == nil {
				t.Fatal(diags)
			}
			checkDoors(t, r, name)
		}
	}
	for _, name := range []string{"i386", "ppc64", "ppc64le", "s390", "s390x", "mips", "mipsel"} {
		if tried[name] < 20 {
			t.Errorf("%s: %d calls behind a multiplexer", name, tried[name])
		}
	}
}

func checkDoors(t *testing.T, r *resolve.Resolved, name string) {
	t.Helper()
	abi := r.ABIs[0]
	var order binary.ByteOrder = binary.LittleEndian
	if abi.BigEndian {
		order = binary.BigEndian
	}
	doors := doorsOf(abi, name)
	failures := func(shut []door) []Failure {
		c, err := New(r, shutting(shut, order), order)
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.Check()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if failed := failures(doors); len(failed) > 0 {
		t.Errorf("%s: %s with all doors shut: %+v", abi.Name, name, failed[0].Call)
	}
	for i, open := range doors {
		failed := failures(slices.Delete(slices.Clone(doors), i, i+1))
		switch {
		case len(failed) != 1:
			t.Errorf("%s: %s with the door %+v open: %d claims fail", abi.Name, name, open,
				len(failed))
		case !open.holds(failed[0].Call):
			t.Errorf("%s: %s with the door %+v open fails with %+v", abi.Name, name, open,
				failed[0].Call)
		}
	}
}
