// Package relocation is the list of the places in which a filter waits for late values: it is
// written with the filter, as JSON, and puts the values in. It is a package of its own so that a
// program that fills no filter carries neither JSON nor SHA-256.
package relocation

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/seccompc/seccompc/asm"
)

// List says where a filter waits for late values, and which values these may be.
type List struct {
	SHA256 [sha256.Size]byte // of the filter, see [asm.Program.Encode]
	Order  binary.ByteOrder  // of the filter
	Values []Value
	Places []asm.Place // in the order of the instructions
}

// Value is what is known of a late value before it is filled in. A value is 64 bits: one of 32
// is extended, a signed one by its sign.
type Value struct {
	Name     string
	Width    int // 32 or 64 bits
	Signed   bool
	Min, Max uint64 // as values are
}

// Type returns the type in the words of the policy language: u32, i32, u64 or i64.
func (v Value) Type() string {
	sign := "u"
	if v.Signed {
		sign = "i"
	}
	return sign + strconv.Itoa(v.Width)
}

// Allows reports whether a value is one of the type and in the range.
func (v Value) Allows(value uint64) bool {
	if v.Signed {
		return int64(v.Min) <= int64(value) && int64(value) <= int64(v.Max)
	}
	return v.Min <= value && value <= v.Max
}

// Text returns a value as a number.
func (v Value) Text(value uint64) string {
	if v.Signed {
		return strconv.FormatInt(int64(value), 10)
	}
	return strconv.FormatUint(value, 10)
}

// Parse reads a value from a number, decimal or behind 0x, 0o or 0b. It must be in the range.
func (v Value) Parse(text string) (uint64, error) {
	var value uint64
	var err error
	if v.Signed {
		var n int64
		n, err = strconv.ParseInt(text, 0, 64)
		value = uint64(n)
	} else {
		value, err = strconv.ParseUint(text, 0, 64)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %.40q is no %s", v.Name, text, v.Type())
	}
	return value, v.check(value)
}

func (v Value) check(value uint64) error {
	if v.Allows(value) {
		return nil
	}
	return fmt.Errorf("%s: %s is out of range: it is of type %s, from %s to %s", v.Name,
		v.Text(value),
		v.Type(), v.Text(v.Min), v.Text(v.Max))
}

// instructionSize is sizeof(struct sock_filter).
const instructionSize = 8

// Errors of [List.Fill] that a caller may want to tell apart.
var (
	ErrFilled    = errors.New("this filter is filled already: fill the one that was compiled")
	ErrByteOrder = errors.New(
		"this filter has another byte order than the list of relocations says")
	ErrOtherFilter = errors.New("this is another filter than the list of relocations is for")
)

// Fill puts late values, in the order of the list, into the places of an encoded filter that wait
// for them. It refuses a filter that is not the list's, bit for bit, and so one that it has filled
// before, and values out of their range; the filter is left as it was then. It does not allocate
// unless there is an error.
func (r *List) Fill(filter []byte, values ...uint64) error {
	if len(values) != len(r.Values) {
		return fmt.Errorf("there are %d late values, not %d", len(r.Values), len(values))
	}
	for i, v := range r.Values {
		if !v.Allows(values[i]) {
			return v.check(values[i])
		}
	}
	if err := r.Check(filter); err != nil {
		return err
	}
	for _, at := range r.Places {
		in := filter[at.Instruction*instructionSize:]
		r.Order.PutUint16(in, asm.JeqK)
		r.Order.PutUint32(in[4:], at.Half(values[at.Value]))
	}
	return nil
}

// Check refuses an encoded filter that is not the list's, or is filled already.
func (r *List) Check(filter []byte) error {
	if len(filter)%instructionSize != 0 {
		return ErrOtherFilter
	}
	waiting := waitingIn(filter, r.Order)
	switch {
	case waiting == 0 && len(r.Places) > 0 && r.isFilled(filter):
		return ErrFilled
	case waiting == 0 && waitingIn(filter, otherOrder(r.Order)) > 0:
		return ErrByteOrder
	case waiting != len(r.Places), sha256.Sum256(filter) != r.SHA256:
		return ErrOtherFilter
	}
	for i, at := range r.Places {
		known := at.Instruction < len(filter)/instructionSize && at.Value < len(r.Values)
		if !known || i > 0 && at.Instruction <= r.Places[i-1].Instruction {
			return ErrOtherFilter
		}
		in := filter[at.Instruction*instructionSize:]
		if r.Order.Uint16(in) != asm.Waiting || r.Order.Uint32(in[4:]) != at.K() {
			return ErrOtherFilter
		}
	}
	return nil
}

// waitingIn counts the instructions of an encoded filter that wait for a value.
func waitingIn(filter []byte, order binary.ByteOrder) (n int) {
	for at := 0; at < len(filter); at += instructionSize {
		if order.Uint16(filter[at:]) == asm.Waiting {
			n++
		}
	}
	return n
}

// isFilled reports whether an encoded filter is the list's but for the values in its places.
func (r *List) isFilled(filter []byte) bool {
	empty := bytes.Clone(filter)
	for _, at := range r.Places {
		if at.Instruction >= len(filter)/instructionSize {
			return false
		}
		in := empty[at.Instruction*instructionSize:]
		r.Order.PutUint16(in, asm.Waiting)
		r.Order.PutUint32(in[4:], at.K())
	}
	return sha256.Sum256(empty) == r.SHA256
}

func otherOrder(order binary.ByteOrder) binary.ByteOrder {
	if bigEndian(order) {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

// version is the version of the form in which lists are written.
const version = 1

type listJSON struct {
	Version   int         `json:"version"`
	SHA256    string      `json:"sha256"`
	ByteOrder string      `json:"byte_order"`
	Values    []valueJSON `json:"values"`
	Places    []placeJSON `json:"places"`
}

type valueJSON struct {
	Name string      `json:"name"`
	Type string      `json:"type"`
	Min  json.Number `json:"min"`
	Max  json.Number `json:"max"`
}

type placeJSON struct {
	Instruction int    `json:"instruction"`
	Value       string `json:"value"`
	Half        string `json:"half"`
}

func bigEndian(order binary.ByteOrder) bool { return order.Uint16([]byte{0, 1}) == 1 }

var (
	orderNames = map[bool]string{false: "little", true: "big"}
	halfNames  = map[bool]string{false: "low", true: "high"}
)

// Text returns the list as JSON, which [Parse] reads.
func (r *List) Text() []byte {
	out := listJSON{
		Version: version, SHA256: hex.EncodeToString(r.SHA256[:]),
		ByteOrder: orderNames[bigEndian(r.Order)], Values: []valueJSON{}, Places: []placeJSON{},
	}
	for _, v := range r.Values {
		out.Values = append(out.Values, valueJSON{
			v.Name, v.Type(), json.Number(v.Text(v.Min)), json.Number(v.Text(v.Max)),
		})
	}
	for _, at := range r.Places {
		out.Places = append(out.Places, placeJSON{
			at.Instruction, r.Values[at.Value].Name, halfNames[at.High],
		})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		panic("relocation: " + err.Error())
	}
	return append(text, '\n')
}

// Parse reads a list of relocations. Whether it is the one of a filter, only
// [List.Fill] tells.
func Parse(text []byte) (*List, error) {
	var in listJSON
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("this is no list of relocations: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("this is no list of relocations: there is more behind it")
	}
	if in.Version != version {
		return nil, fmt.Errorf("the list of relocations is of version %d, this program reads %d",
			in.Version, version)
	}
	r := &List{Order: binary.LittleEndian}
	if in.ByteOrder == orderNames[true] {
		r.Order = binary.BigEndian
	}
	sum, err := hex.DecodeString(in.SHA256)
	if err != nil || len(sum) != len(r.SHA256) {
		return nil, errors.New("the list of relocations has no sha256 of 64 hexadecimal digits")
	}
	copy(r.SHA256[:], sum)
	if in.ByteOrder != orderNames[bigEndian(r.Order)] {
		return nil, fmt.Errorf("the byte order %.40q is neither little nor big", in.ByteOrder)
	}
	return r, r.read(&in)
}

// read reads the values and the places.
func (r *List) read(in *listJSON) error {
	number := map[string]int{}
	for _, v := range in.Values {
		value, err := v.read()
		if err != nil {
			return err
		}
		if _, twice := number[v.Name]; twice || v.Name == "" {
			return fmt.Errorf("the late value %.40q is listed twice, or has no name", v.Name)
		}
		number[v.Name] = len(r.Values)
		r.Values = append(r.Values, value)
	}
	for i, p := range in.Places {
		value, known := number[p.Value]
		high := p.Half == halfNames[true]
		switch {
		case !known:
			return fmt.Errorf("place %d is for %.40q, which is no late value of the list", i,
				p.Value)
		case p.Half != halfNames[high] || high && r.Values[value].Width == 32:
			return fmt.Errorf("place %d is for the half %.40q of %s, which it does not have", i,
				p.Half,
				p.Value)
		case p.Instruction < 0 || p.Instruction >= asm.MaxLen,
			i > 0 && p.Instruction <= r.Places[i-1].Instruction:
			return fmt.Errorf("place %d: instruction %d is out of order", i, p.Instruction)
		}
		r.Places = append(r.Places, asm.Place{Instruction: p.Instruction, Value: value, High: high})
	}
	return r.checkHalves()
}

// checkHalves refuses a list in which a value of 64 bits is put in by half: a filter that looks at
// one half looks at the other, unless all values have the same.
func (r *List) checkHalves() error {
	for i, v := range r.Values {
		var low, high bool
		for _, at := range r.Places {
			low = low || at.Value == i && !at.High
			high = high || at.Value == i && at.High
		}
		if v.Width == 64 && low && !high && v.Min>>32 != v.Max>>32 {
			return fmt.Errorf("there is no place for the high half of %s, which is of type %s",
				v.Name, v.Type())
		}
	}
	return nil
}

// Whole returns a late value that may be any of its type.
func Whole(name string, width int, signed bool) Value {
	v := Value{Name: name, Width: width, Signed: signed, Max: ^uint64(0) >> (64 - width)}
	if signed {
		v.Max >>= 1
		v.Min = ^v.Max
	}
	return v
}

// read reads a value, whose range must lie in its type.
func (v valueJSON) read() (Value, error) {
	for _, t := range []Value{
		Whole(v.Name, 32, false), Whole(v.Name, 64, false), Whole(v.Name, 32, true),
		Whole(v.Name, 64, true),
	} {
		if t.Type() != v.Type {
			continue
		}
		lo, err := t.Parse(v.Min.String())
		if err != nil {
			return t, err
		}
		hi, err := t.Parse(v.Max.String())
		if err != nil {
			return t, err
		}
		t.Min, t.Max = lo, hi
		if !t.Allows(lo) || !t.Allows(hi) {
			return t, fmt.Errorf("the range of %s is empty", v.Name)
		}
		return t, nil
	}
	return Value{}, fmt.Errorf("%.40q: the type %.40q is none of u32, i32, u64, i64", v.Name,
		v.Type)
}
