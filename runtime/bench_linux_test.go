package runtime

import (
	"encoding/binary"
	"testing"

	"github.com/seccompc/seccompc/asm"
)

// hundred is a filter of 100 instructions: a list of numbers that are allowed, the rest denied.
func hundred() asm.Program {
	var nrs []uint32
	for nr := range uint32(94) {
		nrs = append(nrs, 4*nr)
	}
	return filter(allow, errno(1), nrs...)
}

func BenchmarkParse(b *testing.B) {
	blob := hundred().Encode(binary.NativeEndian)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(blob); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	p := hundred()
	b.ReportAllocs()
	for b.Loop() {
		p.Check()
	}
}
func BenchmarkServes(b *testing.B) {
	p := hundred()
	b.ReportAllocs()
	for b.Loop() {
		p.Serves(hostArch())
	}
}
func BenchmarkPreflight(b *testing.B) {
	p := denied()
	b.ReportAllocs()
	for b.Loop() {
		goSurvives(p)
	}
}
