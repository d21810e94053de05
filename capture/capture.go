// Package capture runs a program and catches the filters that it installs.
//
// The program and everything that it starts run under ptrace(2), which needs no privilege: each
// thread stops at every system call, and where that is one that installs a filter, the filter is
// read from the caller's memory before the kernel reads it. Only what the kernel has taken
// counts: the call returned success, and the thread has one filter more than before, as /proc
// says (Linux 5.9), so that a success that an older filter feigns is none.
//
// The program really runs: what it does, it does. Under ptrace a program's set-user-ID bits give it
// no privilege (execve(2)).
package capture

import (
	"errors"
	"time"

	"github.com/seccompc/seccompc/asm"
)

// Options say how to run the program.
type Options struct {
	Timeout time.Duration // after which everything is killed; what was caught until then counts
	Threads int           // more at once are killed likewise; 0: [MaxThreads]
}

// Process is one of the processes that were seen.
type Process struct {
	ID      int
	Name    string        // what /proc calls it when it installs a filter
	Filters []asm.Program // in the order of installing, those that it was born with first
	Own     int           // how many of them it installed itself
	Differ  bool          // its threads have different filters: these are of one of them
	Partly  bool          // a thread of it has fewer filters, when the last one was installed
}

// Result is what was caught.
type Result struct {
	Processes []Process // that installed filters, the first one first
	// why the kernel refused the last filter that it did not take, nil: there was none
	Refused  error
	Strict   bool // a thread set strict mode, which is no filter
	TimedOut bool // the program, or something that it started, was killed
	Crowded  bool // everything was killed, as there were too many threads at once
}

// MaxThreads is how many threads are followed at once where no other bound is given.
const MaxThreads = 2048

// ErrSystem is the error where there is no such tracing.
var ErrSystem = errors.New("programs are run and traced on Linux only (5.3 or newer)")
