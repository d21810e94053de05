package main

import "github.com/spf13/cobra"

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export FORMAT FILE",
		Short:   "Write a policy in another tool's format",
		Example: "  seccompc export oci policy.scp -o profile.json",
	}
	cmd.AddCommand(newExportOCI(), newExportSystemd())
	return cmd
}
