package explain

import (
	"encoding/binary"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
)

// TestDecided holds the program that Graph draws to the whole one, for each call of the real
// policies with random arguments, and wants no test of the number in what is drawn.
func TestDecided(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal("no policies", err)
	}
	random := rand.New(rand.NewSource(1))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res, diags := compiler.Compile(file, text, compiler.Options{})
		if res == nil {
			t.Fatal(diags.Err())
		}
		if len(res.Policy.Late) > 0 {
			continue // it cannot be run; Graph draws it in a script of cmd
		}
		for _, abi := range res.ABIs {
			for _, s := range abi.Syscalls() {
				checkDecided(t, random, res.Program, res.Order, abi, s)
			}
		}
	}
}

func checkDecided(
	t *testing.T, random *rand.Rand, p asm.Program, order binary.ByteOrder, abi *linux.ABI,
	s linux.Syscall,
) {
	t.Helper()
	rest := decided(p, order, abi.Arch, s.Nr)
	for range 4 {
		d := asm.Data{Nr: s.Nr, Arch: abi.Arch}
		for i := range d.Args {
			d.Args[i] = uint64(random.Intn(64)) << random.Intn(58)
		}
		want, err := p.Run(d, order)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := rest.Run(d, order); err != nil || got.Ret != want.Ret {
			t.Errorf("%s: %s %v: %#x %v, the program says %#x", abi.Name, s.Name, d, got.Ret, err,
				want.Ret)
		}
	}
	graph, err := Graph(p, order, abi, s.Nr)
	if err != nil || strings.Contains(graph, "nr ") || strings.Contains(graph, "arch ") {
		t.Errorf("%s: %s: %v\n%s", abi.Name, s.Name, err, graph)
	}
}
