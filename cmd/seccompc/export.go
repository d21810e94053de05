package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export FORMAT FILE",
		Short:   "Write a policy in another tool's format",
		Example: "  seccompc export oci policy.scp -o profile.json",
	}
	cmd.AddCommand(newExportOCI(), newExportSystemd())
	return cmd
}

func newExportOCI() *cobra.Command {
	var flags policyFlags
	var output string
	cmd := &cobra.Command{
		Use:   "oci FILE",
		Short: "Write a container's seccomp profile",
		Long: `Oci writes a profile for the first ABI of --arch, this machine's by default: read
back, it is proved to answer every call of that ABI as FILE does. The callers of other ABIs are
killed. What a profile cannot say is an error. Runc puts its own ENOSYS before the filter, which
the proof leaves out.`,
		Example: "  seccompc export oci policy.scp -o profile.json",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the profile to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		stack, err := loadStack(cmd, &flags, args[0])
		if err != nil {
			return err
		}
		if err := stack.ready(); err != nil {
			return err
		}
		host, ok := linux.Native()
		if len(flags.arch) > 0 {
			host, ok = linux.Lookup(flags.arch[0])
		}
		if !ok || host.BigEndian != isBig(stack.order()) {
			return wrong("%s: choose the host's ABI by --arch", stack.name)
		}
		s := proof.New(linux.Arches()...)
		f, err := stack.function(s)
		if err != nil {
			return unknown(err)
		}
		text, err := oci.Export(s, f, host, oci.Crun)
		if err != nil {
			return wrong("%s: %w", stack.name, unknown(err))
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: for %s; callers of other ABIs are killed, and runc "+
			"adds its ENOSYS\n",
			stack.name, host.Name)
		return writeOutput(cmd, output, append(text, '\n'))
	}
	return cmd
}
