package blob

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/seccompc/seccompc/asm"
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

// isJSON reports whether a text is a JSON object with instructions.
func isJSON(data []byte) bool {
	var top struct {
		Instructions *json.RawMessage `json:"instructions"`
	}
	return json.Unmarshal(data, &top) == nil && top.Instructions != nil
}

func fromJSON(data []byte) (asm.Program, binary.ByteOrder, error) {
	var in filterJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, nil, fmt.Errorf("a filter as JSON: %w", err)
	}
	var p asm.Program
	for _, i := range in.Instructions {
		p = append(p, asm.Instruction{Op: i.Code, Jt: i.Jt, Jf: i.Jf, K: i.K})
	}
	switch in.ByteOrder {
	case "little-endian":
		return p, binary.LittleEndian, nil
	case "big-endian":
		return p, binary.BigEndian, nil
	case "":
		order, err := OrderOf(p)
		return p, order, err
	}
	return nil, nil, fmt.Errorf("a filter as JSON: byte_order is %q, not little-endian or "+
		"big-endian",
		in.ByteOrder)
}
