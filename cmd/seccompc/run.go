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

func newRun() *cobra.Command {
	var flags policyFlags
	var stack []string
	cmd := &cobra.Command{
		Use:   "run FILE -- COMMAND [ARGUMENT...]",
		Short: "Run a command under a filter",
		Long: `Run starts a command under a filter, which is in force before the command's first instruction. seccompc itself
stays outside of it, passes signals on, and returns the command's exit status.

The command runs with no_new_privs: programs with the set-user-ID bit gain nothing.`,
		Example: "  seccompc run policy.scp -- ./server --port 80",
		Args:    usageArgs(cobra.MinimumNArgs(2)),
	}
	flags.register(cmd)
	cmd.Flags().StringArrayVar(&stack, "stack", nil, "install this `FILE` as well, behind the first; the strictest answer decides")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var filters []asm.Program
		for _, name := range append(args[:1:1], stack...) {
			loaded, err := loadForHost(cmd, &flags, name)
			if err != nil {
				return err
			}
			filters = append(filters, loaded...)
		}
		return runCommand(args[1:], filters)
	}
	return cmd
}

// loadForHost reads a policy, a blob or a stack of blobs for the machine that this runs on.
func loadForHost(cmd *cobra.Command, flags *policyFlags, name string) ([]asm.Program, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	if in.isText() {
		res, err := flags.compile(cmd, in, false)
		if err != nil {
			return nil, err
		}
		return []asm.Program{res.Program}, nil
	}
	stack, err := runtime.ParseStack(in.data)
	if err != nil {
		return nil, wrong("%s: %w", in.name, err)
	}
	return stack, nil
}

func runCommand(command []string, filters []asm.Program) error {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	if child.Err != nil {
		return cannotStart(command[0], child.Err)
	}
	signals := watchSignals()
	if err := runtime.Start(child, 0, filters...); err != nil {
		return cannotStart(command[0], err)
	}
	signals.passTo(child.Process)
	err := child.Wait()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	return childStatus(command[0], child.ProcessState)
}

// cannotStart says why a command did not start; nothing has run then.
func cannotStart(name string, err error) error {
	var refused *runtime.Error
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return &statusError{statusNotFound, fmt.Errorf("%s: command not found: %w", name, err)}
	case errors.Is(err, fs.ErrPermission) && !errors.As(err, &refused):
		return &statusError{statusNotExecutable, fmt.Errorf("%s: cannot be executed: %w", name, err)}
	case errors.As(err, &refused):
		return &statusError{statusKernel, err}
	}
	return &statusError{statusWrong, err}
}
