package compiler

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/proof"
)

// BenchmarkCompile times the compiler on the policies of testdata for x86_64, stage by stage.
func BenchmarkCompile(b *testing.B) {
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		b.Fatal("no policies", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkStages(b, filepath.Base(file), src, Options{ABIs: []string{"x86_64"}})
	}
}

// BenchmarkGrowth compiles policies of more and more rules, each on a number of its own.
func BenchmarkGrowth(b *testing.B) {
	for n := 10; n <= 1000; n *= 10 {
		benchmarkStages(b, fmt.Sprintf("numbers=%d", n), numbered(n), Options{ABIs: []string{"x86_64"}})
	}
	for n := 10; n <= 10_000; n *= 10 {
		benchmarkStages(b, fmt.Sprintf("values=%d", n), valued(n), Options{ABIs: []string{"x86_64"}})
	}
}

// numbered is a policy of n rules on every second number.
func numbered(n int) []byte {
	var s strings.Builder
	s.WriteString("default allow\n")
	for i := range n {
		fmt.Fprintf(&s, "deny %d if arg0 == %d\n", 2*i+1000, i%7)
	}
	return []byte(s.String())
}

// valued is a policy of n rules on the values of one argument.
func valued(n int) []byte {
	var s strings.Builder
	s.WriteString("default deny\n")
	for i := range n {
		fmt.Fprintf(&s, "allow ioctl if cmd == %d\n", i/3*8+i%3)
	}
	return []byte(s.String())
}

func benchmarkStages(b *testing.B, name string, src []byte, opts Options) {
	r, diags := Resolve(name, src, opts)
	if diags.HasErrors() {
		b.Fatal(diags[0])
	}
	prog, err := generate(r.Policy, r.weights(opts), 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Run(name+"/resolve", func(b *testing.B) {
		for b.Loop() {
			Resolve(name, src, opts)
		}
	})
	b.Run(name+"/generate", func(b *testing.B) {
		for b.Loop() {
			_, _ = generate(r.Policy, r.weights(opts), 0)
		}
		b.ReportMetric(float64(len(prog)), "instructions")
	})
	b.Run(name+"/reach", func(b *testing.B) {
		for b.Loop() {
			r.reach()
		}
	})
	b.Run(name+"/prove", func(b *testing.B) {
		for b.Loop() {
			if d, err := proof.Equal(r.Policy, prog); d != nil || err != nil {
				b.Fatal(d, err)
			}
		}
	})
}
