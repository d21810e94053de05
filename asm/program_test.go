package asm

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	p := Program{{Op: JeqK, Jt: 1, Jf: 2, K: 0xc000003e}}
	for _, c := range []struct {
		order binary.ByteOrder
		want  []byte
	}{
		{binary.LittleEndian, []byte{0x15, 0, 1, 2, 0x3e, 0, 0, 0xc0}},
		{binary.BigEndian, []byte{0, 0x15, 1, 2, 0xc0, 0, 0, 0x3e}},
	} {
		b := p.Encode(c.order)
		if !bytes.Equal(b, c.want) {
			t.Errorf("%v: % x, want % x", c.order, b, c.want)
		}
		if got, err := Decode(b, c.order); err != nil || !slices.Equal(got, p) {
			t.Errorf("%v: decodes as %v, %v", c.order, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		length int
		want   string
	}{
		{0, "empty"},
		{7, "not a whole number"},
		{12, "truncated"},
		{4097 * 8, "4097 instructions, the kernel takes at most 4096"},
	} {
		_, err := Decode(make([]byte, c.length), binary.LittleEndian)
		_, orderErr := DetectOrder(make([]byte, c.length))
		for _, err := range []error{err, orderErr} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d bytes: %v, want %q", c.length, err, c.want)
			}
		}
	}
	if p, err := Decode(make([]byte, 4096*8), binary.BigEndian); err != nil || len(p) != 4096 {
		t.Errorf("4096 instructions: %d, %v", len(p), err)
	}
}

func TestDetectOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		p := randomProgram(r, 2+r.IntN(9))
		for i, order := range orders {
			b := p.Encode(order)
			if got, err := DetectOrder(b); err != nil || got != order {
				t.Fatalf("%v: %v, %v", order, got, err)
			}
			if wrong, err := Decode(b, orders[1-i]); err == nil && wrong.Check() == nil {
				t.Fatalf("good in both byte orders:\n%s", p)
			}
		}
	}
	// One that runs off its end is told by all of its opcodes.
	off := Program{{Op: LdAbs, K: 4}, {Op: JeqK, Jf: 9, K: 7}, {Op: AndK, K: 3}}
	for _, order := range orders {
		if got, err := DetectOrder(off.Encode(order)); err != nil || got != order {
			t.Errorf("%v: %v, %v", order, got, err)
		}
	}
	for _, p := range []Program{{{}, {}}, {{Op: AndK}}, {{Op: LdAbs}, {Op: 0x94, K: 1}}} {
		if order, err := DetectOrder(p.Encode(orders[0])); err == nil {
			t.Errorf("%v: %v", p, order)
		}
	}
	for _, blob := range []string{"#!/bin/sh\n", "\x06\x06\x00\x00\x00\x00\xff\x7f", "policy 1"} {
		if order, err := DetectOrder([]byte(blob[:8])); err == nil {
			t.Errorf("%q: %v", blob, order)
		}
	}
}

func TestWords(t *testing.T) {
	d := Data{Nr: 1, Arch: 2, IP: 3<<32 | 4, Args: [6]uint64{5<<32 | 6, 7, 8, 9, 10, 11<<32 | 12}}
	for _, order := range orders {
		var b bytes.Buffer
		if err := binary.Write(&b, order, d); err != nil {
			t.Fatal(err)
		}
		for i, w := range d.Words(order) {
			if want := order.Uint32(b.Bytes()[4*i:]); w != want {
				t.Errorf("%v: word %d is %d, want %d", order, i, w, want)
			}
		}
	}
}

func TestWordNames(t *testing.T) {
	little := strings.Fields("nr arch ip.lo ip.hi arg0.lo arg0.hi arg1.lo arg1.hi " +
		"arg2.lo arg2.hi arg3.lo arg3.hi arg4.lo arg4.hi arg5.lo arg5.hi")
	for i, want := range little {
		offset := uint32(4 * i)
		if got := WordName(offset, binary.LittleEndian); got != want {
			t.Errorf("little endian %d: %s, want %s", offset, got, want)
		}
		if i >= 2 {
			want = little[i^1]
		}
		if got := WordName(offset, binary.BigEndian); got != want {
			t.Errorf("big endian %d: %s, want %s", offset, got, want)
		}
	}
	for _, offset := range []uint32{1, 6, 64, 0xfffff000} {
		if got := WordName(offset, binary.LittleEndian); got != "" {
			t.Errorf("%d: %q", offset, got)
		}
	}
}

func TestLowWordPanicsWithoutSuchArgument(t *testing.T) {
	for _, arg := range []int{-1, 7} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for argument %d", arg)
				}
			}()
			LowWord(arg, binary.LittleEndian)
		}()
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(mustParse(docProgram).Encode(binary.LittleEndian))
	f.Add([]byte{0x06, 0, 0, 0, 0, 0, 0xff})
	f.Fuzz(func(t *testing.T, blob []byte) {
		good := 0
		for _, order := range orders {
			p, err := Decode(blob, order)
			if err != nil {
				continue
			}
			if !bytes.Equal(p.Encode(order), blob) {
				t.Fatalf("%v: encodes as % x", order, p.Encode(order))
			}
			if p.Check() == nil {
				good++
				if got, err := DetectOrder(blob); err != nil || got != order {
					t.Fatalf("DetectOrder %v, %v; Check accepts %v", got, err, order)
				}
			}
		}
		if good > 1 {
			t.Fatal("good in both byte orders")
		}
	})
}

// Ended closes the ways past the last instruction, and changes nothing else.
func TestEnded(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	off := 0
	for range 3000 {
		p := randomProgram(r, 2+r.IntN(9))
		cut := p[:len(p)-1]
		ended, ok := cut.Ended()
		if fine := cut.Check() == nil; ok && fine || ok && ended.Check() != nil {
			t.Fatalf("%v\n%v, %v", cut, ended, fine)
		}
		if !ok {
			continue
		}
		off++
		var d Data
		res, err := ended.Run(d, orders[0])
		want, errWant := p.Run(d, orders[0])
		if err != nil || errWant != nil || len(ended) != len(p) ||
			res.Ret != want.Ret && want.Ret == p[len(p)-1].K && res.Ret != 0 {
			t.Fatalf("%v\n%v: %v, %v; %v, %v", p, ended, res, err, want, errWant)
		}
	}
	if off < 500 {
		t.Errorf("%d programs ran off their end: too few", off)
	}
}
