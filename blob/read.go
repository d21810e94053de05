package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
)

// ErrNotFilter is what [Read] returns for content that is in none of its forms.
var ErrNotFilter = errors.New("this is no filter")

// reader is a form that filters are written in. A form is told by content, never by a file's name.
type reader struct {
	name string
	is   func(data []byte) bool
	read func(data []byte) (asm.Program, binary.ByteOrder, error)
}

// readers are the forms that Read knows; the first that the content looks like counts.
var readers = []reader{
	{"raw", func(data []byte) bool { return !isText(data) }, fromRaw},
	{"json", isJSON, fromJSON},
	{"hex", isHex, fromHex},
	{"base64", isBase64, fromBase64},
	{"source", isSource, fromSource},
	{"asm", isAsm, fromAsm},
}

// Form returns the form that content looks like, one of "raw", "json", "hex", "base64", "source"
// (an array of C, Go or Rust) and "asm"; "" if it looks like none.
func Form(data []byte) string {
	for _, r := range readers {
		if r.is(data) {
			return r.name
		}
	}
	return ""
}

// Read reads a filter in any of the forms that [Filter.Encode] writes, told by content. Raw bytes,
// hex and base64 tell their own byte order; of the other forms it is that of the ABIs that the
// program names. The kernel need not accept the program. [ErrNotFilter] is the error for content in
// none of the forms.
func Read(name string, data []byte) (*Filter, error) {
	for _, r := range readers {
		if !r.is(data) {
			continue
		}
		p, order, err := r.read(data)
		if err != nil {
			return nil, err
		}
		return &Filter{Program: p, Order: order, ABIs: explain.Served(p, order), Origin: name}, nil
	}
	return nil, ErrNotFilter
}

// isText tells text from a raw filter: the upper byte of every instruction's code is 0
// (linux/bpf_common.h). Text in another encoding, or with a byte that does not belong there, is
// text: who reads it as a policy says where the mistake is.
func isText(data []byte) bool {
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return true
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return true // the mark of UTF-16
	}
	head := data[:min(len(data), 512)]
	printable := 0
	for _, c := range head {
		if c >= ' ' && c <= '~' || c == '\n' || c == '\r' || c == '\t' {
			printable++
		}
	}
	return len(head) > 1 && head[0] != 0 && head[1] != 0 && printable >= len(head)*3/4
}

func fromRaw(data []byte) (asm.Program, binary.ByteOrder, error) {
	if what := foreign(data); what != "" {
		return nil, nil, fmt.Errorf("this is neither a policy nor a filter, but %s", what)
	}
	if len(data) > asm.MaxLen*8 {
		return nil, nil, fmt.Errorf("%d bytes are more than the %d instructions that the kernel "+
			"takes",
			len(data), asm.MaxLen)
	}
	order, err := asm.DetectOrder(data)
	if err != nil {
		return nil, nil, fmt.Errorf("this is neither a policy nor a filter: %w", err)
	}
	p, err := asm.Decode(data, order)
	if err != nil {
		return nil, nil, fmt.Errorf("this is neither a policy nor a filter: %w", err)
	}
	return p, order, nil
}

// marks are the first bytes of files that people take for a filter or a profile.
var marks = []struct{ mark, what string }{
	{"\x1f\x8b", "a file that gzip has compressed; gunzip it first"},
	{"\xfd7zXZ\x00", "a file that xz has compressed; unxz it first"},
	{"\x28\xb5\x2f\xfd", "a file that zstd has compressed; unzstd it first"},
	{"BZh", "a file that bzip2 has compressed; bunzip2 it first"},
	{"\x7fELF", "a program; 'exe:PROG' runs it and reads the filters that it installs"},
	{"PK\x03\x04", "a zip archive; unpack it first"},
}

// foreign says what a file is that begins as no filter does, or "".
func foreign(data []byte) string {
	for _, m := range marks {
		if bytes.HasPrefix(data, []byte(m.mark)) {
			return m.what
		}
	}
	return ""
}

// unspaced is text without the blanks and line ends that hold no meaning in it.
func unspaced(data []byte) []byte { return bytes.Join(bytes.Fields(data), nil) }

const (
	hexDigits    = "0123456789abcdefABCDEF"
	base64Digits = hexDigits + "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ+/"
)

func isHex(data []byte) bool {
	stranger := func(r rune) bool {
		return !strings.ContainsRune(hexDigits, r) &&
			!unicode.IsSpace(r)
	}
	return !bytes.ContainsFunc(data, stranger) && len(bytes.TrimSpace(data)) > 0
}

func fromHex(data []byte) (asm.Program, binary.ByteOrder, error) {
	raw, err := hex.DecodeString(string(unspaced(data)))
	if err != nil {
		return nil, nil, fmt.Errorf("the hexadecimal text of a filter: %w", err)
	}
	return fromRaw(raw)
}

var base64Text = lazy.Regexp(`^\s*([A-Za-z0-9+/]+\r?\n)*[A-Za-z0-9+/]+={0,2}\s*$`)

// isBase64 asks for lines without a blank, which no statement of a policy is, of as much as an
// instruction.
func isBase64(data []byte) bool {
	const shortest = 11 // of 8 bytes
	first, _, _ := bytes.Cut(bytes.TrimSpace(data), []byte("\n"))
	return len(bytes.Trim(first, base64Digits+"=\r")) == 0 && len(unspaced(data)) >= shortest &&
		base64Text().Match(data)
}

func fromBase64(data []byte) (asm.Program, binary.ByteOrder, error) {
	raw, err := base64.StdEncoding.DecodeString(string(unspaced(data)))
	if err != nil {
		return nil, nil, fmt.Errorf("the base64 text of a filter: %w", err)
	}
	return fromRaw(raw)
}

// isAsm looks at the first instruction: behind its number or label stands a mnemonic, which begins
// no statement of a policy.
func isAsm(data []byte) bool {
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, ";")
		if at := strings.LastIndex(line, ":"); at >= 0 {
			line = line[at+1:]
		}
		if words := strings.Fields(line); len(words) > 0 {
			return asm.IsMnemonic(words[0])
		}
	}
	return false
}

func fromAsm(data []byte) (asm.Program, binary.ByteOrder, error) {
	p, err := asm.Parse(string(data))
	if err != nil {
		return nil, nil, err
	}
	order, err := OrderOf(p)
	return p, order, err
}

// OrderOf returns the byte order of the machines that a program names, this machine's where it
// names none.
func OrderOf(p asm.Program) (binary.ByteOrder, error) {
	var little, big bool
	for _, arch := range p.Arches() {
		little = little || !linux.BigEndian(arch)
		big = big || linux.BigEndian(arch)
	}
	switch {
	case little && big:
		return nil, errors.New("the program names ABIs of both byte orders; choose one with --arch")
	case big:
		return binary.BigEndian, nil
	case little:
		return binary.LittleEndian, nil
	}
	if isBig(binary.NativeEndian) {
		return binary.BigEndian, nil
	}
	return binary.LittleEndian, nil
}

func isBig(order binary.ByteOrder) bool { return order.Uint16([]byte{0, 1}) == 1 }
