package main

import (
	"encoding/binary"
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
run the filter at all. Of a stack A+B it prints what each filter answers, and which one decides.

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
		s, outcomes, err := flags.simulate(cmd, args[0], args[1])
		if err != nil {
			return err
		}
		if asJSON {
			_, err = cmd.OutOrStdout().Write(document(fields{"calls": outcomes}))
			return err
		}
		for _, o := range outcomes {
			o.print(cmd.OutOrStdout(), s.order())
			if step {
				o.printSteps(cmd.OutOrStdout())
			}
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
		return errors.New("the call is missing: write it behind the filter, such as " +
			"'openat(AT_FDCWD)'")
	case 2:
		return nil
	}
	return fmt.Errorf("%q is too much: put a call with blanks or parentheses in quotes", args[2])
}

// loadFor loads filters for a command about one call. Of a policy, --arch says what it is compiled
// for; of others, which ABI the call is of.
func (p *policyFlags) loadFor(cmd *cobra.Command, name string) (s *stacked, arch string,
	err error) {
	s, err = loadStack(cmd, p, name)
	switch {
	case err != nil:
		return nil, "", err
	case s.ready() != nil:
		return nil, "", s.ready()
	case len(p.arch) == 1:
		return s, p.arch[0], nil
	case len(p.arch) > 1 && s.top().policy == nil:
		return nil, "", usageError(cmd, errors.New("--arch names several ABIs; a call is of one"))
	}
	return s, "", nil
}

// simulate runs a call through filters: once, or once for each door that leads to it.
func (p *policyFlags) simulate(
	cmd *cobra.Command, name, text string,
) (s *stacked, outcomes []outcome, err error) {
	s, arch, err := p.loadFor(cmd, name)
	if err != nil {
		return nil, nil, err
	}
	calls, err := concreteCalls(cmd, s, arch, text)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range calls {
		o, err := simulate(s, c)
		if err != nil {
			return nil, nil, err
		}
		outcomes = append(outcomes, o)
	}
	return s, outcomes, nil
}

// outcome is what the kernel makes of one call under filters.
type outcome struct {
	call    concrete
	decider int // which of the filters
	runs    []ran

	ABI    string `json:"abi"`
	Nr     uint32 `json:"nr"`
	Args   words  `json:"args"`
	Action string `json:"action"`
	Return uint32 `json:"return"`
	Steps  int    `json:"instructions"` // of all filters: the kernel runs each
	Cached bool   `json:"cached"`
	Exempt bool   `json:"exempt,omitempty"` // newer kernels do not ask the filter
	// the instructions that are executed, of the filter that decides
	Path []int `json:"path"`

	DecidedBy string `json:"filter,omitempty"` // of a stack: the name of the filter that decides
	// of a stack: what each answers, in the order of installing
	Filters []ran `json:"filters,omitempty"`
}

// ran is what one filter answers to a call.
type ran struct {
	filter *filter
	steps  []asm.Step

	Name   string `json:"name"`
	Action string `json:"action"`
	Return uint32 `json:"return"`
	Steps  int    `json:"instructions"`
	Path   []int  `json:"path"`
}

func simulate(s *stacked, c concrete) (outcome, error) {
	name, _ := c.abi.SyscallName(c.data.Nr)
	o := outcome{call: c, Exempt: c.abi.Exempt(name), ABI: c.abi.Name, Nr: c.data.Nr,
		Args:   words(c.data.Args),
		Cached: c.cached(s)}
	_, by, err := s.kernel().Decide(c.data)
	if err != nil {
		return o, wrong("%s: %w", s.name, err)
	}
	o.decider = by
	for _, f := range s.filters {
		r, err := f.run(c)
		if err != nil {
			return o, err
		}
		o.runs = append(o.runs, r)
		o.Steps += r.Steps
	}
	decider := o.runs[by]
	o.Action, o.Return, o.Path = decider.Action, decider.Return, decider.Path
	if len(s.filters) > 1 {
		o.DecidedBy, o.Filters = decider.Name, o.runs
	}
	return o, nil
}

func (f *filter) run(c concrete) (ran, error) {
	r := ran{filter: f, Name: f.name}
	res, err := f.program.Trace(asm.Data(c.data), f.order, func(s asm.Step) {
		r.Path = append(r.Path, s.PC)
		r.steps = append(r.steps, s)
	})
	if err != nil {
		return r, wrong("%s: %w", f.name, err)
	}
	r.Action, r.Return, r.Steps = explain.Action(policy.Action(res.Ret), c.abi), res.Ret, res.Steps
	return r, nil
}

// by is the filter that decides.
func (o outcome) by() ran { return o.runs[o.decider] }

func (o outcome) print(w io.Writer, order binary.ByteOrder) {
	where := "not in the kernel's cache"
	if o.Cached {
		where = "in the kernel's cache"
	}
	fmt.Fprintf(w, "%s  %d instructions, %s\n", o.Action, o.Steps, where)
	text := explain.Call(o.call.data, order)
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
	o.printFilters(w)
}

// printFilters says which filter of a stack decides.
func (o outcome) printFilters(w io.Writer) {
	for i, r := range o.Filters {
		decides := ""
		if i == o.decider {
			decides = ", decides"
		}
		fmt.Fprintf(w, "  filter %d of %d, %s: %s%s\n", i+1, len(o.Filters), r.Name, r.Action,
			decides)
	}
}

// printSteps prints the path through every filter.
func (o outcome) printSteps(w io.Writer) {
	for i, r := range o.runs {
		if len(o.runs) > 1 {
			fmt.Fprintf(w, "filter %d, %s\n", i+1, r.Name)
		}
		r.printPath(w)
	}
}

// printPath prints the instructions that were executed, with A before each.
func (r ran) printPath(w io.Writer) {
	comments := explain.Annotate(r.filter.program, r.filter.order, r.filter.abis())
	for _, s := range r.steps {
		line := fmt.Sprintf("A=%08x  %03d: %s", s.A, s.PC, r.filter.program.Text(s.PC))
		if c := comments[s.PC]; c != "" {
			line = fmt.Sprintf("%-46s ; %s", line, c)
		}
		fmt.Fprintf(w, "  %s\n", line)
	}
}
