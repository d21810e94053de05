package blob

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
)

// looksAt returns a program that names an arch.
func looksAt(arch uint32) asm.Program {
	return asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, Jt: 1, K: arch},
		{Op: asm.RetK, K: 0x80000000},
		{Op: asm.RetK, K: 0x7fff0000},
	}
}

// Whatever Encode writes, Read reads, in both byte orders.
func TestReadIsEncodesInverse(t *testing.T) {
	const x86, s390x = 0xc000003e, 0x80000016
	for _, f := range []Filter{
		{Program: looksAt(x86), Order: binary.LittleEndian, Origin: "a.scp"},
		{Program: looksAt(s390x), Order: binary.BigEndian,
			Origin: "BPF_STMT sock_filter = {{1, 2, 3, 4}}"},
	} {
		for _, format := range Formats() {
			data, err := f.Encode(format)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Read("x", data)
			switch {
			case err != nil:
				t.Errorf("%s: %v", format, err)
			case !slices.Equal(got.Program, f.Program) || got.Order != f.Order:
				t.Errorf("%s: read %v, %v, want %v, %v", format, got.Program, got.Order, f.Program,
					f.Order)
			}
		}
	}
}

func TestForm(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"default allow\n", ""},
		{"# struct sock_filter a[] = { { 6, 0, 0, 0 } };\ndefault kill\n", ""},
		{"default allow\ntest \"sock_filter\" {\n read => allow\n}\n", ""},
		{"default deny\nallow read\n", ""},
		{"{\"defaultAction\": \"SCMP_ACT_ERRNO\"}", ""},
		{"", ""},
		{"06 00 00 00 00 00 ff 7f\n", "hex"},
		{"BgAAAAAA/38=\n", "base64"},
		{"BgAAAAAA/3\n8=\n", "base64"},
		{"; a listing\n000: ret  allow\n", "asm"},
		{"start: here: ret allow", "asm"},
		{"ret allow", "asm"},
		{"struct sock_filter f[] = {{6,0,0,0x7fff0000}};", "source"},
		{"# uint8_t a[] = { 6, 0 };\ndefault kill\n", ""},
		{"{\n\"defaultAction\": 1}", ""},
		{"unsigned char f_bpf[] = {\n  0x06, 0x00\n};\nunsigned int f_bpf_len = 2;", "source"},
		{"{ 0x6,  0,  0, 0x7fff0000 },\n", "source"},
		{"\x06\x00\x00\x00\x00\x00\xff\x7f", "raw"},
	} {
		if got := Form([]byte(c.text)); got != c.want {
			t.Errorf("%q: form %q, want %q", c.text, got, c.want)
		}
	}
}

// Source as people write it.
func TestReadSource(t *testing.T) {
	want := asm.Program{{Op: asm.LdAbs, K: 4}, {Op: asm.RetK, K: 0x7fff0000}}
	for _, text := range []string{
		"#include <linux/filter.h>\n" +
			"static struct sock_filter f[2] = {{0x20,0,0,4},{6,0,0,0x7fff0000U}};\n" +
			"struct sock_fprog prog = { .len = 2, .filter = f };",
		"struct sock_filter f[] = {\n" +
			" {.code = 0x20, .jt = 0, .jf = 0, .k = 0x4}, /* {1,2,3,4} */\n" +
			" {.code = 0x06, .jt = 0, .jf = 0, .k = 0x7fff0000},\n};",
		"var f = []syscall.SockFilter{{0x20, 0, 0, 4}, {Code: 6, Jt: 0, Jf: 0, K: 0x7fff_0000}}",
		"const F: [sock_filter; 2] = [sock_filter { code: 0x20u16, jt: 0, jf: 0, k: 4 },\n" +
			"sock_filter { code: 6, jt: 0, jf: 0, k: 0x7fff_0000u32 }];",
		"{ 0x20,  0,  0, 0x00000004 },\n{ 0x06,  0,  0, 0x7fff0000 },\n",
		"unsigned char f_bpf[] = {\n  0x20, 0x00, 0, 0, 0x04, 0, 0, 0,\n" +
			"  0x06, 0, 0, 0, 0, 0, 0xff, 0x7f\n};\nunsigned int f_bpf_len = 16;",
		"pub const F: [u8; 16] = [0x20, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 0, 0, 255, 127];",
		"var f = []byte{0x20, 0, 0, 0, 4, 0, 0, 0, // a\n6, 0, 0, 0, 0, 0, 0xff, 0x7f,\n}",
	} {
		f, err := Read("x", []byte(text))
		if err != nil || !slices.Equal(f.Program, want) {
			t.Errorf("%s\nread %v, %v", text, f, err)
		}
	}
}

// What is not understood is refused, never left out.
func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"struct sock_filter f[] = { BPF_STMT(BPF_RET | BPF_K, 0) };", "no array of numbers"},
		{"struct sock_filter f[] = { {6, 0, 0, SECCOMP_RET_ALLOW} };",
			`"SECCOMP_RET_ALLOW" is no number for k`},
		{"uint8_t f[] = { 6, 0, 0, 256 };", `"256" is no byte`},
		{"uint8_t f[] = { 6, 0, 0 };", "not a whole number of 8-byte instructions"},
		{"struct sock_filter f[] = { {6, 0, 0} };", "not four numbers"},
		{"struct sock_filter f[] = { {0x10006, 0, 0, 0} };", "too large for code"},
		{"struct sock_filter f[] = { {6, 0, 0, 010} };", "in decimal or with 0x"},
		{"struct sock_filter f[] = { {.k = 6, .jt = 0, .jf = 0, .code = 0} };",
			"no number for code"},
		{"struct sock_filter f[] = {\n{6, 0, 0, 0},\n#if X\n{6, 0, 0, 1},\n#endif\n};",
			"no array of numbers"},
		{"struct sock_filter a[] = {{6,0,0,0}};\nstruct sock_filter b[] = {{6,0,0,0}};",
			"2 arrays"},
		{"struct sock_filter f[] = {};", "empty"},
		{"060000000000ff7", "odd length"},
		{"0600000000", "whole number of 8-byte instructions"},
		{"BgAAAAAA/387", "whole number of 8-byte instructions"},
		{"ret allow\nnonsense\n", "2:1: unknown instruction"},
		{`{"instructions": [{"code": 65536}]}`, "cannot unmarshal"},
		{`{"instructions": [], "other": 1}`, "unknown field"},
		{`{"instructions": [{"code": 6}], "byte_order": "middle"}`, "byte_order is"},
		{strings.Repeat("\x06\x00\x00\x00\x00\x00\xff\x7f", 4097),
			"more than the 4096 instructions"},
	} {
		f, err := Read("x", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80q: read %v, error %v, want %q", c.text, f, err, c.want)
		}
	}
	if _, err := Read("x", []byte("default allow\n")); !errors.Is(err, ErrNotFilter) {
		t.Errorf("a policy: %v", err)
	}
}

// The order of a program's bytes is that of the ABIs that it names.
func TestOrderOf(t *testing.T) {
	arch := func(values ...uint32) asm.Program {
		var p asm.Program
		for _, v := range values {
			p = append(p, asm.Instruction{Op: asm.LdAbs, K: asm.OffArch},
				asm.Instruction{Op: asm.JeqK, K: v, Jf: 1},
				asm.Instruction{Op: asm.RetK, K: 0x7fff0000})
		}
		return append(p, asm.Instruction{Op: asm.RetK, K: 0x80000000})
	}
	const x86, s390x = 0xc000003e, 0x80000016
	if order, err := OrderOf(arch(x86)); err != nil || order != binary.LittleEndian {
		t.Errorf("x86_64: %v, %v", order, err)
	}
	if order, err := OrderOf(arch(s390x)); err != nil || order != binary.BigEndian {
		t.Errorf("s390x: %v, %v", order, err)
	}
	if _, err := OrderOf(arch(x86, s390x)); err == nil {
		t.Error("ABIs of both orders in one program: no error")
	}
}
