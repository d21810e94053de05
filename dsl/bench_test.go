package dsl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/dsl"
)

func BenchmarkParse(b *testing.B) {
	names, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(names) == 0 {
		b.Fatal("no policies", err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.TrimSuffix(filepath.Base(name), ".scp"), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if _, diags := dsl.Parse(name, src); len(diags) > 0 {
					b.Fatal(diags)
				}
			}
		})
	}
}
