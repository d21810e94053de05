// Command bench compares the filters of several compilers for the same policies.
//
//	go run .              measure, print the table, write bench.md and bench.svg to ../docs
//	go run . -emit DIR    write every policy as .scp text and every filter as a raw blob
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/seccompc/seccompc/bench/command"
	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/recording"
	"github.com/seccompc/seccompc/bench/rows"
	"github.com/seccompc/seccompc/bench/stacks"
)

func main() {
	live.Main()
	emitTo := flag.String("emit", "", "only write policies and filters to this `directory`")
	docs := flag.String("docs", "../docs", "write bench.md and bench.svg to this `directory`")
	flag.Parse()
	run := func() error { return compare(*docs) }
	if *emitTo != "" {
		run = func() error { return emit(*emitTo) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// emit writes ROW.scp and ROW.PEER.bpf.
func emit(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, row := range rows.All() {
		file := filepath.Join(dir, row.Name)
		if err := os.WriteFile(file+".scp", []byte(row.SCP()), 0o666); err != nil {
			return err
		}
		for _, p := range peers.All() {
			filter, err := p.Compile(&row.Policy)
			if err != nil {
				fmt.Printf("%s: %s: %v\n", row.Name, p.Name, err)
				continue
			}
			blob := filter.Encode(binary.LittleEndian)
			if err := os.WriteFile(file+"."+p.Name+".bpf", blob, 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare measures everything and writes the report to standard output and to the directory.
func compare(docs string) error {
	r, err := measureAll()
	if err != nil {
		return err
	}
	const times = 5
	recorded, err := recording.Measure(times)
	if err != nil {
		return err
	}
	const pairs = 50
	commands, err := command.Measure("..", pairs)
	if err != nil {
		return err
	}
	stacked, name, err := measureStacks()
	if err != nil {
		return err
	}
	markdown := func(w io.Writer) error {
		return errors.Join(r.Markdown(w), stacks.Markdown(w, name, stacked),
			command.Markdown(w, commands), recording.Markdown(w, recorded))
	}
	if err := markdown(os.Stdout); err != nil {
		return err
	}
	if err := create(filepath.Join(docs, "bench.md"), markdown); err != nil {
		return err
	}
	return create(filepath.Join(docs, "bench.svg"), r.SVG)
}

// measureStacks times stacks of the filter of a row that lets a process install filters.
func measureStacks() (times []stacks.Row, name string, err error) {
	all := rows.All()
	row := all[slices.IndexFunc(all, func(r rows.Row) bool { return r.Name == "docker" })]
	filter, err := peers.All()[0].Compile(&row.Policy)
	if err != nil {
		return nil, "", err
	}
	times, err = stacks.Measure(row, filter, liveRepeats)
	return times, row.Name, err
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
