package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/relocation"
)

// newFill returns the command that puts late values into a filter.
func newFill() *cobra.Command {
	var defines []string
	var output, relocations string
	cmd := &cobra.Command{
		Use:   "fill BLOB",
		Short: "Put late values into a filter",
		Long: `Fill puts values into the places of a filter that wait for them, as the list says
that was written with the filter. It refuses another filter than the list is for, one that is
filled already, and values out of their type or range. Values are numbers, decimal or behind 0x.`,
		Example: "  seccompc policy.scp -o policy.bpf --relocations policy.json\n" +
			"  seccompc fill policy.bpf --relocations policy.json -D sandbox_tgid=1234 -o " +
			"filter.bpf",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the filter to `FILE`")
	cmd.Flags().StringVar(&relocations, "relocations", "",
		"the list of the filter's places, a `FILE`")
	cmd.Flags().VarP(newList(&defines), "define", "D", "a late value, `NAME=VALUE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if relocations == "" {
			return usageError(cmd, errors.New("the list of relocations is missing: "+
				"add --relocations FILE"))
		}
		if err := refuseTerminal(cmd, output, "raw"); err != nil {
			return err
		}
		list, err := readRelocations(cmd, relocations)
		if err != nil {
			return err
		}
		values, err := lateValues(list, defines)
		if err != nil {
			return usageError(cmd, err)
		}
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		if err := list.Fill(in.data, values...); err != nil {
			return wrong("%s: %w", in.name, err)
		}
		program, err := asm.Decode(in.data, list.Order)
		if err == nil {
			err = program.Check()
		}
		if err != nil {
			return wrong("%s: the kernel would refuse this filter: %w", in.name, err)
		}
		return writeOutput(cmd, output, in.data)
	}
	return cmd
}

// readRelocations reads a list of relocations.
func readRelocations(cmd *cobra.Command, name string) (*relocation.List, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	list, err := relocation.Parse(in.data)
	if err != nil {
		return nil, wrong("%s: %w", in.name, err)
	}
	return list, nil
}

// lateValues returns the values of a list that flags give, each of them once.
func lateValues(list *relocation.List, defines []string) ([]uint64, error) {
	given := map[string]string{}
	for _, d := range defines {
		name, value, ok := strings.Cut(d, "=")
		known := slices.ContainsFunc(list.Values,
			func(v relocation.Value) bool { return v.Name == name })
		_, twice := given[name]
		switch {
		case !ok:
			return nil, fmt.Errorf("-D %s: a value is missing; write -D %s=VALUE", d, d)
		case !known:
			return nil, fmt.Errorf("-D %s: the filter waits for no such value; it waits for %s",
				name,
				valueNames(list))
		case twice:
			return nil, fmt.Errorf("-D %s: there are two values", name)
		}
		given[name] = value
	}
	var values []uint64
	for _, v := range list.Values {
		text, ok := given[v.Name]
		if !ok {
			return nil, fmt.Errorf("the filter waits for %s: add -D %s=VALUE", v.Name, v.Name)
		}
		value, err := v.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("-D %w", err)
		}
		values = append(values, value)
	}
	return values, nil
}

func valueNames(list *relocation.List) string {
	if len(list.Values) == 0 {
		return "nothing"
	}
	var names []string
	for _, v := range list.Values {
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ")
}
