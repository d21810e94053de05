package main

import (
	"errors"
	"fmt"
	"math/rand"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/measure"
	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/report"
	"github.com/seccompc/seccompc/bench/rows"
	"github.com/seccompc/seccompc/compiler"
)

const liveRepeats = 15

// candidate is a line of the report in the making.
type candidate struct {
	report.Line
	row     *rows.Row
	compile peers.Compile // nil for a yardstick
	filter  asm.Program
	run     func(rows.Probes) (live.Times, error) // times calls in a process; nil: none of its own
}

// measureAll takes the figures of every compiler on every row. What is timed is repeated in rounds,
// so that a disturbance of the machine meets all alike.
func measureAll() (report.Report, error) {
	r := report.Report{Titles: map[string]string{}, Ours: peers.Ours, Kernel: kernelRelease()}
	for _, p := range peers.All() {
		r.Peers = append(r.Peers, fmt.Sprintf("%s (%s)", p.Name, p.Version))
	}
	all := candidates(r.Titles)
	for _, c := range all {
		if err := c.figures(); err != nil {
			return r, fmt.Errorf("%s, %s: %w", c.Row, c.Peer, err)
		}
	}
	trees, err := distances()
	if err != nil {
		return r, err
	}
	r.Trees = trees
	if r.Bounds, err = bounds(); err != nil {
		return r, err
	}
	compileTimes(all)
	for _, p := range peers.All() {
		r.Growth = append(r.Growth, growth(p)...)
	}
	for range liveRepeats {
		for _, i := range rand.Perm(len(all)) {
			all[i].time()
		}
	}
	unfiltered(all)
	for _, c := range all {
		r.Lines = append(r.Lines, c.Line)
	}
	return r, nil
}

// distances returns what the test of the search for trees says of it.
func distances() (lines []string, err error) {
	cmd := exec.Command("go", "test", "./compiler/codegen", "-count=1", "-run", "Certificate", "-v")
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if _, text, ok := strings.Cut(line, "_test.go:"); ok {
			_, text, _ = strings.Cut(text, ": ")
			lines = append(lines, text)
		}
	}
	return lines, nil
}

// bounds returns what is known of what no filter for a row goes below.
func bounds() (all []report.Bound, err error) {
	for _, row := range rows.All() {
		result, diags := compiler.Compile(row.Name+".scp", []byte(row.SCP()), compiler.Options{})
		if diags.HasErrors() {
			return nil, errors.New(diags[0].String())
		}
		stats := result.Stats()
		for _, abi := range stats.ABIs {
			n := float64(abi.Checked.Numbers + abi.Denied.Numbers)
			sum := float64(abi.Checked.Numbers)*abi.Checked.Executed +
				float64(abi.Denied.Numbers)*abi.Denied.Executed
			all = append(all, report.Bound{Row: row.Name, ABI: abi.ABI, Spans: abi.Spans,
				Cheapest: abi.Cheapest, Len: stats.Length, Least: abi.LeastLength,
				Mean: sum / max(n, 1), Below: abi.LowerBound})
		}
	}
	return all, nil
}

func candidates(titles map[string]string) []*candidate {
	var all []*candidate
	for _, row := range rows.All() {
		titles[row.Name] = row.Title
		for _, p := range peers.All() {
			c := &candidate{Line: report.Line{Row: row.Name, Peer: p.Name}, row: &row}
			c.compile, c.Err = p.Prepare(&row.Policy)
			all = append(all, c)
		}
		if row.Probes != (rows.Probes{}) {
			all = append(all, yardstick(&row, report.NoFilter, nil),
				yardstick(&row, report.OneInstruction, live.OneInstruction))
		}
	}
	return all
}

func yardstick(row *rows.Row, name string, run func(rows.Probes) (live.Times, error)) *candidate {
	return &candidate{
		Line: report.Line{Row: row.Name, Peer: name, Yardstick: true},
		row:  row,
		run:  run,
	}
}

// figures compiles once and runs the filter in the simulator. It fails for a filter that the kernel
// would not take; a policy that a compiler cannot express is a result.
func (c *candidate) figures() error {
	if c.Yardstick || c.Err != nil {
		return nil
	}
	if c.filter, _, c.Err = c.compile(); c.Err != nil {
		return nil
	}
	if err := c.filter.Check(); err != nil {
		return err
	}
	c.run = func(p rows.Probes) (live.Times, error) { return live.Run(c.filter, p) }
	var err error
	c.Figures, err = measure.Filter(&c.row.Policy, c.filter)
	return err
}

// time adds one process's measurements to the line.
func (c *candidate) time() {
	if c.run == nil || c.LiveErr != nil || c.row.Probes == (rows.Probes{}) {
		return
	}
	times, err := c.run(c.row.Probes)
	if err != nil {
		c.LiveErr = err
		return
	}
	for class := range times {
		c.Times[class] = append(c.Times[class], times[class]...)
	}
}

// unfiltered fills the lines of no filter: every process of a row timed its calls without one
// first.
func unfiltered(all []*candidate) {
	for _, yardstick := range all {
		if yardstick.Peer != report.NoFilter {
			continue
		}
		for _, c := range all {
			if c.Row != yardstick.Row || c == yardstick {
				continue
			}
			for class, pairs := range c.Times {
				yardstick.Times[class] = append(yardstick.Times[class], pairs.Unfiltered()...)
			}
		}
	}
}

func kernelRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "of an unknown release"
	}
	return unix.ByteSliceToString(u.Release[:]) + " " + unix.ByteSliceToString(u.Machine[:])
}
