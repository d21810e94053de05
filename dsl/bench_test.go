package dsl_test

import (
	"os"
	"path/filepath"
	"strconv"
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

// BenchmarkFormatLongLine: a line of twice the words is to take twice as long.
func BenchmarkFormatLongLine(b *testing.B) {
	for _, words := range []int{5_000, 10_000, 20_000} {
		src := []byte("const A = 1" + strings.Repeat(" + 1", words))
		b.Run(strconv.Itoa(words), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if _, diags := dsl.Format("x", src); len(diags) > 0 {
					b.Fatal(diags)
				}
			}
		})
	}
}
