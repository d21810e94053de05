package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

// What shells return for a command that they cannot start.
const (
	statusNotExecutable = 126
	statusNotFound      = 127
)

// runFlags are the flags of run.
type runFlags struct {
	policyFlags
	stack     []string
	logDenied bool
}

func newRun() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] FILE -- COMMAND [ARGUMENT...]",
		Short: "Run a command under a filter",
		Long: `Run starts a command under a filter, which is in force before the command's first
instruction. seccompc itself stays outside of it, passes signals on, and returns the command's
exit status.

The command runs with no_new_privs: programs with the set-user-ID bit gain nothing.

With --log-denied the command runs unconfined, to find out what a policy is missing: every call is
carried out, and those that the filter would not have let pass are printed to standard error. Each
is printed once, and again with other arguments; "_" stands for an address. It goes on until
everything that the command has started has ended.`,
		Example: "  seccompc run policy.scp -- ./server --port 80",
		Args:    usageArgs(cobra.MinimumNArgs(2)),

		DisableFlagsInUseLine: true,
	}
	flags.register(cmd)
	cmd.Flags().Var(newList(&flags.stack), "stack",
		"install `FILE` too, behind the others; the strictest answer counts")
	cmd.Flags().BoolVar(&flags.logDenied, "log-denied", false,
		"deny nothing, and print what would have been denied")
	cmd.MarkFlagsMutuallyExclusive("stack", "log-denied")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		start, err := flags.starter(cmd, args[0])
		if err != nil {
			return err
		}
		return runCommand(args[1:], start)
	}
	return cmd
}

// starter starts a child under a filter and returns how to wait for its end.
type starter func(child *exec.Cmd, signals watched) (wait func() error, err error)

// starter loads the filters and says how to start a child under them.
func (flags *runFlags) starter(cmd *cobra.Command, name string) (starter, error) {
	if flags.logDenied {
		s, err := loadStack(cmd, &flags.policyFlags, name)
		if err != nil {
			return nil, err
		}
		f, err := s.one("run --log-denied")
		if err != nil {
			return nil, err
		}
		return func(child *exec.Cmd, signals watched) (func() error, error) {
			return startObserved(cmd, child, f, signals)
		}, nil
	}
	var filters []asm.Program
	for _, name := range append([]string{name}, flags.stack...) {
		loaded, err := loadForHost(cmd, &flags.policyFlags, name)
		if err != nil {
			return nil, err
		}
		filters = append(filters, loaded...)
	}
	return func(child *exec.Cmd, _ watched) (func() error, error) {
		return child.Wait, runtime.Start(child, 0, filters...)
	}, nil
}

// loadForHost reads a policy, a filter or a stack for the machine that this runs on.
func loadForHost(cmd *cobra.Command, flags *policyFlags, name string) ([]asm.Program, error) {
	s, err := loadUnchecked(cmd, flags, name)
	if err != nil {
		return nil, err
	}
	for _, f := range s.filters {
		if f.policy != nil {
			continue
		}
		if _, err := runtime.Parse(f.program.Encode(f.order)); err != nil {
			return nil, wrong("%s: %w", f.name, err)
		}
	}
	return s.programs(), nil
}

// runCommand runs a command to its end.
func runCommand(command []string, start starter) error {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	if child.Err != nil {
		return cannotStart(command[0], child.Err)
	}
	signals := watchSignals()
	wait, err := start(child, signals)
	if err != nil {
		return cannotStart(command[0], err)
	}
	signals.passTo(child.Process)
	err = wait()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	return childStatus(command[0], child.ProcessState)
}

// cannotStart says why a command did not start; nothing has run then.
func cannotStart(name string, err error) error {
	var refused *runtime.Error
	var decided *statusError
	var failed *fs.PathError
	switch {
	case errors.As(err, &decided):
		return err
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return &statusError{code: statusNotFound, err: fmt.Errorf("%s: command not found: %w", name, err)}
	case errors.As(err, &refused):
		return &statusError{code: statusKernel, err: err}
	case errors.Is(err, fs.ErrPermission),
		errors.As(err, &failed) && failed.Op == "fork/exec": // ENOEXEC, ELOOP and so on
		return &statusError{code: statusNotExecutable,
			err: fmt.Errorf("%s: cannot be executed: %w", name, err)}
	}
	return &statusError{code: statusWrong, err: err}
}
