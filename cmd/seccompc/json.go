package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// toJSON writes a value for machines to read. What a terminal would not print is written by number,
// which means the same.
func toJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("json: %v", err)) // only a type that JSON cannot express
	}
	return escapeUnprintable(b.Bytes())
}

// oneLine is toJSON on a line of its own.
func oneLine(v any) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, toJSON(v)); err != nil {
		panic(fmt.Sprintf("json: %v", err))
	}
	return append(b.Bytes(), '\n')
}

func escapeUnprintable(text []byte) []byte {
	if !bytes.ContainsFunc(text, unprintable) {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if !unprintable(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

// unprintable is what the encoder leaves as it is: control characters of ASCII it escapes.
func unprintable(r rune) bool { return r > unicode.MaxASCII && !unicode.IsPrint(r) }
