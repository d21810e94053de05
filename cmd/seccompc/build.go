package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/trace"
)

// newBuild returns the command that compiles a policy.
func newBuild() *cobra.Command {
	var flags policyFlags
	var stats statsFlags
	var output, trace, relocations string
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

A filter that waits for late values is written with the list of the places where they belong
(--relocations FILE, with --config NAME.json in the directory), and the kernel refuses it until fill
or a loader has put them there. Source has a function that takes them as arguments instead. With
-D NAME=VALUE for each of them the filter waits for nothing.

With --check nothing is written: the exit status is 1 where a file is not what the policy says.`,
		Example: "  seccompc build policy.scp -o filter.bpf\n" +
			"  seccompc build policy.scp --arch amd64,arm64 --format c -o filter.h\n" +
			"  seccompc build policy.scp --config block=network=block --config " +
			"proxy=network=proxy -o DIR",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	stats.register(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the filter to `FILE`")
	cmd.Flags().Var(format, "format", "of the filter")
	cmd.Flags().StringVar(&trace, "trace", "",
		"write how the policy became the filter as a page to `FILE`, or as text to -")
	cmd.Flags().StringVar(&relocations, "relocations", "",
		"write the places of late values to `FILE`, as JSON")
	src.register(cmd)
	completeFlag(cmd, "format", blob.Formats)
	cmd.MarkFlagsMutuallyExclusive("config", "trace")
	cmd.MarkFlagsMutuallyExclusive("check", "trace")
	cmd.MarkFlagsMutuallyExclusive("check", "output")
	cmd.MarkFlagsMutuallyExclusive("config", "relocations")
	cmd.MarkFlagsMutuallyExclusive("check", "relocations")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if src.check == "" {
			if err := refuseTerminal(cmd, output, format.value); err != nil {
				return err
			}
		}
		if trace != "" && trace != "-" && sameTarget(trace, output) {
			return usageError(cmd, errors.New("the filter and its trace are to be different files"))
		}
		if relocations != "" && hasPlaces(format.value) {
			return usageError(cmd, fmt.Errorf("--relocations is for raw filters; --format %s has the "+
				"places in it", format.value))
		}
		if relocations != "" && (sameTarget(relocations, output) ||
			sameTarget(relocations, trace)) {
			return usageError(cmd, errors.New("the list of relocations is to be a file of its own"))
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
		f := &filter{name: in.name, program: res.Program, order: res.Order, policy: res, text: in}
		data, err := src.encode(cmd, in, opts, f, format.value)
		if err != nil {
			return err
		}
		if src.check != "" {
			return checkFile(src.check, format.value, f, data)
		}
		if relocations == "" && f.program.Waits() && !hasPlaces(format.value) {
			return withoutList(cmd, res)
		}
		for _, name := range []string{output, trace, relocations} { // before one of them is written
			if err := checkOutput(cmd, name); err != nil {
				return err
			}
		}
		if relocations != "" {
			if err := writeOutput(cmd, relocations, res.Relocations().Text()); err != nil {
				return err
			}
		}
		// before the filter, which is not to be left then
		if err := writeTrace(cmd, trace, res, output); err != nil {
			return err
		}
		if err := writeOutput(cmd, output, data); err != nil {
			return err
		}
		return stats.print(cmd, res, output)
	}
	return cmd
}

// hasPlaces reports whether a format says by itself where the filter waits for late values.
func hasPlaces(format string) bool { return format == "asm" || isModule(format) }

// withoutList refuses to write a filter that waits for late values without saying where.
func withoutList(cmd *cobra.Command, res *compiler.Result) error {
	var names, values []string
	for _, l := range res.Policy.Late {
		names, values = append(names, l.Name), append(values, "-D "+l.Name+"=VALUE")
	}
	return usageError(cmd, fmt.Errorf("the filter waits for %s: write the places with "+
		"--relocations FILE, "+
		"or give values with %s", strings.Join(names, ", "), strings.Join(values, " ")))
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
