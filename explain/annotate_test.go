package explain

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// annotated returns a program of the assembler's text with its comments.
func annotated(t *testing.T, text string, abis ...string) string {
	t.Helper()
	p, err := asm.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var list []*linux.ABI
	for _, name := range abis {
		list = append(list, abi(t, name))
	}
	var order binary.ByteOrder = binary.LittleEndian
	if len(list) > 0 && list[0].BigEndian {
		order = binary.BigEndian
	}
	comments := Annotate(p, order, list)
	var b strings.Builder
	for pc := range p {
		fmt.Fprintf(&b, "%s | %s\n", p.Text(pc), comments[pc])
	}
	return b.String()
}

// A comment names what is certain, on whichever path the instruction is reached.
func TestAnnotate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		abis []string
		text string
		want string
	}{
		{"names of ABIs, calls, arguments, constants, errnos", []string{"x86_64"}, `
ld arch
jeq #0xc000003e, 2, 9
ld nr
jeq #41, 5, 4
ret allow
ld [16]
jeq #16, 9, 7
ret errno(97)
ret allow
ret kill_process
`, `
ld   arch | 
jeq  #0xc000003e, 2, 9 | x86_64 or x32
ld   nr | 
jeq  #41, 5, 4 | socket
ret  allow | 
ld   [16] | arg0.lo, family of socket
jeq  #16, 9, 7 | family == AF_NETLINK
ret  errno(97) | EAFNOSUPPORT
ret  allow | 
ret  kill_process | 
`},
		{"bits of an argument that are inverted", []string{"x86_64"}, `
ld arch
jeq #0xc000003e, 2, 11
ld nr
jeq #9, 4, 10
ld [32]
xor #6
jset #6, 7, 11
jset #1, 8, 11
xor #2
jset #0xb, 10, 11
ret allow
ret kill_process
`, `
ld   arch | 
jeq  #0xc000003e, 2, 11 | x86_64 or x32
ld   nr | 
jeq  #9, 4, 10 | mmap
ld   [32] | arg2.lo, prot of mmap
xor  #6 | 
jset #6, 7, 11 | !(prot all PROT_WRITE | PROT_EXEC)
jset #1, 8, 11 | prot & PROT_READ
xor  #2 | 
jset #11, 10, 11 | u32(prot) any PROT_READ | PROT_WRITE | PROT_SEM
ret  allow | 
ret  kill_process | 
`},
		{"a number that is inverted", []string{"x86_64"}, `
ld arch
jeq #0xc000003e, 2, 6
ld nr
xor #1
jeq #41, 5, 6
ret allow
ret kill_process
`, `
ld   arch | 
jeq  #0xc000003e, 2, 6 | x86_64 or x32
ld   nr | 
xor  #1 | 
jeq  #41, 5, 6 | 
ret  allow | 
ret  kill_process | 
`},
		{"the order of an ABI's words is its own", []string{"s390x"}, `
ld arch
jeq #0x80000016, 2, 7
ld nr
jeq #288, 4, 6
ld [44]
jset #3, 7, 6
ret allow
ret errno(13)
`, `
ld   arch | 
jeq  #0x80000016, 2, 7 | s390x
ld   nr | 
jeq  #288, 4, 6 | openat
ld   [44] | arg3.lo, mode of openat
jset #3, 7, 6 | mode any 3
ret  allow | 
ret  errno(13) | EACCES
`},
		{"numbers mean nothing before arch is known", []string{"x86_64", "i386"}, `
ld nr
jeq #41, 2, 3
ret errno(38)
ret allow
`, `
ld   nr | 
jeq  #41, 2, 3 | 
ret  errno(38) | ENOSYS
ret  allow | 
`},
		{"an errno with several names has none", []string{"x86_64", "mipsel"}, `
ld arch
jeq #0xc000003e, 2, 3
ret errno(38)
ret errno(38)
`, `
ld   arch | 
jeq  #0xc000003e, 2, 3 | x86_64 or x32
ret  errno(38) | ENOSYS
ret  errno(38) | 
`},
		{"two calls that meet are both named, five are not", []string{"aarch64"}, `
ld arch
jeq #0xc00000b7, 2, 16
ld nr
jeq #63, 12, 4
jeq #64, 12, 5
jeq #65, 14, 6
jeq #66, 14, 7
jeq #67, 14, 8
jeq #68, 14, 9
jeq #69, 14, 16
ret allow
ret allow
ld [16]
jeq #1, 16, 17
ld [16]
jeq #1, 16, 17
ret kill_process
ret allow
`, `
ld   arch | 
jeq  #0xc00000b7, 2, 16 | aarch64
ld   nr | 
jeq  #63, 12, 4 | read
jeq  #64, 12, 5 | write
jeq  #65, 14, 6 | readv
jeq  #66, 14, 7 | writev
jeq  #67, 14, 8 | pread64
jeq  #68, 14, 9 | pwrite64
jeq  #69, 14, 16 | preadv
ret  allow | 
ret  allow | 
ld   [16] | arg0.lo, fd of read, fd of write
jeq  #1, 16, 17 | fd == 1
ld   [16] | arg0.lo
jeq  #1, 16, 17 | 
ret  kill_process | 
ret  allow | 
`},
		{"where nothing leads, nothing is certain", nil, `
ja 3
ld arch
ret errno(1)
`, `
ja   3 | 
ld   arch | 
ret  errno(1) | 
`},
	} {
		got := annotated(t, test.text, test.abis...)
		if d := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}

// What a comment names is so for every call that comes by.
func TestAnnotationsAreTrue(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, file := range []string{"docker-default", "openshell-pr740"} {
		src, err := os.ReadFile("../testdata/policies/" + file + ".scp")
		if err != nil {
			t.Fatal(err)
		}
		res, diags := compiler.Compile(file, src, compiler.Options{})
		if res == nil {
			t.Fatal(diags)
		}
		comments := Annotate(res.Program, res.Order, res.ABIs)
		for _, abi := range res.ABIs {
			for _, call := range abi.Syscalls() {
				d := policy.Data{Arch: abi.Arch, Nr: call.Nr}
				_, err := res.Program.Trace(asm.Data(d), res.Order, func(s asm.Step) {
					if comments[s.PC] != "" {
						seen++
						checkAnnotation(t, abi, call.Name, s, res.Program[s.PC], comments[s.PC])
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d comments were met", seen)
	}
}

// checkAnnotation checks the comment of an instruction that a call executes.
func checkAnnotation(
	t *testing.T, abi *linux.ABI, call string, s asm.Step, in asm.Instruction, comment string,
) {
	_, of, named := strings.Cut(comment, " of ")
	switch {
	case in.Op == asm.RetK:
		if want, _ := abi.ErrnoName(in.K & 0xffff); comment != want {
			t.Errorf("%03d on %s: errno %s, want %s", s.PC, abi.Name, comment, want)
		}
	case in.Op == asm.LdAbs && named:
		if of != call && !strings.Contains(comment, " of "+call+",") &&
			!strings.HasSuffix(comment, " of "+call) {
			t.Errorf("%03d on %s: %q for %s", s.PC, abi.Name, comment, call)
		}
	case in.Op == asm.JeqK && s.A == in.K:
		if comment != call && !strings.Contains(comment, abi.Name) &&
			!strings.Contains(comment, "==") {
			t.Errorf("%03d on %s: %q for %s", s.PC, abi.Name, comment, call)
		}
	}
}
