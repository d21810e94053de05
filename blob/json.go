package blob

import (
	"encoding/json"
)

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

func (f *Filter) json() ([]byte, error) {
	out := filterJSON{ABIs: f.abiNames(), ByteOrder: "little-endian"}
	if f.Order.Uint16([]byte{0, 1}) == 1 {
		out.ByteOrder = "big-endian"
	}
	for _, in := range f.Program {
		out.Instructions = append(out.Instructions, instructionJSON{in.Op, in.Jt, in.Jf, in.K})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}
