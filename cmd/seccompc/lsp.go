package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/internal/lsp"
)

func newLSP() *cobra.Command {
	var flags policyFlags
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor: findings, completion, renaming and more",
		Long: `Lsp speaks the Language Server Protocol on standard input and output. Editors start it; see
docs/editors.md for how. It compiles and proves a policy at every change, with what is not saved yet, and
never writes a file.

The flags are those of check: they hold for every policy that is open.`,
		Example: "  seccompc lsp -I /usr/share/policies -W undated=warning",
		Args:    usageArgs(cobra.NoArgs),
	}
	flags.register(cmd)
	cmd.Flags().Bool("stdio", true, "use standard input and output, as always")
	cmd.Flags().Lookup("stdio").Hidden = true // some editors add it
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		opts, err := flags.options()
		if err != nil {
			return err
		}
		err = lsp.Serve(cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), moduleVersion(),
			opts)
		if errors.Is(err, lsp.ErrNoShutdown) {
			return &statusError{code: statusWrong, err: err} // as the protocol has it
		}
		return err
	}
	return cmd
}
