//go:build linux && amd64

package confirm

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// What policy.Data claims of the kernel's struct is shared by policies, programs and proofs, so
// that no proof can find it wrong. Here the kernel is asked: a filter answers the numbers from
// firstByte on with the bytes of the struct that it is shown, one each.

const firstByte = 2000 // no table has these numbers

// showing returns the filter: byte i of the struct, in the order of its words, is the errno of call
// firstByte+i.
func showing() asm.Program {
	p := asm.Program{ // a filter that never looks at arch is refused
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, K: 0, Jf: 1},
		{Op: asm.RetK, K: uint32(policy.KillProcess)},
	}
	for i := range uint32(asm.DataSize) {
		p = append(p,
			asm.Instruction{Op: asm.LdAbs, K: asm.OffNr},
			asm.Instruction{Op: asm.JeqK, K: firstByte + i, Jf: 5},
			asm.Instruction{Op: asm.LdAbs, K: i / 4 * 4},
			asm.Instruction{Op: asm.RshK, K: i % 4 * 8},
			asm.Instruction{Op: asm.AndK, K: 0xff},
			asm.Instruction{Op: asm.OrK, K: uint32(policy.Errno)},
			asm.Instruction{Op: asm.RetA})
	}
	return append(p, asm.Instruction{Op: asm.RetK, K: uint32(policy.Allow)})
}

// shown makes the calls, with garbage above the number, and returns the words of the struct. The
// word of nr is made of the lowest byte of each of four calls' own number.
func (e entry) shown(t *testing.T, args [6]uint64) [asm.DataSize / 4]uint32 {
	t.Helper()
	var lines []string
	for i := range uint64(asm.DataSize) {
		line := fmt.Sprintf("%s %x", e.way, (garbage|firstByte+i)&e.registers(t))
		for _, a := range args {
			line += fmt.Sprintf(" %x", a&e.registers(t))
		}
		lines = append(lines, line)
	}
	var words [asm.DataSize / 4]uint32
	for i, errno := range e.errnos(t, lines, write(t, showing())) {
		words[i/4] |= uint32(errno) << (i % 4 * 8)
	}
	return words
}

// registers is what the caller's registers can hold: a program for i386 has 32 bits, 64-bit code
// that makes an i386 call has 64.
func (e entry) registers(t *testing.T) uint64 {
	if e.prober == go386(t).prober {
		return policy.Ones(32)
	}
	return policy.Ones(64)
}

// Every field of policy.Data is what the kernel shows, from each way in.
func TestDataIsWhatTheKernelShows(t *testing.T) {
	const page = 0x1_2345_6000 // above 4 GiB
	at := func(e entry) entry { e.way = fmt.Sprintf("%s@%x", e.way, uint64(page)); return e }
	args := [6]uint64{}
	for i := range args {
		args[i] = 0x8877665544332211 + uint64(i)*0x0101010101010101
	}
	for _, test := range []struct {
		name string
		entry
		ip uint64 // behind the instruction; 0: not known
	}{
		{"x86_64", native(t), 0},
		{"x86_64 above 4 GiB", at(native(t)), page + 4 + 2},
		{"i386 from 64-bit code", int80(t), 0},
		{"i386 from 64-bit code above 4 GiB", at(int80(t)), page + 2},
		{"i386", go386(t), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := policy.Data{Arch: test.table(t).Arch, IP: test.ip}
			for i, a := range args {
				want.Args[i] = a & test.registers(t)
			}
			words := asm.Data(want).Words(binary.NativeEndian)
			got := test.shown(t, args)
			for i := range uint32(4) { // the number differs from call to call
				words[0] |= (firstByte + i) >> (i * 8) & 0xff << (i * 8)
			}
			for i := range words {
				ofIP := asm.OffIP/4 <= i && i < asm.OffArgs/4
				if got[i] != words[i] && (!ofIP || test.ip != 0) {
					name := asm.WordName(uint32(i*4), binary.NativeEndian)
					t.Errorf("%s is %#x, want %#x", name, got[i], words[i])
				}
			}
		})
	}
}

// A rule about ip does not let through an i386 call whose address has the same lower half.
func TestInstructionPointerIsWhole(t *testing.T) {
	for _, name := range []string{"i386", "x86_64"} {
		src := "default allow\ndeny(77) getppid if ip not in {0x2345_6000..0x2345_6fff}\n"
		res, diags := compiler.Compile("ip.scp", []byte(src), both())
		if res == nil {
			t.Fatal(diags)
		}
		e := native(t)
		if name == "i386" {
			e = int80(t)
		}
		abi, _ := linux.Lookup(name)
		nr, _ := abi.Number("getppid")
		lines := []string{
			fmt.Sprintf("%s@23456000 %x", e.way, nr), fmt.Sprintf("%s@123456000 %x", e.way, nr),
			fmt.Sprintf("%s %x", e.way, nr),
		}
		got := e.errnos(t, lines, write(t, res.Program))
		if got[0] != 0 || got[1] != 77 || got[2] != 77 {
			t.Errorf("%s: errnos %d from 0x23456000, %d from 0x123456000, %d from elsewhere; "+
				"want 0, 77, 77",
				name, got[0], got[1], got[2])
		}
	}
}
