package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
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
		programs, err := runtime.Programs(tid)
		if err != nil {
			var refused *runtime.Error
			if errors.As(err, &refused) {
				return &statusError{code: statusKernel, err: err}
			}
			return err
		}
		return dump(cmd, tid, programs, output)
	}
	return cmd
}

// dump prints or writes the filters of a thread.
func dump(cmd *cobra.Command, tid int, programs []asm.Program, output string) error {
	if len(programs) == 0 {
		return wrong("%d has no filter", tid)
	}
	for i, p := range programs {
		f := &filter{name: fmt.Sprint(tid), program: p, order: binary.NativeEndian}
		name := output
		if len(programs) > 1 {
			name = fmt.Sprintf("%s.%d", output, i+1)
		}
		if output != "" {
			if err := f.write(cmd, name, "raw"); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(cmd.OutOrStdout(), "; filter %d of %d of %d, for %s\n%s", i+1, len(programs),
			tid, names(f.abis()), f.blob().Listing())
	}
	return nil
}
