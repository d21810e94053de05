package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/trace"
)

// newBuild returns the command that compiles a policy.
func newBuild() *cobra.Command {
	var flags policyFlags
	var stats statsFlags
	var output, trace string
	var src sourceFlags
	format := newChoice("raw", blob.Formats()...)
	cmd := &cobra.Command{
		Use:   "build POLICY",
		Short: "Compile a policy to a filter",
		Long: `Build compiles a policy and proves the filter equal to it. A filter that is not
proved is not written.

The format raw is an array of struct sock_filter in the byte order of the policy's ABIs, as
bubblewrap, crun, minijail and package runtime take it.

With --config, which may be repeated, the policy is compiled once for each configuration: the
source of C, Go and Rust holds them all, and a raw filter's -o is a directory, which gets NAME.bpf
for each. The source holds a filter for each kind of machine, too; the compiler chooses.

With --check nothing is written: the exit status is 1 where a file is not what the policy says.`,
		Example: "  seccompc build policy.scp -o filter.bpf\n" +
			"  seccompc build policy.scp --arch amd64,arm64 --format c -o filter.h\n" +
			"  seccompc build policy.scp --config block=network=block --config proxy=network=proxy -o DIR",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	stats.register(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the filter to `FILE`")
	cmd.Flags().Var(format, "format", "of the filter")
	cmd.Flags().StringVar(&trace, "trace", "",
		"write how the policy became the filter as a page to `FILE`, or as text to -")
	src.register(cmd)
	completeFlag(cmd, "format", blob.Formats)
	cmd.MarkFlagsMutuallyExclusive("config", "trace")
	cmd.MarkFlagsMutuallyExclusive("check", "trace")
	cmd.MarkFlagsMutuallyExclusive("check", "output")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if src.check == "" {
			if err := refuseTerminal(cmd, output, format.value); err != nil {
				return err
			}
		}
		if trace != "" && trace != "-" && sameTarget(trace, output) {
			return usageError(cmd, errors.New("the filter and its trace are to be different files"))
		}
		opts, err := flags.options()
		if err != nil {
			return err
		}
		if err := stats.addProfile(cmd, &opts); err != nil {
			return err
		}
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		if len(src.configs) > 0 && !isModule(format.value) {
			return buildConfigs(cmd, in, opts, src, output, format.value)
		}
		res, err := src.compile(cmd, in, opts)
		if err != nil {
			return err
		}
		if err := errors.Join(checkOutput(cmd, output), checkOutput(cmd, trace)); err != nil {
			return err // before one of them is written
		}
		f := &filter{in.name, res.Program, res.Order, res, in}
		data, err := src.encode(cmd, in, opts, f, format.value)
		if err != nil {
			return err
		}
		if src.check != "" {
			return checkFile(src.check, format.value, f, data)
		}
		if err := writeTrace(cmd, trace, res, output); err != nil { // before the filter, which is not to be left then
			return err
		}
		if err := writeOutput(cmd, output, data); err != nil {
			return err
		}
		return stats.print(cmd, res, output)
	}
	return cmd
}

// writeTrace writes the trace if it is asked for: as text beside the filter, not into it, or as
// a page.
func writeTrace(cmd *cobra.Command, name string, res *compiler.Result, output string) error {
	switch name {
	case "":
		return nil
	case "-":
		out := cmd.OutOrStdout()
		if output == "-" {
			out = cmd.ErrOrStderr()
		}
		_, err := out.Write(trace.New(res).Text())
		return err
	}
	page, err := trace.New(res).HTML()
	if err != nil {
		return err
	}
	return writeOutput(cmd, name, page)
}

// refuseTerminal keeps raw bytes off the terminal.
func refuseTerminal(cmd *cobra.Command, output, format string) error {
	if output != "-" || format != "raw" || !isTerminal(os.Stdout) {
		return nil
	}
	err := errors.New("a terminal shows no raw filter; write it with -o FILE or choose a --format")
	return usageError(cmd, err)
}
