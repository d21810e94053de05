package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

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
