package trace

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

var update = flag.Bool("update", false, "rewrite testdata/trace.txt")

func TestTraceGolden(t *testing.T) {
	const file = "testdata/trace.scp"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := compiler.Compile(file, src, compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	got := New(res).Text()
	const golden = "testdata/trace.txt"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-file +now); go test ./compiler/trace -update rewrites it\n%s", golden, d)
	}
}

// Of every policy each instruction is shown and belongs to a decision, each return says why it
// returns that, and a second trace is the same.
func TestTraceText(t *testing.T) {
	for _, file := range short.Some(policyFiles(t)) {
		res := compileFile(t, file)
		trace := New(res)
		text := string(trace.Text())
		for pc, in := range res.Program {
			if !strings.Contains(text, fmt.Sprintf("\n%4d  %s", pc, res.Program.Text(pc))) {
				t.Errorf("%s: instruction %d is not in the text", file, pc)
			}
			if len(trace.code[pc].decisions) == 0 {
				t.Errorf("%s: instruction %d belongs to no decision", file, pc)
			}
			if in.Op == asm.RetK && trace.comment(pc) == "" {
				t.Errorf("%s: nothing leads to the return %d", file, pc)
			}
		}
		if again := string(New(res).Text()); again != text {
			t.Errorf("%s: two traces differ", file)
		}
	}
}

func policyFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal("no policies", err)
	}
	return files
}

func compileFile(t *testing.T, file string) *compiler.Result {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := compiler.Compile(file, src, compiler.Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return res
}

// The instructions of a decision are those that its numbers meet one by one, and what can follow,
// also in the code of a compiler that takes pains over nothing.
func TestTraceFollowsEveryNumber(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, file := range policyFiles(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, off := range [][]string{nil, {"join-numbers"}, {"search-tree"}} {
			res, diags := compiler.Compile(file, src, compiler.Options{Disable: off})
			if res == nil {
				t.Fatal(diags)
			}
			for _, d := range New(res).decisions {
				if err := checkCode(res.Program, &d); err != nil {
					t.Errorf("%s without %v: %v", file, off, err)
				}
			}
		}
	}
}

// checkCode compares the code of a decision with what its numbers meet. Of wide decisions it tries
// the numbers near their ends only, so that there the trace may know of more.
func checkCode(p asm.Program, d *decision) error {
	const tried = 512
	met := map[int]bool{}
	for i := uint64(0); i <= min(d.nr.Hi-d.nr.Lo, tried); i++ {
		meet(p, met, asm.Data{Arch: uint32(d.arch.Lo), Nr: uint32(d.nr.Lo + i)})
		meet(p, met, asm.Data{Arch: uint32(d.arch.Hi), Nr: uint32(d.nr.Hi - i)})
	}
	for pc := range met {
		if !d.code[pc] {
			return fmt.Errorf("%v meets instruction %d, which is not among its code", d.nr, pc)
		}
	}
	if d.nr.Hi-d.nr.Lo <= tried && len(met) != len(d.code) {
		return fmt.Errorf("%v meets %d instructions, not %d", d.nr, len(met), len(d.code))
	}
	return nil
}

// meet adds the instructions that a call of a number may execute.
func meet(p asm.Program, met map[int]bool, call asm.Data) {
	a, known := uint32(0), true // known: A holds arch or nr
	var walk func(pc int)
	walk = func(pc int) {
		in := p[pc]
		if met[pc] && !known || in.Op == asm.RetK {
			met[pc] = true
			return
		}
		met[pc] = true
		yes, no := p.Next(pc)
		switch {
		case in.Op == asm.LdAbs && in.K == asm.OffArch:
			a = call.Arch
		case in.Op == asm.LdAbs && in.K == asm.OffNr:
			a = call.Nr
		case in.Op == asm.LdAbs:
			known = false
		case known && yes != no && asm.Holds(in.Op, a, in.K):
			no = yes
		case known:
			yes = no
		}
		walk(yes)
		if no != yes {
			walk(no)
		}
	}
	walk(0)
}

// A return to which rules and a caller of another ABI lead names both.
func TestTraceMismatch(t *testing.T) {
	res, diags := compiler.Compile("p.scp", []byte("arch x86_64\ndefault allow\nkill ptrace\n"),
		compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	trace := New(res)
	for pc, in := range res.Program {
		if in.Op == asm.RetK && in.K == uint32(policy.KillProcess) {
			if got, want := trace.comment(pc), "line 3, mismatch"; got != want {
				t.Errorf("the return of kill comes from %q, want %q", got, want)
			}
		}
	}
}

// What would move a terminal's cursor or hide text is shown, not obeyed. The language refuses most
// of it, but nobody refuses file names.
func TestTracePrintable(t *testing.T) {
	src := "arch x86_64\r\n\tdefault allow # \u00fc\r\n"
	res, diags := compiler.Compile("p\n\x1b.scp", []byte(src), compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	text := string(New(res).Text())
	const want = "== source p??.scp\n   1  arch x86_64\n   2   default allow # \u00fc\n=="
	if !strings.HasPrefix(text, want) {
		t.Errorf("the text begins\n%.90s\nwant\n%s", text, want)
	}
}
