package compiler

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
)

// TestMasks: many masks of one argument take a test each, and one instruction more where the bits
// that they look for are others.
func TestMasks(t *testing.T) {
	const head = "arch x86_64\ndefault allow\n"
	tests := func(format string, pairs ...uint32) string {
		var terms []string
		for i := 0; i < len(pairs); i += 2 {
			terms = append(terms, fmt.Sprintf(format, pairs[i], pairs[i+1]))
		}
		return head + "deny ioctl if " + strings.Join(terms, " || ") + "\n"
	}
	const set = "u32(cmd) & %#x == %#x"
	var bits []uint32
	for i := range 8 {
		bits = append(bits, 7<<(3*i), 7<<(3*i))
	}
	for _, test := range []struct {
		name, text         string
		length, worst, xor int
	}{
		{"all set", tests(set, bits...), 20, 16, 1},
		{"all set, of 64 bits",
			strings.ReplaceAll(tests("arg0 & %#x == %#x", bits...), "ioctl", "500"), 20, 16, 1},
		{"all set, each a rule of its own", strings.ReplaceAll(tests(set, bits...),
			" || ", "\ndeny ioctl if "), 20, 16, 1},
		{"values that agree", tests(set, 0x7, 0x5, 0x38, 0x28, 0x1c0, 0x140), 14, 11, 1},
		{"values that differ in some bits", tests(set,
			0x0f, 0x3, 0xf1, 0x30, 0x1f3, 0x141, 0xf07, 0x506, 0xf0c, 0x308, 0xf03, 0xc00), 23, 18,
			6},
		{"none set, and all set", tests(set, 0x7, 0, 0x38, 0x38, 0x1c0, 0), 14, 11, 1},
		{"in the upper half",
			strings.ReplaceAll(tests("arg0 & %#x00000000 == %#x00000000", bits...),
				"ioctl", "500"), 20, 16, 1},
		{"pairs of one word", head + "deny ioctl if " + strings.Join([]string{
			"u32(cmd) & 7 == 7 && u32(cmd) & 0x38 == 0x38",
			"u32(cmd) & 0x1c0 == 0x1c0 && (u32(cmd) all 0x600 && u32(cmd) & 0x800)",
			"u32(cmd) & 0x7000 == 0x7000 && !(u32(cmd) & 0x38000 != 0x38000)",
			"u32(cmd) & 0x1c0000 == 0x1c0000 && u32(cmd) & 0xe00000 == 0xe00000"},
			" || ") + "\n", 15, 11, 1},
		{"some and all", head + "deny ioctl if u32(cmd) any 3 && u32(cmd) all 0xc || " +
			"u32(cmd) any 0x300 && u32(cmd) all 0xc00 || " +
			"u32(cmd) any 0x30000 && u32(cmd) all 0xc0000\n", 17, 13, 1},
		{"pairs that contradict each other", head + "deny ioctl if " +
			"u32(cmd) & 6 == 2 && u32(cmd) & 0xc == 0xc || u32(cmd) & 0x70 == 0x70 || " +
			"u32(cmd) & 0x380 == 0x380\n", 13, 9, 1},
		{"one mask", tests(set, 0x7, 0x5), 12, 8, 0},
	} {
		r := compile(t, test.text, Options{})
		xor := 0
		for _, in := range r.Program {
			if in.Op == asm.XorK {
				xor++
			}
		}
		if got := r.Stats(); got.Length > test.length || got.Worst > test.worst || xor > test.xor ||
			(xor > 0) != (test.xor > 0) {
			t.Errorf("%s: %d instructions, %d on the longest path, %d times xor; "+
				"want at most %d, %d, %d\n%v", test.name, got.Length, got.Worst, xor,
				test.length, test.worst, test.xor, r.Program)
		}
	}
}

// TestFewBits: a set of the values of a few bits takes no AND, and fewer tests than the tree over
// its values does.
func TestFewBits(t *testing.T) {
	for _, test := range []struct {
		values uint64 // under a mask of all bits below
		set    string
		mean   float64 // tests executed
		length int
	}{
		{16, "{1, 4, 5, 10}", 2.5, 14},
		{16, "{0, 3, 5, 6, 9, 10, 12, 15}", 4.3, 19},
		{32, "{1, 4, 5, 10, 17, 22, 29}", 3.6, 21},
	} {
		r := compile(t, fmt.Sprintf("arch x86_64\ndefault deny\nallow socket if type & %d in %s\n",
			test.values-1, test.set), Options{})
		executed := 0
		for v := range test.values {
			got, err := r.Program.Run(asm.Data{Arch: 0xc000003e, Nr: 41, Args: [6]uint64{0, v}},
				r.Order)
			if err != nil {
				t.Fatal(err)
			}
			executed += got.Steps - 6 // five up to the load, and the return
		}
		mean := float64(executed) / float64(test.values)
		t.Logf("%s: %.2f executed, %d instructions", test.set, mean, len(r.Program))
		if mean > test.mean || len(r.Program) > test.length {
			t.Errorf("%s: %.2f executed behind the load on average\n%v", test.set, mean, r.Program)
		}
	}
}

// TestLongSetUnderMask: values under a mask take one AND, and a test each besides what finds them.
func TestLongSetUnderMask(t *testing.T) {
	for _, n := range []int{40, 100, 400, 2000} {
		r := rand.New(rand.NewPCG(22, uint64(n)))
		values := map[uint32]bool{}
		for len(values) < n {
			values[r.Uint32N(1<<24)] = true
		}
		var set []string
		for _, v := range slices.Sorted(maps.Keys(values)) {
			set = append(set, fmt.Sprint(v))
		}
		filter := compile(t, "arch x86_64\ndefault allow\ndeny 500 if u32(arg0) & 0xffffff in {"+
			strings.Join(set, ", ")+"}\n", Options{})
		and := 0
		for _, in := range filter.Program {
			if in.Op == asm.AndK {
				and++
			}
		}
		if got := len(filter.Program); got > 15+n*5/4 || and != 1 {
			t.Errorf("%d values: %d instructions, %d times AND", n, got, and)
		}
	}
}
