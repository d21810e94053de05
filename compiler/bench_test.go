package compiler

import (
	"fmt"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/compiler/lint"
	"github.com/seccompc/seccompc/compiler/resolve"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		benchmarkStages(b, fmt.Sprintf("numbers=%d", n), numbered(n),
			Options{ABIs: []string{"x86_64"}})
	}
	for _, n := range []int{10, 100, 1_000, 8_000} { // a text may have 50,000 words
		benchmarkStages(b, fmt.Sprintf("values=%d", n), valued(n),
			Options{ABIs: []string{"x86_64"}})
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

// benchmarkStages times the stages of a compilation and, as "compile", the way from the text to the
// program with all findings, the proof of the program aside.
func benchmarkStages(b *testing.B, name string, src []byte, opts Options) {
	r, diags := resolve.Text(name, src, opts.Resolve())
	if diags.HasErrors() {
		b.Fatal(diags[0])
	}
	prog, err := codegen.Generate(r.Policy, weights(r, opts), 0)
	if err != nil {
		b.Fatal(err)
	}
	stages := []struct {
		name string
		run  func()
	}{
		{"text", func() { resolve.Text(name, src, opts.Resolve()) }},
		{"lint", func() { lint.Find(r, nil) }},
		{"code", func() { _, _ = codegen.Generate(r.Policy, weights(r, opts), 0) }},
		{"proof", func() { prove(r, r.Sources[0].Start(), prog) }},
		{"compile", func() {
			r, diags := resolve.Text(name, src, opts.Resolve())
			_, _, _, _ = stages{codegen.Generate, lint.Find}.build(r, diags, weights(r, opts), 0)
		}},
	}
	for _, stage := range stages {
		b.Run(name+"/"+stage.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				stage.run()
			}
			if stage.name == "code" {
				b.ReportMetric(float64(len(prog)), "instructions")
			}
		})
	}
}
