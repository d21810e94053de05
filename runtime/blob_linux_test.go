package runtime

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

func swapped() binary.ByteOrder {
	if native(binary.LittleEndian) {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func TestParse(t *testing.T) {
	want := denied()
	got, err := Parse(want.Encode(binary.NativeEndian))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Parse gives %v, %v", got, err)
	}
	ok := want.Encode(binary.NativeEndian)
	tests := []struct {
		name string
		blob []byte
		want string
	}{
		{"nothing", nil, "no filter"},
		{"truncated", ok[:len(ok)-3], "no filter"},
		{"without its end", ok[:len(ok)-8], "past the end"},
		{"too long", bytes.Repeat(ok[:8], asm.MaxLen+1), "no filter"},
		{"text", []byte("policy \"x\" { default allow }\n\n\n\n"), "the kernel would refuse"},
		{"other byte order", want.Encode(swapped()), "byte order of another machine"},
		{"other ABI", filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1).Encode(binary.NativeEndian),
			"no path of this filter is for arch"},
		{"no arch", asm.Program{{Op: asm.RetK, K: kill}}.Encode(binary.NativeEndian),
			"never looks at arch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.blob)
			wantError(t, err, tt.want)
			_, err = ParseStack(tt.blob)
			wantError(t, err, tt.want)
		})
	}
}

func TestStack(t *testing.T) {
	one, two := denied(), filter(kill, allow, unix.SYS_PTRACE)
	if got := EncodeStack(one); !bytes.Equal(got, one.Encode(binary.NativeEndian)) {
		t.Error("a stack of one is not the plain array")
	}
	for _, want := range [][]asm.Program{{one}, {one, two}, {two, one, two}} {
		got, err := ParseStack(EncodeStack(want...))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseStack gives %v, %v; want %v", got, err, want)
		}
	}
	blob := EncodeStack(one, two)
	second := 8 + 8*len(one)
	tests := []struct {
		name string
		blob []byte
		want string
	}{
		{"mark alone", blob[:8], "0 are there"},
		{"mark of nothing", append(asm.Program{{Op: stackMark}}.Encode(binary.NativeEndian),
			blob...),
			"0 bytes are announced"},
		{"too much announced", append(asm.Program{{Op: stackMark, K: 1 << 30}}.
			Encode(binary.NativeEndian), blob...), "are announced"},
		{"second for another ABI", EncodeStack(one,
			filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1)),
			"filter 2 of the stack"},
		{"end missing", blob[:len(blob)-8], "filter 2 of the stack"},
		{"second mark missing", append(blob[:second:second], blob[second+8:]...), "mark"},
		{"second mark cut", blob[:second+4], "mark"},
		{"other byte order", encodeStackIn(swapped(), one, two), "another machine's byte order"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseStack(tt.blob)
			wantError(t, err, tt.want)
		})
	}
}

func encodeStackIn(order binary.ByteOrder, filters ...asm.Program) (b []byte) {
	for _, p := range filters {
		b = append(b, asm.Program{{Op: stackMark, K: uint32(len(p))}}.Encode(order)...)
		b = append(b, p.Encode(order)...)
	}
	return b
}

func TestPick(t *testing.T) {
	blob := denied().Encode(binary.NativeEndian)
	got, err := Pick(map[string][]byte{runtime.GOARCH: blob, "other": nil})
	if err != nil || !reflect.DeepEqual(got, []asm.Program{denied()}) {
		t.Errorf("Pick gives %v, %v", got, err)
	}
	_, err = Pick(map[string][]byte{"z80": blob, "6502": blob})
	wantError(t, err, runtime.GOARCH, fmt.Sprintf("%q", []string{"6502", "z80"}))
}

func FuzzParseStack(f *testing.F) {
	f.Add(EncodeStack(denied()))
	f.Add(EncodeStack(denied(), denied()))
	f.Add(encodeStackIn(swapped(), denied(), denied()))
	f.Fuzz(func(t *testing.T, blob []byte) {
		stack, err := ParseStack(blob)
		if err != nil {
			return
		}
		again, err := ParseStack(EncodeStack(stack...))
		if err != nil || !reflect.DeepEqual(again, stack) {
			t.Errorf("%v, encoded and parsed: %v, %v", stack, again, err)
		}
	})
}
