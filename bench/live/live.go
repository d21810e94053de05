// Package live times filters on the running kernel. Each measurement is a process of its own, this
// program re-executed, because a filter cannot be taken off again.
package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/bench/rows"
)

// Classes are the kinds of call that are timed, in the order of Times.
var Classes = [3]string{"checked", "denied", "cached"}

// Times are by class, a pair for each process that measured; none where there is no probe.
type Times [3]Pairs

// childVariable marks the environment of a re-executed process; its value means nothing.
const childVariable = "SECCOMPC_BENCH_CHILD"

// Main turns the process into a measurement if that is what it was started as. It must come first
// in main, and returns in any other process.
func Main() {
	if os.Getenv(childVariable) == "" {
		return
	}
	if err := child(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// OneInstruction times the probes under the smallest filters that the kernel really runs: for
// allowed calls, a permission whose data keeps it out of the kernel's cache; for denied ones, a
// plain refusal.
func OneInstruction(probes rows.Probes) (Times, error) {
	allowed, err := Run(asm.Program{{Op: asm.RetK, K: 0x7fff0001}},
		rows.Probes{Checked: probes.Checked, Cached: probes.Cached})
	if err != nil {
		return Times{}, err
	}
	denied, err := Run(asm.Program{{Op: asm.RetK, K: 0x00050001}},
		rows.Probes{Denied: probes.Denied})
	return Times{allowed[0], denied[1], allowed[2]}, err
}

// Run times the probes in a process, without a filter and then under this one.
func Run(filter asm.Program, probes rows.Probes) (Times, error) { return Stack(filter, 1, probes) }

// Stack is Run for a filter that is installed some times.
func Stack(filter asm.Program, times int, probes rows.Probes) (Times, error) {
	return measure(request(filter, times, probes), probes)
}

func measure(request []byte, probes rows.Probes) (Times, error) {
	var times Times
	shared, err := unix.MemfdCreate("results", unix.MFD_CLOEXEC)
	if err != nil {
		return times, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(shared), "results")
	defer file.Close()
	if err := file.Truncate(resultsSize); err != nil {
		return times, err
	}
	death := reexecute(file, request)
	blob, err := io.ReadAll(io.NewSectionReader(file, 0, resultsSize))
	if err != nil {
		return times, err
	}
	r := decode(blob)
	switch {
	case r.err != 0:
		return times, fmt.Errorf("the kernel refused the filter: %w", unix.Errno(r.err))
	case !r.done:
		return times, fmt.Errorf("a timed call ended the process: %w", death)
	}
	return r.times(probes), nil
}

func reexecute(results *os.File, input []byte) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{results}
	if err := cmd.Run(); err != nil {
		return err
	}
	return errors.New("it left without a result")
}

// request encodes how often the filter is installed, the probes, then the filter.
func request(filter asm.Program, times int, probes rows.Probes) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, int64(times))
	for _, p := range []rows.Probe{probes.Checked, probes.Denied, probes.Cached} {
		nr := int64(-1)
		if n, ok := neutral.ABIs["x86_64"].Number(p.Call); ok {
			nr = int64(n)
		}
		// Writing to a bytes.Buffer does not fail.
		_ = binary.Write(&b, binary.LittleEndian, nr)
		_ = binary.Write(&b, binary.LittleEndian, p.Args)
	}
	b.Write(filter.Encode(binary.LittleEndian))
	return b.Bytes()
}
