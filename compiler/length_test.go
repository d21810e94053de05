package compiler

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
)

// TestLongest compiles policies that take one instruction less than the kernel does, as many, and
// one more.
func TestLongest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	policy := func(own, shared int) string {
		var s strings.Builder
		s.WriteString("arch x86_64\ndefault allow\n")
		for i := range own { // a test and a return each
			fmt.Fprintf(&s, "deny(%d) %d\n", 1+i, 1000+2*i)
		}
		for i := range shared { // a test
			fmt.Fprintf(&s, "deny(1) %d\n", 9000+2*i+i*i)
		}
		return s.String()
	}
	length := func(own, shared int) int {
		r, diags := Compile("long.scp", []byte(policy(own, shared)), Options{})
		length := 0
		if r != nil {
			length = len(r.Program)
		} else if _, err := fmt.Sscanf(diags[0].Message, "the filter has %d", &length); err != nil {
			t.Fatal(diags)
		}
		if (r != nil) != (length <= asm.MaxLen) {
			t.Errorf("%d instructions: %v", length, diags)
		}
		return length
	}
	own := sort.Search(asm.MaxLen/2, func(n int) bool { return length(n, 0) >= asm.MaxLen-4 })
	seen := map[int]bool{}
	for shared := range 12 {
		seen[length(own, shared)] = true
	}
	if !seen[asm.MaxLen-1] || !seen[asm.MaxLen] || !seen[asm.MaxLen+1] {
		t.Errorf("with %d answers only the lengths %v", own, seen)
	}
}
