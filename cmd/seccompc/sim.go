package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
)

func newSim() *cobra.Command {
	var flags policyFlags
	var step, asJSON bool
	cmd := &cobra.Command{
		Use:   "sim FILE CALL",
		Short: "Run one system call through a filter",
		Long: `Sim executes a filter for one call as the kernel would and prints the action, the
number of instructions, and whether the kernel's action cache holds the call, so that it does not
run the filter at all.

The call is written as in a test block; arguments that are not given are 0. The ABI is that of
--arch, or of a prefix such as "i386: ", or the filter's own.`,
		Example: "  seccompc sim filter.bpf 'openat(AT_FDCWD, 0, O_RDWR)'",
		Args:    usageArgs(filterAndCall),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&step, "step", false, "print the instructions that are executed")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the outcome as JSON")
	completeCall(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f, outcomes, err := flags.simulate(cmd, args[0], args[1])
		if err != nil {
			return err
		}
		if asJSON {
			_, err = cmd.OutOrStdout().Write(toJSON(outcomes))
			return err
		}
		for _, o := range outcomes {
			o.print(cmd.OutOrStdout(), f, step)
		}
		return nil
	}
	return cmd
}

// filterAndCall says which of the two arguments is missing.
func filterAndCall(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New("the filter and the call are missing")
	case 1:
		return errors.New("the call is missing: write it behind the filter, such as 'openat(AT_FDCWD)'")
	case 2:
		return nil
	}
	return fmt.Errorf("%q is too much: put a call with blanks or parentheses in quotes", args[2])
}

// loadFor loads a filter for a command about one call. Of a policy, --arch says what it is compiled
// for; of a blob, which ABI the call is of.
func (p *policyFlags) loadFor(cmd *cobra.Command, name string) (f *filter, arch string, err error) {
	f, err = loadFilter(cmd, p, name)
	switch {
	case err != nil:
		return nil, "", err
	case len(p.arch) == 1:
		return f, p.arch[0], nil
	case len(p.arch) > 1 && f.policy == nil:
		return nil, "", usageError(cmd, errors.New("--arch names several ABIs; a call is of one"))
	}
	return f, "", nil
}

// simulate runs a call through a filter: once, or once for each door that leads to it.
func (p *policyFlags) simulate(
	cmd *cobra.Command, name, text string,
) (f *filter, outcomes []outcome, err error) {
	f, arch, err := p.loadFor(cmd, name)
	if err != nil {
		return nil, nil, err
	}
	calls, err := concreteCalls(cmd, f, arch, text)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range calls {
		o, err := simulate(f, c)
		if err != nil {
			return nil, nil, err
		}
		outcomes = append(outcomes, o)
	}
	return f, outcomes, nil
}

// outcome is what a filter makes of one call.
type outcome struct {
	call concrete

	ABI     string    `json:"abi"`
	Nr      uint32    `json:"nr"`
	Args    [6]uint64 `json:"args"`
	Action  string    `json:"action"`
	Return  uint32    `json:"return"`
	Steps   int       `json:"instructions"`
	Cached  bool      `json:"cached"`
	Exempt  bool      `json:"exempt,omitempty"` // newer kernels do not ask the filter
	Path    []int     `json:"path"`             // the instructions that are executed
	atSteps []asm.Step
}

func simulate(f *filter, c concrete) (outcome, error) {
	name, _ := c.abi.SyscallName(c.data.Nr)
	o := outcome{call: c, Exempt: c.abi.Exempt(name), ABI: c.abi.Name, Nr: c.data.Nr, Args: c.data.Args, Cached: c.cached(f)}
	res, err := f.program.Trace(asm.Data(c.data), f.order, func(s asm.Step) {
		o.Path = append(o.Path, s.PC)
		o.atSteps = append(o.atSteps, s)
	})
	if err != nil {
		return o, wrong("%s: %w", f.name, err)
	}
	o.Action, o.Return, o.Steps = explain.Action(policy.Action(res.Ret), c.abi), res.Ret, res.Steps
	return o, nil
}

func (o outcome) print(w io.Writer, f *filter, step bool) {
	where := "not in the kernel's cache"
	if o.Cached {
		where = "in the kernel's cache"
	}
	fmt.Fprintf(w, "%s  %d instructions, %s\n", o.Action, o.Steps, where)
	text := explain.Call(o.call.data, f.order)
	switch {
	case o.call.name != "":
		text += ", a door to " + o.call.name
	case !o.call.complete():
		text += ", with 0 for the arguments that are not given"
	}
	fmt.Fprintf(w, "  %s\n", text)
	if o.Exempt {
		fmt.Fprintln(w, "  the kernel lets it pass without asking the filter, from Linux 6.12 on")
	}
	if step {
		o.printPath(w, f)
	}
}

// printPath prints the instructions that were executed, with A before each.
func (o outcome) printPath(w io.Writer, f *filter) {
	comments := explain.Annotate(f.program, f.order, f.abis())
	for _, s := range o.atSteps {
		line := fmt.Sprintf("A=%08x  %03d: %s", s.A, s.PC, f.program.Text(s.PC))
		if c := comments[s.PC]; c != "" {
			line = fmt.Sprintf("%-46s ; %s", line, c)
		}
		fmt.Fprintf(w, "  %s\n", line)
	}
}
