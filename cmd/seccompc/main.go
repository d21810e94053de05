// Command seccompc compiles, checks and proves seccomp policies, and runs programs under them.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
)

func main() {
	// Most commands make a few MB of garbage and leave: they end before a heap of 16 MiB has to be
	// collected for the first time. The limit is above what the budgets of resolver and prover let
	// a policy hold on to, so that a hostile one takes no more than before, and is not collected in
	// vain either.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(256 << 20)
	if err := freeFiles(); err != nil {
		os.Exit(finish(os.Stderr, err))
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			code = reportBug(stderr, fault, stackOf(fault))
		}
	}()
	out := buffered{bufio.NewWriter(stdout), stdout}
	root := newRoot(args)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(withSources(context.Background()))
	err = usageOf(cmd, err)
	if e := out.Flush(); e != nil && err == nil {
		err = fmt.Errorf("the output could not be written: %w", e)
	}
	return finish(stderr, err)
}

// buffered is what commands print to, and where it goes.
type buffered struct {
	*bufio.Writer
	to io.Writer
}

// finish prints what has not been said yet and returns the exit status.
func finish(stderr io.Writer, err error) int {
	code, help := statusOK, ""
	if err != nil {
		code = statusUsage
	}
	var s *statusError
	if errors.As(err, &s) {
		code, err, help = s.code, s.err, s.help
	}
	if err != nil {
		fmt.Fprintf(stderr, "seccompc: %s\n%s", printable(err), help)
	}
	return code
}

// printable is the message of an error in one line. Names of files, commands and flags come from
// anywhere.
func printable(err error) string {
	return diag.Printable(strings.ReplaceAll(err.Error(), "\n", "; ")) // as errors.Join has it
}

// say prints a line about a command's work to standard error.
func say(cmd *cobra.Command, format string, args ...any) {
	fmt.Fprintln(cmd.ErrOrStderr(), diag.Printable(fmt.Sprintf(format, args...)))
}

// stackOf returns the stack of a panic, which may have been raised in another goroutine first.
func stackOf(fault any) []byte {
	if f, ok := fault.(interface{ Stack() []byte }); ok {
		return f.Stack()
	}
	return debug.Stack()
}

// reportBug turns a panic into a message. The trace goes to a file: it is for us, not for the
// reader.
func reportBug(stderr io.Writer, fault any, stack []byte) int {
	fmt.Fprintf(stderr, "seccompc: this is a bug in seccompc: %v\n", fault)
	trace, err := os.CreateTemp("", "seccompc-trace-*.txt")
	if err != nil {
		return statusBug
	}
	defer trace.Close()
	if _, err := fmt.Fprintf(trace, "%v\n%s", fault, stack); err == nil {
		fmt.Fprintf(stderr, "please report it with the command line, its files and %s\n",
			trace.Name())
	}
	return statusBug
}

// The exit statuses. Run passes on what the child returns; see exitStatusHelp.
const (
	statusOK      = 0
	statusWrong   = 1
	statusUsage   = 2
	statusKernel  = 3
	statusUnknown = 4
	statusBug     = 70
)

const exitStatusHelp = `Exit status:
  0   fine
  1   the policy, the filter or the claim is wrong; diff: there is a difference
  2   the command line is wrong, or a file cannot be read or written
  3   the kernel refused
  4   it is not known: a proof was given up
  70  a bug in seccompc
run passes on the status of the command, or 128 and the number of the signal that ended it; 126 and
127 mean that the command cannot be executed, or that there is none.`

// statusError is an error with an exit status of its own; any other error means statusUsage. A nil
// err means that everything has been said.
type statusError struct {
	code int
	err  error
	help string // lines behind the message
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// exit ends the command with a status, without a message.
func exit(code int) error { return &statusError{code: code} }

// wrong is the error for an input that is not what it should be.
func wrong(format string, args ...any) error {
	return &statusError{code: statusWrong, err: fmt.Errorf(format, args...)}
}

// findings looks at each of several files, and returns what was found in all of them, and the
// outcome, the first that is not fine.
func findings(
	cmd *cobra.Command, files []string, look func(*cobra.Command, string) (diag.List, error),
) (all diag.List, outcome error) {
	for _, name := range files {
		diags, err := look(cmd, name)
		all = append(all, diags...)
		outcome = worse(cmd, outcome, err)
	}
	return all, outcome
}

// worse says what is wrong with one of several files and returns the outcome of all so far, the
// first that is not fine.
func worse(cmd *cobra.Command, outcome, err error) error {
	if err == nil {
		return outcome
	}
	code := finish(cmd.ErrOrStderr(), err)
	if outcome == nil {
		return exit(code)
	}
	return outcome
}
