// Command start measures how long a program takes from its start to its end under a filter, by
// package runtime, by a helper written in C, and by bubblewrap, and how many calls a supervisor
// answers; it writes ../docs/bench-start.md.
package main

import (
	_ "embed"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/broker"
	"github.com/seccompc/seccompc/runtime"
)

//go:embed helper/helper.c
var helperSource string

const program = "/bin/true"

func main() {
	rounds := flag.Int("rounds", 300, "starts of each kind")
	out := flag.String("o", "../docs/bench-start.md", "write to this `file`")
	flag.Parse()
	if err := run(*rounds, *out); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func run(rounds int, out string) error {
	dir, err := os.MkdirTemp("", "bench-start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ways, err := prepare(dir)
	if err != nil {
		return err
	}
	for range rounds {
		for _, i := range rand.Perm(len(ways)) {
			began := time.Now()
			if err := ways[i].start(); err != nil {
				return fmt.Errorf("%s, %d instructions: %w", ways[i].name, ways[i].length, err)
			}
			ways[i].took = append(ways[i].took, time.Since(began))
		}
	}
	rows, err := broker.Measure(11, 40_000)
	if err != nil {
		return err
	}
	var section strings.Builder
	if err := broker.Markdown(&section, rows); err != nil {
		return err
	}
	text := report(ways, rounds) + section.String()
	if _, err := io.WriteString(os.Stdout, text); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// way is one way to start the program under one filter.
type way struct {
	name   string
	length int
	start  func() error
	took   []time.Duration
}

// prepare returns the ways, of which the first three are of the shortest filter.
func prepare(dir string) ([]*way, error) {
	source, helper := filepath.Join(dir, "helper.c"), filepath.Join(dir, "helper")
	if err := os.WriteFile(source, []byte(helperSource), 0o600); err != nil {
		return nil, err
	}
	if text, err := exec.Command("gcc", "-O2", "-o", helper, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("gcc: %w\n%s", err, text)
	}
	ways := []*way{{name: "no filter", start: func() error { return exec.Command(program).Run() }}}
	for _, length := range []int{66, 1000, 4000} {
		filter := denyList(length)
		file := filepath.Join(dir, fmt.Sprint(length, ".bpf"))
		if err := os.WriteFile(file, filter.Encode(binary.NativeEndian), 0o600); err != nil {
			return nil, err
		}
		ways = append(ways,
			&way{name: "runtime.Start", length: length, start: func() error {
				cmd := exec.Command(program)
				if err := runtime.Start(cmd, 0, filter); err != nil {
					return err
				}
				return cmd.Wait()
			}},
			&way{name: "C helper", length: length, start: func() error {
				return exec.Command(helper, file, program).Run()
			}},
			&way{name: "bubblewrap", length: length,
				start: func() error { return bubblewrap(file) }})
	}
	return ways, nil
}

// bubblewrap starts the program in namespaces of its own, which the others do not make.
func bubblewrap(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command("bwrap", "--dev-bind", "/", "/", "--seccomp", "3", program)
	cmd.ExtraFiles = []*os.File{f}
	return cmd.Run()
}

// denyList is a filter of that many instructions for x86_64: a test and a return for each of some
// numbers that nobody calls.
func denyList(length int) asm.Program {
	p := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch}, {Op: asm.JeqK, K: 0xc000003e, Jt: 1},
		{Op: asm.RetK, K: 0x80000000}, {Op: asm.LdAbs, K: asm.OffNr},
	}
	for nr := uint32(1000); len(p) < length-2; nr++ {
		p = append(p, asm.Instruction{Op: asm.JeqK, K: nr, Jf: 1},
			asm.Instruction{Op: asm.RetK, K: 0x50001})
	}
	for len(p) < length {
		p = append(p, asm.Instruction{Op: asm.RetK, K: 0x7fff0000})
	}
	return p
}

// report is the page.
func report(ways []*way, rounds int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Starts compared

Written by `+"`make bench-start`"+`: milliseconds from the start of %s to its end, %d times each, by
turns in random order. The helper in C reads the filter from a file, installs it and becomes the
program: one execve more, nothing else. bubblewrap also makes namespaces, which the others do not.

| instructions | way | median ms | p99 ms | median to the C helper's |
| ---: | --- | ---: | ---: | ---: |
`, program, rounds)
	helper := map[int]float64{}
	for _, w := range ways {
		slices.Sort(w.took)
		if w.name == "C helper" {
			helper[w.length] = w.at(0.5)
		}
	}
	for _, w := range ways {
		ratio := "–"
		if m := helper[w.length]; m > 0 {
			ratio = fmt.Sprintf("%.2f", w.at(0.5)/m)
		}
		fmt.Fprintf(&b, "| %d | %s | %.2f | %.2f | %s |\n", w.length, w.name, w.at(0.5), w.at(0.99),
			ratio)
	}
	return b.String()
}

// at returns the time that the share of the starts did not exceed, in milliseconds.
func (w *way) at(share float64) float64 {
	return float64(w.took[int(share*float64(len(w.took)-1))].Microseconds()) / 1000
}
