package compiler

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag/codes"
)

// FuzzCompile feeds texts to the whole compiler: it must neither panic nor hand out a program that
// it has not proved.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("../testdata/policies/*.scp")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("arch x86_64\ndefault deny\nallow ioctl if cmd in {1, 3, 5..9} && !(arg2 > 7)\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, diags := Compile("fuzz.scp", src, Options{ABIs: []string{"x86_64"}})
		for _, d := range diags {
			if d.Code == codes.NotProved {
				t.Fatal(d)
			}
		}
		if (r == nil) != diags.HasErrors() {
			t.Fatalf("a result and errors, or neither: %v", diags)
		}
		if r != nil {
			program := asm.Program(r.Program).Filled(make([]uint64, len(r.Policy.Late)))
			if err := program.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
