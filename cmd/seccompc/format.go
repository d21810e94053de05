package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// formats are the forms in which a filter can be written.
var formats = []string{"raw", "hex", "base64", "c", "go", "rust", "json", "asm"}

// encode writes a filter in one of the formats. Those that are not raw, hex and base64 are
// independent of the byte order: what compiles them knows it.
func (f *filter) encode(format string) []byte {
	switch raw := f.program.Encode(f.order); format {
	case "hex":
		return hexLines(raw)
	case "base64":
		return []byte(base64.StdEncoding.EncodeToString(raw) + "\n")
	case "c":
		return f.source("%s\nstatic const struct sock_filter filter[] = {\n%s};\n",
			"\t{ 0x%02x, %d, %d, 0x%08x },", "/*", " */")
	case "go":
		return f.source("%s\nvar filter = []unix.SockFilter{\n%s}\n",
			"\t{Code: 0x%02x, Jt: %d, Jf: %d, K: 0x%08x},", "//", "")
	case "rust":
		return f.source(fmt.Sprintf("%%s\npub const FILTER: [libc::sock_filter; %d] = [\n%%s];\n",
			len(f.program)),
			"    libc::sock_filter { code: 0x%02x, jt: %d, jf: %d, k: 0x%08x },", "//", "")
	case "json":
		return f.json()
	case "asm":
		return f.listing()
	default:
		return raw
	}
}

// hexLines writes each instruction on a line of its own.
func hexLines(raw []byte) []byte {
	var b bytes.Buffer
	for at := 0; at < len(raw); at += 8 {
		fmt.Fprintf(&b, "%x\n", raw[at:at+8])
	}
	return b.Bytes()
}

// source writes the program as an array of a programming language: a frame with places for a
// heading and the lines, the form of a line, and what opens and closes a comment.
func (f *filter) source(frame, line, open, closing string) []byte {
	heading := fmt.Sprintf("%s A seccomp filter for %s, by seccompc from %s.%s", open,
		names(f.abis()), strings.ReplaceAll(printable(f.name), "*/", ""), closing)
	comment := newAnnotator(f)
	var b strings.Builder
	for pc, in := range f.program {
		text := fmt.Sprintf("%03d: %s", pc, f.program.Text(pc))
		if c := comment.at(pc); c != "" {
			text += " ; " + c
		}
		fmt.Fprintf(&b, line+" %s %s%s\n", in.Op, in.Jt, in.Jf, in.K, open, text, closing)
	}
	return fmt.Appendf(nil, frame, heading, b.String())
}

// filterJSON is a filter for machines to read.
type filterJSON struct {
	ABIs         []string          `json:"abis"`
	ByteOrder    string            `json:"byte_order"`
	Instructions []instructionJSON `json:"instructions"`
}

type instructionJSON struct {
	Code uint16 `json:"code"`
	Jt   uint8  `json:"jt"`
	Jf   uint8  `json:"jf"`
	K    uint32 `json:"k"`
}

func (f *filter) json() []byte {
	out := filterJSON{ABIs: nameList(f.abis()), ByteOrder: orderName(f.order)}
	for _, in := range f.program {
		out.Instructions = append(out.Instructions, instructionJSON{in.Op, in.Jt, in.Jf, in.K})
	}
	return toJSON(out)
}

// toJSON writes a value for machines to read.
func toJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("json: %v", err)) // only a type that JSON cannot express
	}
	return b.Bytes()
}

// listing writes the program as the assembler's text, with comments.
func (f *filter) listing() []byte {
	comment := newAnnotator(f)
	var b bytes.Buffer
	f.program.Format(&b, comment.at) // a Buffer cannot fail
	return b.Bytes()
}

// printable replaces what could leave the line or the terminal's mode.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '�' {
			return '?'
		}
		return r
	}, s)
}
