package relocation

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
)

var orders = []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}

// waitingProgram waits for the halves of two values.
func waitingProgram(order binary.ByteOrder) ([]byte, *List) {
	p := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArgs},
		{Op: asm.Waiting, Jt: 3, K: asm.Place{Value: 0}.K()},
		{Op: asm.Waiting, Jt: 2, K: asm.Place{Value: 1, High: true}.K()},
		{Op: asm.Waiting, Jt: 1, K: asm.Place{Value: 1}.K()},
		{Op: asm.RetK},
		{Op: asm.RetK, K: 0x7fff0000},
	}
	blob := p.Encode(order)
	return blob, &List{
		SHA256: sha256.Sum256(blob), Order: order, Places: p.Places(),
		Values: []Value{
			{Name: "a", Width: 32, Signed: true, Min: ^uint64(4), Max: 1<<31 - 1},
			{Name: "b", Width: 64, Max: ^uint64(0)},
		},
	}
}

func TestFill(t *testing.T) {
	for _, order := range orders {
		blob, list := waitingProgram(order)
		raw := slices.Clone(blob)
		for _, values := range [][]uint64{nil, {1}, {1, 2, 3}, {^uint64(5), 1}, {1 << 31, 1},
			{0xffffffff, 1}} {
			if err := list.Fill(blob, values...); err == nil || !bytes.Equal(blob, raw) {
				t.Errorf("%v: %v", values, err)
			}
		}
		other := slices.Clone(raw)
		other[4]++
		if err := list.Fill(other, 1, 2); !errors.Is(err, ErrOtherFilter) {
			t.Errorf("another filter: %v", err)
		}
		value := ^uint64(0)
		if n := testing.AllocsPerRun(10, func() {
			copy(blob, raw)
			if err := list.Fill(blob, value, 0x1234_5678_9abc_def0); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
		p, err := asm.Decode(blob, order)
		if err != nil || p.Check() != nil || p[1].K != 0xffffffff || p[2].K != 0x12345678 ||
			p[3].K != 0x9abcdef0 {
			t.Errorf("%v, %v", p, err)
		}
		if err := list.Fill(blob, 1, 2); !errors.Is(err, ErrFilled) {
			t.Errorf("a second filling: %v", err)
		}
		p, _ = asm.Decode(raw, order)
		if err := list.Fill(p.Encode(otherOrder(order)), 1, 2); !errors.Is(err, ErrByteOrder) {
			t.Errorf("the other byte order: %v", err)
		}
		if err := list.Fill(make([]byte, len(raw)), 1, 2); !errors.Is(err, ErrOtherFilter) {
			t.Errorf("a filter that never waited: %v", err)
		}
		if err := p.Check(); !errors.Is(err, asm.ErrUnfilled) {
			t.Errorf("%v", err)
		}
		again, err := Parse(list.Text())
		if err != nil || !bytes.Equal(again.Text(), list.Text()) {
			t.Errorf("%v\n%s", err, list.Text())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	_, list := waitingProgram(binary.LittleEndian)
	good := string(list.Text())
	for _, change := range [][2]string{
		{`"version": 1`, `"version": 2`}, {`"little"`, `"middle"`}, {`"i32"`, `"i16"`},
		{`"i32"`, `"u32"`},
		{`"min": -5`, `"min": 2147483647.5`}, {`"high"`, `"upper"`},
		{`"value": "a"`, `"value": "c"`},
		{`"instruction": 2`, `"instruction": 1`}, {`"name": "b"`, `"name": "a"`},
		{`"values"`, `"worths"`},
		{`"min": -5`, `"min": 2147483648`}, {`"sha256": "`, `"sha256": "00`},
		{"\"type\": \"i32\",\n      \"min\": -5", "\"type\": \"i64\",\n      \"min\": -5"},
	} {
		text := bytes.Replace([]byte(good), []byte(change[0]), []byte(change[1]), 1)
		if _, err := Parse(text); err == nil || string(text) == good {
			t.Errorf("%v is taken", change)
		}
	}
}
