//go:build linux

package guests

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/guests/job"
	"github.com/seccompc/seccompc/linux"
)

// Machines that Go has no port for run decide/init.c, which does one part of a job.

// compilerOf returns the C compiler of such a guest.
func (g guest) compilerOf() (string, bool) { return strings.CutPrefix(g.goarch, "cc ") }

// writeForC writes what decide/init.c reads: the calls that are to be decided.
func writeForC(t *testing.T, file string, abi *linux.ABI, list []job.Decide) {
	t.Helper()
	var b bytes.Buffer
	put := func(v ...uint32) {
		if err := binary.Write(&b, abi.ByteOrder(), v); err != nil {
			t.Fatal(err)
		}
	}
	put(uint32(len(list)))
	for _, d := range list {
		name := make([]byte, 64)
		copy(name[:63], d.Name)
		b.Write(name)
		put(uint32(len(d.Filter) / 8))
		b.Write(d.Filter)
		put(uint32(len(d.Calls)))
		for i, c := range d.Calls {
			put(c.Nr, uint32(d.Want[i]))
			for _, a := range c.Args {
				put(uint32(a))
			}
		}
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// layout are filters that answer getppid with what they see of an argument, a word each: whether
// args holds what the caller has put there.
func layout(abi *linux.ABI) job.Decide {
	getppid, _ := abi.Number("getppid")
	d := job.Decide{Name: "arguments"}
	call := job.Call{Nr: getppid}
	for i := range call.Args {
		call.Args[i] = uint64(0x101 * (i + 1))
	}
	p := asm.Program{{Op: asm.LdAbs, K: asm.OffArch}, {Op: asm.JeqK, Jf: 1, K: abi.Arch},
		{Op: asm.LdAbs, K: asm.OffNr}}
	for i := range call.Args { // the number, from getppid on, says which
		p = append(p, asm.Instruction{Op: asm.JeqK, Jf: 3, K: getppid + uint32(i)},
			asm.Instruction{Op: asm.LdAbs, K: asm.LowWord(i, abi.ByteOrder())},
			asm.Instruction{Op: asm.OrK, K: 0x50000}, asm.Instruction{Op: asm.RetA})
		c := call
		c.Nr += uint32(i)
		want := uint16(call.Args[i])
		if abi.Shifted { // by the number
			want = uint16(append([]uint64{uint64(c.Nr)}, call.Args[:]...)[i])
		}
		d.Calls, d.Want = append(d.Calls, c), append(d.Want, want)
	}
	d.Filter = append(p, asm.Instruction{Op: asm.RetK, K: 0x50001}).Encode(abi.ByteOrder())
	return d
}

// TestDecideDoesNothingElsewhere is TestInitDoesNothingElsewhere for decide/init.c.
func TestDecideDoesNothingElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "init")
	if out, err := exec.Command("gcc", "-o", file, "decide/init.c").CombinedOutput(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			t.Skip("no gcc")
		}
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(file).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "this is the init of a guest") {
		t.Errorf("%v\n%s", err, out)
	}
}
