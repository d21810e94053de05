package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

func newGraph() *cobra.Command {
	var flags policyFlags
	var output string
	cmd := &cobra.Command{
		Use:   "graph FILE CALL",
		Short: "Draw how a filter decides one system call",
		Long: `Graph writes the tests of arguments that decide a system call, and where they
lead, as a digraph of DOT, which graphviz draws: one for each door that leads to the call. What the
number and the ABI decide is not in it. The ABI is that of --arch, or of a prefix such as "i386: ",
or the filter's own.`,
		Example: "  seccompc graph policy.scp clone | dot -Tsvg -o clone.svg",
		Args:    usageArgs(filterAndCall),
	}
	flags.register(cmd)
	completeCall(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the graph to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if strings.Contains(args[1], "(") {
			return usageError(cmd, errors.New("a graph is of all arguments: write the call's name "+
				"alone; explain tells of one call"))
		}
		s, err := loadUnchecked(cmd, &flags, args[0])
		if err != nil {
			return err
		}
		f, err := s.one("graph")
		if err != nil {
			return err
		}
		arch := ""
		if len(flags.arch) == 1 {
			arch = flags.arch[0]
		}
		calls, err := concreteCalls(cmd, s, arch, args[1])
		if err != nil {
			return err
		}
		var text strings.Builder
		for _, c := range calls {
			graph, err := f.blob().Graph(c.abi, c.data.Nr)
			if err != nil {
				return wrong("%s: %w", f.name, err)
			}
			text.WriteString(graph)
		}
		return writeOutput(cmd, output, []byte(text.String()))
	}
	return cmd
}
