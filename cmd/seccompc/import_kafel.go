package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/kafel"
)

func newImportKafel() *cobra.Command {
	var arch []string
	var output string
	var exact bool
	cmd := &cobra.Command{
		Use:   "kafel FILE",
		Short: "Read a policy of kafel, as nsjail takes it",
		Long: `Kafel reads a policy of kafel's language, or that in the seccomp_string lines of an nsjail
configuration. Included files lie below the policy's own directory.`,
		Example: "  seccompc import kafel jail.policy -o jail.scp",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().Var(commaList(&arch), "arch", "the ABIs to make a policy for, `A,B`")
	completeFlag(cmd, "arch", abiNames)
	cmd.Flags().BoolVar(&exact, "exact", false,
		"compare as many bits as kafel, also those that the kernel does not read")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readFilled(cmd, args[0], "no policy")
		if err != nil {
			return err
		}
		opts := kafel.Options{Source: filepath.ToSlash(in.name), Exact: exact}
		if opts.ABIs, err = lookupABIs(arch); err != nil {
			return err
		}
		if opts.Read, err = includer(cmd, in.name, nil); err != nil {
			return err
		}
		p, err := kafel.Import(in.data, opts)
		if err != nil {
			return wrong("%s: %w", in.name, err)
		}
		printWarnings(cmd, in.name, p.Warnings)
		return writeOutput(cmd, output, p.Text)
	}
	return cmd
}
