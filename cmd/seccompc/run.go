package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/runtime"
)

// What shells return for a command that they cannot start.
const (
	statusNotExecutable = 126
	statusNotFound      = 127
	statusSIGSYS        = 128 + 31 // killed by a filter
)

// runFlags are the flags of run.
type runFlags struct {
	policyFlags
	stack        []string
	logDenied    bool
	report       bool
	exec         bool
	output       string
	json         bool
	specAllow    bool
	log          bool
	noNewPrivs   bool
	waitKillable bool
}

const runHelp = `Run starts a command under a filter, which is in force before the command's first
instruction. seccompc itself stays outside of it, passes signals on, and returns the command's
exit status.

The command runs with no_new_privs: programs with the set-user-ID bit gain nothing. With
--no-new-privs=false they do, which the kernel lets only root have, and only for programs that are
root's in the end.

With --report each call that the filter refuses is named as it happens, with the rule that
refuses it: each once, and again with other arguments. A process that makes a call which is
answered by a kill is killed by SIGKILL. What is answered by trap, or by an errno above 511, is
refused and not named.

With --log-denied the command runs unconfined, to find out what a policy is missing: every call
is carried out, and those that the filter would not have let pass are printed to standard error
when the command has ended, or to the file of -o as they happen. Each is printed once, and again
with other arguments; "_" stands for an address, and the paths behind "#" are from the caller's
memory. It goes on until everything that the command has started has ended. If seccompc itself
is killed meanwhile, such calls fail with ENOSYS.

With --exec the filter is installed in this process, which then becomes the command. Use it
where tracing is not allowed, and where the command must keep this process's id, as under a
service manager that waits for its message. The filter must allow execve, and what the dynamic
loader does.

A filter with the action notify needs a supervisor: see package runtime/notify.`

func newRun() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:     "run [flags] FILE -- COMMAND [ARGUMENT...]",
		Short:   "Run a command under a filter",
		Long:    runHelp,
		Example: "  seccompc run policy.scp -- ./server --port 80",
		Args:    usageArgs(cobra.MinimumNArgs(2)),

		DisableFlagsInUseLine: true,
	}
	flags.register(cmd)
	flags.registerRun(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := flags.check(cmd); err != nil {
			return err
		}
		if flags.exec {
			return flags.become(cmd, args[0], args[1:])
		}
		start, err := flags.starter(cmd, args[0])
		if err != nil {
			return err
		}
		return runCommand(args[1:], start)
	}
	return cmd
}

func (flags *runFlags) registerRun(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(newList(&flags.stack), "stack",
		"install `FILE` too, behind the others; the strictest answer counts")
	f.BoolVar(&flags.logDenied, "log-denied", false,
		"deny nothing, and print what would have been denied")
	f.BoolVar(&flags.report, "report", false, "name each call that is refused, and the rule")
	f.BoolVar(&flags.exec, "exec", false, "become the command, instead of starting it")
	f.StringVarP(&flags.output, "output", "o", "", "write the calls to `FILE` as they happen")
	f.BoolVar(&flags.json, "json", false, "write the calls as JSON, one a line")
	f.BoolVar(&flags.specAllow, "spec-allow", false,
		"leave Speculative Store Bypass unmitigated (SECCOMP_FILTER_FLAG_SPEC_ALLOW)")
	f.BoolVar(&flags.log, "log", false,
		"have the kernel's audit log record what is refused (SECCOMP_FILTER_FLAG_LOG)")
	f.BoolVar(&flags.waitKillable, "wait-killable", true,
		"let only fatal signals interrupt calls that are looked at (Linux 5.19)")
	f.BoolVar(&flags.noNewPrivs, "no-new-privs", true, "set no_new_privs")
	cmd.MarkFlagsMutuallyExclusive("stack", "log-denied", "report")
	cmd.MarkFlagsMutuallyExclusive("exec", "log-denied", "report")
}

// check refuses flags that mean nothing without another.
func (flags *runFlags) check(cmd *cobra.Command) error {
	if flags.logDenied || flags.report {
		return nil
	}
	for _, name := range []string{"output", "json", "wait-killable"} {
		if cmd.Flags().Changed(name) {
			return usageError(cmd, fmt.Errorf("--%s is about the calls of --report or --log-denied",
				name))
		}
	}
	return nil
}

// start returns the flags for the kernel.
func (flags *runFlags) start() (f runtime.Flags) {
	if flags.specAllow {
		f |= runtime.SpecAllow
	}
	if flags.log {
		f |= runtime.Log
	}
	if !flags.noNewPrivs {
		f |= runtime.KeepPrivileges
	}
	return f
}

// starter starts a child under a filter and returns how to wait for its end.
type starter func(child *exec.Cmd, signals watched) (wait func() error, err error)

// starter loads the filters and says how to start a child under them.
func (flags *runFlags) starter(cmd *cobra.Command, name string) (starter, error) {
	if flags.logDenied || flags.report {
		s, err := loadStack(cmd, &flags.policyFlags, name)
		if err != nil {
			return nil, err
		}
		f, err := s.one("run --log-denied and --report")
		if err == nil {
			err = f.ready()
		}
		if err != nil {
			return nil, err
		}
		if flags.report {
			return flags.startReported(cmd, f)
		}
		return flags.startObserved(cmd, f)
	}
	filters, err := flags.filters(cmd, name)
	if err != nil {
		return nil, err
	}
	return func(child *exec.Cmd, _ watched) (func() error, error) {
		return child.Wait, runtime.Start(child, flags.start(), filters...)
	}, nil
}

// filters loads all that are to be installed.
func (flags *runFlags) filters(cmd *cobra.Command, name string) (filters []asm.Program, err error) {
	for _, name := range append([]string{name}, flags.stack...) {
		loaded, err := loadForHost(cmd, &flags.policyFlags, name)
		if err != nil {
			return nil, err
		}
		for _, p := range loaded {
			if err := refuseNotify(name, p); err != nil {
				return nil, err
			}
		}
		filters = append(filters, loaded...)
	}
	return filters, nil
}

// refuseNotify returns an error for a filter that asks a supervisor: without one the kernel answers
// ENOSYS, which nobody has meant.
func refuseNotify(name string, p asm.Program) error {
	for _, in := range p {
		if in.Op == asm.RetK && policy.Action(in.K).Kind() == policy.Notify {
			return wrong("%s: the filter leaves calls to a supervisor (notify), and run has "+
				"none, so that "+
				"they would fail with ENOSYS; start the command by a program of your own "+
				"(runtime.StartListener, package runtime/notify), or choose another action",
				diag.Printable(name))
		}
	}
	return nil
}

// become makes this process the command.
func (flags *runFlags) become(cmd *cobra.Command, name string, command []string) error {
	filters, err := flags.filters(cmd, name)
	if err != nil {
		return err
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return cannotStart(command[0], err)
	}
	return cannotStart(command[0], runtime.Exec(path, command, os.Environ(), flags.start(),
		filters...))
}

// loadForHost reads a policy, a filter or a stack for the machine that this runs on.
func loadForHost(cmd *cobra.Command, flags *policyFlags, name string) ([]asm.Program, error) {
	s, err := loadUnchecked(cmd, flags, name)
	if err != nil {
		return nil, err
	}
	for _, f := range s.filters {
		if f.policy != nil {
			if err := f.ready(); err != nil {
				return nil, err
			}
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
	var wait func() error
	err := signals.orEnd(func() (err error) {
		wait, err = start(child, signals)
		return err
	})
	if err != nil {
		return cannotStart(command[0], err)
	}
	signals.passTo(child.Process)
	err = wait()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	var killed *killedError
	if errors.As(err, &killed) && child.ProcessState.String() == "signal: killed" {
		return &statusError{code: statusSIGSYS,
			err: fmt.Errorf("%s: killed by the filter: %s", command[0], killed.call)}
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
		return &statusError{code: statusNotFound,
			err: fmt.Errorf("%s: command not found: %w", name, err)}
	case errors.As(err, &refused):
		return &statusError{code: statusKernel, err: err}
	case errors.Is(err, fs.ErrPermission),
		errors.As(err, &failed) && failed.Op == "fork/exec": // ENOEXEC, ELOOP and so on
		return &statusError{code: statusNotExecutable,
			err: fmt.Errorf("%s: cannot be executed: %w", name, err)}
	}
	return &statusError{code: statusWrong, err: err}
}
