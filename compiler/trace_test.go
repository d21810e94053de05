package compiler

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTraceGolden(t *testing.T) {
	const file = "testdata/trace.scp"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := Compile(file, src, Options{})
	if res == nil {
		t.Fatal(diags)
	}
	checkGolden(t, "testdata/trace.txt", string(res.Trace().Text()))
}

// TestTraceLinksEverything holds the traces of all policies against their programs: each instruction is
// shown, and belongs to a decision or leads to callers of other ABIs only.
func TestTraceLinksEverything(t *testing.T) {
	for _, file := range policyFiles(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res := compileClean(t, file, src, nil)
		trace := res.Trace()
		text := string(trace.Text())
		for pc := range res.Program {
			if !strings.Contains(text, fmt.Sprintf("\n%4d  %s", pc, res.Program.Text(pc))) {
				t.Errorf("%s: instruction %d is not in the text", file, pc)
			}
			if trace.origin(pc) == "mismatch" && res.Program[pc].K != uint32(res.Policy.Mismatch) {
				t.Errorf("%s: instruction %d belongs to no decision", file, pc)
			}
		}
		if again := string(res.Trace().Text()); again != text {
			t.Errorf("%s: two traces differ", file)
		}
	}
}
