package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// words are registers in JSON: texts, since many readers of JSON keep no more than 53 bits of a
// number.
type words [6]uint64

// MarshalJSON writes decimal numbers in quotes.
func (w words) MarshalJSON() ([]byte, error) {
	var texts [len(w)]string
	for i, v := range w {
		texts[i] = strconv.FormatUint(v, 10)
	}
	return json.Marshal(texts)
}

// jsonVersion is the version of what --json prints. It grows when a field goes, or changes its type
// or its meaning: see docs/json.md.
const jsonVersion = 1

// fields are those of a JSON object.
type fields map[string]any

// document writes what --json prints: the fields of an object, behind the version.
func document(object any) []byte {
	text := toJSON(object)
	rest, ok := bytes.CutPrefix(text, []byte("{\n"))
	if !ok {
		panic(fmt.Sprintf("json: %s is no object with fields", text))
	}
	return append(fmt.Appendf(nil, "{\n  \"version\": %d,\n", jsonVersion), rest...)
}

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

// documentLine is a document on a line of its own.
func documentLine(object any) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, document(object)); err != nil {
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
