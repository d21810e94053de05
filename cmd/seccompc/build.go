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
// building is what build was asked for.
type building struct {
	policyFlags
	stats  statsFlags
	src    sourceFlags
	format *choice
	// The files to write; trace and relocations are empty where nobody wants them.
	output, trace, relocations string
}

func newBuild() *cobra.Command {
	b := building{format: newChoice("raw", blob.Formats()...)}
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
	b.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := b.check(cmd); err != nil {
			return err
		}
		return b.build(cmd, args[0])
	}
	return cmd
}

func (b *building) register(cmd *cobra.Command) {
	b.policyFlags.register(cmd)
	b.stats.register(cmd)
	f := cmd.Flags()
	f.StringVarP(&b.output, "output", "o", "-", "write the filter to `FILE`")
	f.Var(b.format, "format", "of the filter")
	f.StringVar(&b.trace, "trace", "",
		"write how the policy became the filter as a page to `FILE`, or as text to -")
	f.StringVar(&b.relocations, "relocations", "",
		"write the places of late values to `FILE`, as JSON")
	b.src.register(cmd)
	for _, pair := range [][2]string{{"config", "trace"}, {"check", "trace"},
		{"check", "output"}, {"config", "relocations"}, {"check", "relocations"}} {
		cmd.MarkFlagsMutuallyExclusive(pair[:]...)
	}
}

// check refuses flags that do not go together.
func (b *building) check(cmd *cobra.Command) error {
	if b.src.check == "" {
		if err := refuseTerminal(cmd, b.output, b.format.value); err != nil {
			return err
		}
	}
	if b.trace != "" && b.trace != "-" && sameTarget(b.trace, b.output) {
		return usageError(cmd, errors.New("the filter and its trace are to be different files"))
	}
	if b.relocations != "" && hasPlaces(b.format.value) {
		return usageError(cmd, fmt.Errorf("--relocations is for raw filters; --format %s has the "+
			"places in it", b.format.value))
	}
	if b.relocations != "" && (sameTarget(b.relocations, b.output) ||
		sameTarget(b.relocations, b.trace)) {
		return usageError(cmd, errors.New("the list of relocations is to be a file of its own"))
	}
	return nil
}

func (b *building) build(cmd *cobra.Command, name string) error {
	opts, err := b.options()
	if err != nil {
		return err
	}
	if err := b.stats.addProfile(cmd, &opts); err != nil {
		return err
	}
	in, err := readInput(cmd, name)
	if err != nil {
		return err
	}
	if len(b.src.configs) > 0 && !isModule(b.format.value) {
		return buildConfigs(cmd, in, opts, b.src, b.output, b.format.value)
	}
	res, err := b.src.compile(cmd, in, opts)
	if err != nil {
		return err
	}
	f := &filter{name: in.name, program: res.Program, order: res.Order, policy: res, text: in}
	data, err := b.src.encode(cmd, in, opts, f, b.format.value)
	if err != nil {
		return err
	}
	if b.src.check != "" {
		return checkFile(b.src.check, b.format.value, f, data)
	}
	if b.relocations == "" && f.program.Waits() && !hasPlaces(b.format.value) {
		return withoutList(cmd, res)
	}
	return b.write(cmd, res, data)
}

// write writes the filter last, so that it is not left where something else cannot be written.
func (b *building) write(cmd *cobra.Command, res *compiler.Result, data []byte) error {
	// before one of them is written
	for _, name := range []string{b.output, b.trace, b.relocations} {
		if err := checkOutput(cmd, name); err != nil {
			return err
		}
	}
	if b.relocations != "" {
		if err := writeOutput(cmd, b.relocations, res.Relocations().Text()); err != nil {
			return err
		}
	}
	if err := writeTrace(cmd, b.trace, res, b.output); err != nil {
		return err
	}
	if err := writeOutput(cmd, b.output, data); err != nil {
		return err
	}
	return b.stats.print(cmd, res, b.output)
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
	return writeOutput(cmd, name, trace.New(res).HTML())
}

// refuseTerminal keeps raw bytes off the terminal.
func refuseTerminal(cmd *cobra.Command, output, format string) error {
	if output != "-" || format != "raw" || !isTerminal(os.Stdout) {
		return nil
	}
	err := errors.New("a terminal shows no raw filter; write it with -o FILE or choose a --format")
	return usageError(cmd, err)
}
