package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/lxc"
)

func newImportLXC() *cobra.Command {
	var arch []string
	var output string
	var exact bool
	cmd := &cobra.Command{
		Use:   "lxc FILE",
		Short: "Read a seccomp policy of LXC or Incus",
		Long: `Lxc reads a file that lxc.seccomp.profile names, of version 2.

The first ABI of --arch is the machine's; with more than one, the policy serves these alone.`,
		Example: "  seccompc import lxc /usr/share/lxc/config/common.seccomp -o common.scp",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().Var(commaList(&arch), "arch", "the machine's ABI, and which others to serve, `A,B`")
	completeFlag(cmd, "arch", abiNames)
	cmd.Flags().BoolVar(&exact, "exact", false,
		"compare as many bits as LXC, also those that the kernel does not read")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readFilled(cmd, args[0], "no policy")
		if err != nil {
			return err
		}
		opts := lxc.Options{Source: filepath.ToSlash(in.name), Exact: exact}
		abis, err := lookupABIs(arch)
		if err != nil {
			return err
		}
		if len(abis) > 0 {
			opts.Host = abis[0]
		}
		if len(abis) > 1 {
			opts.ABIs = abis
		}
		p, err := lxc.Import(in.data, opts)
		if err != nil {
			return wrong("%s: %w", in.name, err)
		}
		printWarnings(cmd, in.name, p.Warnings)
		return writeOutput(cmd, output, p.Text)
	}
	return cmd
}
