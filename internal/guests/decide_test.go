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

// compilerOf returns the C compiler of such a guest, with its options.
func (g guest) compilerOf() ([]string, bool) {
	command, ok := strings.CutPrefix(g.goarch, "cc ")
	return strings.Fields(command), ok
}

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
			for _, a := range c.Args {
				put(uint32(a >> 32))
			}
		}
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// layout is a filter that answers a call with what it sees of an argument, a number for each word,
// from getppid on: whether args holds what the caller has put there.
func layout(abi *linux.ABI) job.Decide {
	getppid, _ := abi.Number("getppid")
	order := abi.ByteOrder()
	d := job.Decide{Name: "arguments"}
	p := asm.Program{{Op: asm.LdAbs, K: asm.OffArch}, {Op: asm.JeqK, Jf: 1, K: abi.Arch},
		{Op: asm.LdAbs, K: asm.OffNr}}
	sees := func(word uint32, want func(c job.Call) uint64) {
		c := job.Call{Nr: getppid + uint32(len(d.Calls))}
		for i := range c.Args {
			c.Args[i] = uint64(0x101 * (i + 1))
			if abi.Bits == 64 {
				c.Args[i] |= uint64(0x101*(i+7)) << 32
			}
		}
		d.Calls, d.Want = append(d.Calls, c), append(d.Want, uint16(want(c)))
		p = append(p, asm.Program{{Op: asm.JeqK, Jf: 3, K: c.Nr}, {Op: asm.LdAbs, K: word},
			{Op: asm.OrK, K: 0x50000}, {Op: asm.RetA}}...)
	}
	for i := range 6 {
		sees(asm.LowWord(i, order), func(c job.Call) uint64 {
			if abi.Shifted { // by the number
				return append([]uint64{uint64(c.Nr)}, c.Args[:]...)[i]
			}
			return c.Args[i] & 0xffffffff
		})
		if abi.Bits == 64 {
			sees(asm.HighWord(i, order), func(c job.Call) uint64 { return c.Args[i] >> 32 })
		}
	}
	d.Filter = append(p, asm.Instruction{Op: asm.RetK, K: 0x50001}).Encode(order)
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
