package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/systemd"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

func newExportSystemd() *cobra.Command {
	var flags policyFlags
	var output, version string
	cmd := &cobra.Command{
		Use:   "systemd FILE",
		Short: "Write a drop-in of a systemd unit",
		Long: `Systemd writes the settings that give the calls of FILE's ABIs the same answers: read
back, they are proved to. A unit decides by a call's name alone, so that a rule with a condition
is an error. What systemd does otherwise with other calls is told on standard error.

A filter with conditions is for ExecStart: seccompc build, and "setpriv --seccomp-filter FILE
COMMAND".`,
		Example: "  seccompc export systemd policy.scp -o " +
			"/etc/systemd/system/foo.service.d/calls.conf",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&version, "systemd", "", "the `VERSION` of systemd that reads it; "+
		"the newest that is known where it is absent")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the drop-in to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		reader, err := systemdVersion(cmd, version)
		if err != nil {
			return err
		}
		stack, err := loadStack(cmd, &flags, args[0])
		if err != nil {
			return err
		}
		opts, err := systemdOptions(stack, reader, flags.arch)
		if err != nil {
			return err
		}
		s := proof.New(linux.Arches()...)
		f, err := stack.function(s)
		if err != nil {
			return unknown(err)
		}
		text, notes, err := systemd.Export(s, f, opts)
		if err != nil {
			return refused(stack, err)
		}
		for _, n := range notes {
			say(cmd, "%s: otherwise by systemd: %s", stack.name, n)
		}
		return writeOutput(cmd, output, text)
	}
	return cmd
}

// systemdOptions are the version and the ABIs of the machine that the drop-in is for.
func systemdOptions(stack *stacked, version int, arch []string) (
	opts systemd.Options, err error,
) {
	opts.Version = version
	if err := stack.ready(); err != nil {
		return opts, err
	}
	if opts.ABIs, err = lookupABIs(arch); err != nil {
		return opts, err
	}
	if len(opts.ABIs) == 0 {
		opts.ABIs = stack.top().abis()
	}
	if len(opts.ABIs) == 0 || opts.ABIs[0].BigEndian != isBig(stack.order()) {
		return opts, wrong("%s: choose the ABIs by --arch, systemd's own first", stack.name)
	}
	opts.Host = opts.ABIs[0]
	if native, ok := linux.Native(); ok && slices.Contains(opts.ABIs, native) {
		opts.Host = native
	}
	return opts, nil
}
