package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

// probeJob is what the child of test --kernel is to do.
type probeJob struct {
	// struct sock_filter of this machine, in the order of installing
	Filters [][]byte   `json:"filters"`
	Calls   []probeRow `json:"calls"`
}

type probeRow struct {
	Nr   uintptr    `json:"nr"`
	Args [6]uintptr `json:"args"`
}

const probeCommand = "make-calls"

// makeCalls makes the calls in a child of this program under the filters, and returns their errnos.
func makeCalls(programs []asm.Program, probes []probe) ([]syscall.Errno, error) {
	var job probeJob
	for _, p := range programs {
		job.Filters = append(job.Filters, p.Encode(binary.NativeEndian))
	}
	for _, p := range probes {
		row := probeRow{Nr: uintptr(p.data.Nr)}
		for i, a := range p.data.Args {
			row.Args[i] = uintptr(a)
		}
		job.Calls = append(job.Calls, row)
	}
	child := exec.Command("/proc/self/exe", probeCommand)
	child.Args[0] = os.Args[0]
	child.Stdin = bytes.NewReader(toJSON(job))
	var stderr bytes.Buffer
	child.Stderr = &stderr
	text, err := child.Output()
	if err != nil {
		return nil, noCalls("%w: %s", err, stderr.Bytes())
	}
	var got []syscall.Errno
	if err := json.Unmarshal(text, &got); err != nil || len(got) != len(probes) {
		return nil, noCalls("the child that was to make them answers %q", text)
	}
	return got, nil
}

func noCalls(format string, args ...any) error {
	return &statusError{code: statusKernel, err: fmt.Errorf("the calls could not be made: "+format,
		args...)}
}

// newMakeCalls returns the command that the child runs.
func newMakeCalls() *cobra.Command {
	return &cobra.Command{
		Use:    probeCommand,
		Short:  "Make system calls under a filter, for test --kernel",
		Hidden: true,
		Args:   usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var job probeJob
			if err := json.NewDecoder(cmd.InOrStdin()).Decode(&job); err != nil {
				return err
			}
			var programs []asm.Program
			for _, f := range job.Filters {
				program, err := runtime.Parse(f)
				if err != nil {
					return err
				}
				programs = append(programs, program)
			}
			got, err := callUnder(programs, job.Calls)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(toJSON(got))
			return err
		},
	}
}

// callUnder makes the calls on a thread of its own that alone is under the filters. The thread does
// nothing else there: no signal is handled on it, no garbage is collected, and it never ends, since
// a return from a handler, a futex or an exit might be what the filter kills. It ends with the
// process.
func callUnder(programs []asm.Program, calls []probeRow) ([]syscall.Errno, error) {
	goruntime.GOMAXPROCS(4)
	debug.SetGCPercent(-1)
	got := make([]syscall.Errno, len(calls))
	var made atomic.Int64
	failed := make(chan error, 1)
	go func() {
		goruntime.LockOSThread()
		every := ^uint64(0)
		unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK,
			uintptr(unsafe.Pointer(&every)), 0, 8, 0, 0)
		for _, p := range programs {
			if err := runtime.Install(p, runtime.Thread); err != nil {
				failed <- err
				return
			}
		}
		for i := range calls {
			a := &calls[i].Args
			_, _, got[i] = unix.RawSyscall6(calls[i].Nr, a[0], a[1], a[2], a[3], a[4], a[5])
			made.Add(1)
		}
		//lint:ignore SA5002 to wait in the kernel, or to end, might be what the filter kills
		for {
		}
	}()
	const patience = 10 * time.Second
	for start := time.Now(); time.Since(start) < patience; time.Sleep(time.Millisecond) {
		if int(made.Load()) == len(calls) {
			return got, nil
		}
		select {
		case err := <-failed:
			return nil, err
		default:
		}
	}
	return nil, errors.New("a call does not return: the filter kills it, or it waits")
}
