package blob

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/lazy"
)

// Of source only arrays of numbers are read: four in braces, with the names of their fields or
// without, or the bytes of a raw filter. Macros such as BPF_STMT mean what a compiler makes of
// them, and are refused.

var (
	// arrayType stands before an array of instructions, and nowhere in a policy.
	arrayType = lazy.Regexp(`(?i)\bsock_?filter\b|\bseccompc::Instruction\b`)
	// anOp is an instruction as our own Rust has it.
	anOp = lazy.Regexp(`\bop\(([^(){}]*)\)`)
	// Comments, a policy's too, and strings hold no instruction.
	commentText = lazy.Regexp(`(?s)/\*.*?\*/|//[^\n]*`)
	otherText   = lazy.Regexp(`#[^\n]*|"[^"\n]*"`)
	// anArray is what stands between the outer brackets of an array.
	anArray = lazy.Regexp(
		`(?s)=\s*(?:&?\[\]\w*\.?\w*|&)?\s*[{\[](\s*(?:[\w:.]*\s*\{[^{}]*\}\s*,?\s*)*)[}\]]`)
	// bareArray is one without what stands around it, as bpf_asm -c and tcpdump -dd print it.
	bareArray = lazy.Regexp(`^\s*(?:\{\s*[0-9][^{}]*\}\s*,?\s*)+$`)
	// byteArray is one of bytes in C, Rust or Go, as xxd -i prints it.
	byteArray = lazy.Regexp(`(?:\b(?:unsigned char|u?int8_t|__u8)\s+(?:\w+\s+)*\w+\s*` +
		`\[\w*\]\s*=\s*\{|\[u8(?:\s*;\s*\w+)?\]\s*=\s*&?\[|\](?:byte|uint8)\s*\{)` +
		`([^{}\[\]]*)[}\]]`)
	anEntry = lazy.Regexp(`\{([^{}]*)\}`)
	aField  = lazy.Regexp(
		`^(?:\.?(\w+)\s*[:=]\s*)?(0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)([uUlL]*|u8|u16|u32)$`)
)

// isSource reports whether a text is an array of instructions or names their type, outside of
// comments and strings.
func isSource(data []byte) bool {
	inner, brace := bytes.CutPrefix(bytes.TrimSpace(data), []byte("{"))
	inner = bytes.TrimSpace(inner)
	if bare := brace && len(inner) > 0 && '0' <= inner[0] && inner[0] <= '9'; !bare &&
		!namesType(data) {
		return false
	}
	text := otherText().ReplaceAll(commentText().ReplaceAll(data, nil), nil)
	return arrayType().Match(text) || byteArray().Match(text) || bareArray().Match(text)
}

// namesType says the same of most texts, in less time than a pattern takes.
func namesType(data []byte) bool {
	lower := bytes.ToLower(data)
	for _, name := range []string{"sock_filter", "sockfilter", "seccompc::instruction",
		"unsigned char", "int8", "__u8", "[u8", "]byte"} {
		if bytes.Contains(lower, []byte(name)) {
			return true
		}
	}
	return false
}

func fromSource(data []byte) (asm.Program, binary.ByteOrder, error) {
	text := commentText().ReplaceAllString(string(data), "")
	if lists := byteArray().FindAllStringSubmatch(text, -1); len(lists) == 1 {
		return fromBytes(lists[0][1])
	}
	if bareArray().MatchString(text) {
		text = "= {" + text + "}"
	}
	text = anOp().ReplaceAllString(text, "{$1}")
	arrays := anArray().FindAllStringSubmatch(text, -1)
	switch {
	case len(arrays) == 0:
		return nil, nil, errors.New("this is source with a filter, but with no array of numbers " +
			"such as { 0x20, 0, 0, 4 }; compile it and dump the filter")
	case len(arrays) > 1:
		return nil, nil, fmt.Errorf("this is source with %d arrays; leave the one that is "+
			"meant, or write it for one ABI", len(arrays))
	}
	var p asm.Program
	for i, entry := range anEntry().FindAllStringSubmatch(arrays[0][1], -1) {
		in, err := instruction(entry[1])
		if err != nil {
			return nil, nil, fmt.Errorf("instruction %d of the array: %w", i, err)
		}
		p = append(p, in)
	}
	if len(p) == 0 {
		return nil, nil, errors.New("the array of the filter is empty")
	}
	order, err := OrderOf(p)
	return p, order, err
}

// fromBytes reads the bytes of a raw filter.
func fromBytes(list string) (asm.Program, binary.ByteOrder, error) {
	var raw []byte
	for _, word := range strings.Split(strings.TrimRight(strings.TrimSpace(list), ","), ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 0, 8)
		if err != nil {
			return nil, nil, fmt.Errorf("the array of a filter's bytes: %.20q is no byte",
				strings.TrimSpace(word))
		}
		raw = append(raw, byte(n))
	}
	return fromRaw(raw)
}

// fields are the names of an instruction's fields, in their order, and their largest values.
var fields = []struct {
	name  string
	limit uint64
}{{"code", math.MaxUint16}, {"jt", math.MaxUint8}, {"jf", math.MaxUint8}, {"k", math.MaxUint32}}

// instruction reads the four numbers of an instruction.
func instruction(text string) (asm.Instruction, error) {
	parts := strings.Split(strings.TrimRight(strings.TrimSpace(text), ","), ",")
	if len(parts) != len(fields) {
		return asm.Instruction{}, fmt.Errorf("%q is not four numbers", strings.TrimSpace(text))
	}
	var v [4]uint64
	for i, part := range parts {
		m := aField().FindStringSubmatch(strings.TrimSpace(part))
		if m == nil || m[1] != "" && !strings.EqualFold(m[1], fields[i].name) {
			return asm.Instruction{}, fmt.Errorf("%q is no number for %s", strings.TrimSpace(part),
				fields[i].name)
		}
		if strings.Trim(m[2], "0") != "" && m[2][0] == '0' && m[2][1]|' ' != 'x' {
			return asm.Instruction{}, fmt.Errorf("%q: write it in decimal or with 0x", m[2])
		}
		n, err := strconv.ParseUint(strings.ReplaceAll(m[2], "_", ""), 0, 64)
		if err != nil || n > fields[i].limit {
			return asm.Instruction{}, fmt.Errorf("%q is too large for %s", m[2], fields[i].name)
		}
		v[i] = n
	}
	return asm.Instruction{Op: uint16(v[0]), Jt: uint8(v[1]), Jf: uint8(v[2]), K: uint32(v[3])}, nil
}
