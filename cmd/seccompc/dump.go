package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

func newDump() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "dump PID",
		Short: "Show the filters that a running process has",
		Long: `Dump reads the filters of a thread, by its id, in the order in which they were
installed. It prints them as assembler text, or writes them as blobs: to FILE if there is one, to
FILE.1, FILE.2 and so on if there are several. The thread is stopped meanwhile.

The kernel shows filters only to CAP_SYS_ADMIN, and only to a process that has none itself.`,
		Example: "  seccompc dump 4711 -o theirs.bpf",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the filters to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tid, err := strconv.Atoi(args[0])
		if err != nil || tid <= 0 {
			return usageError(cmd, fmt.Errorf("%q is no process id", args[0]))
		}
		filters, err := processFilters(tid)
		if err != nil {
			return err
		}
		return dump(cmd, tid, filters, output)
	}
	return cmd
}

// dump prints or writes the filters of a thread.
func dump(cmd *cobra.Command, tid int, filters []*filter, output string) error {
	for i, f := range filters {
		name := output
		if len(filters) > 1 {
			name = fmt.Sprintf("%s.%d", output, i+1)
		}
		if output != "" {
			if err := f.write(cmd, name, "raw"); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(cmd.OutOrStdout(), "; filter %d of %d of %d, for %s\n%s", i+1, len(filters),
			tid, names(f.abis()), f.blob().Listing())
	}
	return nil
}
