package asm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docProgram is the listing of the package comment.
var docProgram = func() string {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		panic(err)
	}
	lines := regexp.MustCompile(`(?m)^//\t(\d{3}: .*)$`).FindAllStringSubmatch(string(source), -1)
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l[1])
	}
	return b.String()
}()

func TestDocProgram(t *testing.T) {
	p := mustParse(docProgram)
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	comments := []string{1: "x86_64", 3: "x32", 5: "ptrace", 6: "socket", 7: "arg0.lo",
		8: "AF_UNIX", 11: ""}
	var b strings.Builder
	if err := p.Format(&b, func(pc int) string { return comments[pc] }); err != nil {
		t.Fatal(err)
	}
	if b.String() != docProgram {
		t.Errorf("the package comment has\n%sFormat writes\n%s", docProgram, &b)
	}
	const x86, i386 = 0xc000003e, 0x40000003
	for _, c := range []struct {
		data Data
		want uint32
	}{
		{Data{Nr: 0, Arch: x86}, retAllow},
		{Data{Nr: 0, Arch: i386}, 0x80000000},
		{Data{Nr: 0x40000000, Arch: x86}, 0x80000000},
		{Data{Nr: 101, Arch: x86}, 0x50001},
		{Data{Nr: 41, Arch: x86, Args: [6]uint64{1}}, retAllow},
		{Data{Nr: 41, Arch: x86, Args: [6]uint64{0xdead00000001}}, retAllow},
		{Data{Nr: 41, Arch: x86, Args: [6]uint64{2}}, 0x50026},
	} {
		if got, err := p.Run(c.data, orders[0]); err != nil || got.Ret != c.want {
			t.Errorf("%+v: %#x, %v; want %#x", c.data, got.Ret, err, c.want)
		}
	}
}

// Every form, as the assembler writes it.
var forms = []struct {
	in   Instruction
	text string
}{
	{Instruction{Op: LdAbs, K: 0}, "ld   nr"},
	{Instruction{Op: LdAbs, K: 4}, "ld   arch"},
	{Instruction{Op: LdAbs, K: 16}, "ld   [16]"},
	{Instruction{Op: LdAbs, K: 0xfffff000}, "ld   [4294963200]"},
	{Instruction{Op: LdLen}, "ld   len"},
	{Instruction{Op: LdImm, K: 4095}, "ld   #4095"},
	{Instruction{Op: LdImm, K: 4096}, "ld   #0x1000"},
	{Instruction{Op: LdMem, K: 15}, "ld   M[15]"},
	{Instruction{Op: LdxLen}, "ldx  len"},
	{Instruction{Op: LdxImm, K: 1}, "ldx  #1"},
	{Instruction{Op: LdxMem, K: 1}, "ldx  M[1]"},
	{Instruction{Op: St, K: 2}, "st   M[2]"},
	{Instruction{Op: Stx, K: 99}, "stx  M[99]"},
	{Instruction{Op: AddK, K: 1}, "add  #1"},
	{Instruction{Op: AddX}, "add  x"},
	{Instruction{Op: SubX}, "sub  x"},
	{Instruction{Op: MulX}, "mul  x"},
	{Instruction{Op: DivK}, "div  #0"},
	{Instruction{Op: DivX}, "div  x"},
	{Instruction{Op: OrK, K: 8}, "or   #8"},
	{Instruction{Op: AndK, K: 0xffff}, "and  #0xffff"},
	{Instruction{Op: LshX}, "lsh  x"},
	{Instruction{Op: RshK, K: 3}, "rsh  #3"},
	{Instruction{Op: Neg}, "neg"},
	{Instruction{Op: XorX}, "xor  x"},
	{Instruction{Op: Ja, K: 2}, "ja   3"},
	{Instruction{Op: Ja, K: 0xffffffff}, "ja   4294967296"},
	{Instruction{Op: JeqK, Jt: 1, Jf: 255, K: 7}, "jeq  #7, 2, 256"},
	{Instruction{Op: JeqX, Jt: 1}, "jeq  x, 2, 1"},
	{Instruction{Op: JgtK}, "jgt  #0, 1, 1"},
	{Instruction{Op: JgeX, Jf: 1}, "jge  x, 1, 2"},
	{Instruction{Op: JsetK, K: 0x80000000}, "jset #0x80000000, 1, 1"},
	{Instruction{Op: RetA}, "ret  a"},
	{Instruction{Op: RetK, K: 0x7fff0000}, "ret  allow"},
	{Instruction{Op: RetK, K: 0x7fff0001}, "ret  allow(1)"},
	{Instruction{Op: RetK, K: 0x7ffc0000}, "ret  log"},
	{Instruction{Op: RetK, K: 0x7ff00000}, "ret  trace(0)"},
	{Instruction{Op: RetK, K: 0x7fc00000}, "ret  user_notif"},
	{Instruction{Op: RetK, K: 0x0005ffff}, "ret  errno(65535)"},
	{Instruction{Op: RetK, K: 0x00030007}, "ret  trap(7)"},
	{Instruction{Op: RetK, K: 0}, "ret  kill_thread"},
	{Instruction{Op: RetK, K: 0x80000000}, "ret  kill_process"},
	{Instruction{Op: RetK, K: 0x7ffe0000}, "ret  #0x7ffe0000"},
	{Instruction{Op: Tax}, "tax"},
	{Instruction{Op: Txa}, "txa"},
	{Instruction{Op: Tax, K: 7}, ".raw 0x7, 0, 0, 0x7"},
	{Instruction{Op: AddK, Jt: 1, K: 2}, ".raw 0x4, 1, 0, 0x2"},
	{Instruction{Op: AddX, K: 2}, ".raw 0xc, 0, 0, 0x2"},
	{Instruction{Op: Ja, Jf: 1}, ".raw 0x5, 0, 1, 0x0"},
	{Instruction{Op: JeqX, K: 1}, ".raw 0x1d, 0, 0, 0x1"},
	{Instruction{Op: RetA, K: 1}, ".raw 0x16, 0, 0, 0x1"},
	{Instruction{Op: 0xffff, Jt: 255, Jf: 255, K: 0xffffffff}, ".raw 0xffff, 255, 255, 0xffffffff"},
}

func TestForms(t *testing.T) {
	written := map[string]bool{}
	for _, f := range forms {
		p := Program{f.in}
		if got := p.Text(0); got != f.text {
			t.Errorf("%+v: %q, want %q", f.in, got, f.text)
		}
		if got, err := Parse(f.text); err != nil || !slices.Equal(got, p) {
			t.Errorf("%q: %v, %v; want %v", f.text, got, err, p)
		}
		written[strings.Fields(f.text)[0]] = true
	}
	for _, s := range syntaxes {
		if !written[s.mnemonic] {
			t.Errorf("no example of %s", s.mnemonic)
		}
	}
}

func TestParseIsTheInverseOfString(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		p := maybeDamaged(r)
		if r.IntN(3) == 0 {
			for i := range p {
				p[i] = Instruction{Op: uint16(r.Uint32()), K: r.Uint32()}
				p[i].Jt, p[i].Jf = uint8(r.Uint32()), uint8(r.Uint32())
			}
		}
		if got, err := Parse(p.String()); err != nil || !slices.Equal(got, p) {
			t.Fatalf("%v: %v from\n%s", got, err, p)
		}
	}
	if got, err := Parse(Program{}.String()); err != nil || len(got) != 0 {
		t.Errorf("the empty program reads back as %v, %v", got, err)
	}
}

func TestParseLabels(t *testing.T) {
	const text = `
		; the head
		start: ld arch            ; a label and an instruction
		jeq #0xc000003e, good, bad` + "\r" + `
	good:
	also_good:
		003: ret allow ; wrong number
	bad: ret kill_process`
	p, err := Parse(strings.Replace(text, "003:", "002:", 1))
	want := Program{{Op: LdAbs, K: 4}, {Op: JeqK, Jf: 1, K: 0xc000003e}, allow,
		{Op: RetK, K: 0x80000000}}
	if err != nil || !slices.Equal(p, want) {
		t.Errorf("%v, %v; want %v", p, err, want)
	}
	_, err = Parse(text)
	if err == nil || !strings.HasPrefix(err.Error(), "7:3: this is instruction 2, not 3") {
		t.Error(err)
	}
}

func TestParseErrors(t *testing.T) {
	far := strings.Repeat("ld nr\n", 255)
	for _, c := range []struct{ text, want string }{
		{"ld nr\n  mod #3", `2:3: unknown instruction "mod"`},
		{"ld", "1:1: operands of ld: write ld [k] or ld len or ld #k or ld M[k]"},
		{"add #1, #2", "1:1: operands of add: write add #k or add x"},
		{"tax x", "1:1: operands of tax: write tax"},
		{"jeq #1, 2", "1:1: operands of jeq: write jeq #k, t, f or jeq x, t, f"},
		{"ld #0x100000000", `1:4: "#0x100000000" is not #k`},
		{"ld #-1", `1:4: "#-1" is not #k`},
		{"ld #", `1:4: "#" is not #k`},
		{"ld [16", `1:4: "[16" is not [k]`},
		{"ld M[x]", `1:4: "M[x]" is not M[k]`},
		{"ret deny", `1:5: "deny" is no action: write kill_process, kill_thread, `},
		{"ret errno(65536)", `1:5: "errno(65536)" is not errno(n) with n at most 65535`},
		{"ret errno(1", `1:5: "errno(1" is not errno(n)`},
		{"ja out", "1:4: label out is not defined"},
		{"x: ja x", "1:7: x is behind"},
		{"ja 0", "1:4: 0 is behind"},
		{"ja -1", `1:4: "-1" is no target`},
		{"ja 99999999999999999999", "1:4: 99999999999999999999 is too far"},
		{"ja 4294967297", "1:4: 4294967297 is too far"},
		{"jeq #1, 1, far\n" + far + "ld nr\nfar: ret allow",
			"1:12: far is too far: at most 255 instructions can be skipped"},
		{"a:\na: ret allow", "2:1: label a is defined twice"},
		{"1a: ret allow", `1:1: "1a" is no label`},
		{": ret allow", `1:1: "" is no label`},
		{".raw 1, 2, 3", "1:1: write .raw opcode, jt, jf, k"},
		{".raw 0x10000, 0, 0, 0", `1:6: "0x10000" is not a number from 0 to 65535`},
		{".raw 1, 2, 256, 0", `1:12: "256" is not a number from 0 to 255`},
		{"«é» ld nr", `1:1: unknown instruction "«é»"`},
		{"é: ld nr", `1:1: "é" is no label`},
		{"jeq #1, é, 2", `1:9: "é" is no target`},
		{"jeq é, 1, é\n", `1:1: operands of jeq`},
	} {
		_, err := Parse(c.text)
		var e *SyntaxError
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestFormatKeepsCommentsOnTheirLine(t *testing.T) {
	var b strings.Builder
	err := Program{allow}.Format(&b, func(int) string { return " two\nlines:\r; " })
	const want = "000: ret  allow                     ; two lines: ;\n"
	if err != nil || b.String() != want {
		t.Errorf("%q, %v; want %q", b.String(), err, want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFormatReportsWriteErrors(t *testing.T) {
	if err := (Program{allow}).Format(brokenWriter{}, nil); err == nil {
		t.Error("no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(docProgram)
	for _, form := range forms {
		f.Add(form.text)
	}
	f.Add("a: ja b\nb: ret allow(3) ; end")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(p.String()); err != nil || !slices.Equal(again, p) {
			t.Fatalf("%v reads back as %v, %v", p, again, err)
		}
	})
}
