package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/seccompiler"
)

func newImportSeccompiler() *cobra.Command {
	var arch, output, thread string
	var exact bool
	engine := newChoice("keys", "keys", string(seccompiler.RustVMM),
		string(seccompiler.Firecracker))
	cmd := &cobra.Command{
		Use:   "seccompiler FILE",
		Short: "Read a filter of rust-vmm's seccompiler or Firecracker's",
		Long: `Seccompiler reads one filter of the JSON that rust-vmm's seccompiler and Firecracker
compile. The keys mismatch_action or default_action tell which of them is meant, unless --engine
does; the ABI is the one that the file's name begins with, unless --arch gives it.`,
		Example: "  seccompc import seccompiler x86_64-unknown-linux-musl.json --thread vcpu -o " +
			"vcpu.scp",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	f := cmd.Flags()
	f.StringVar(&arch, "arch", "", "the `ABI` to make the policy for")
	completeFlag(cmd, "arch", abiNames)
	f.Var(engine, "engine", "what compiles the file")
	f.StringVar(&thread, "thread", "", "read the filter called `NAME`")
	f.BoolVar(&exact, "exact", false,
		"compare as many bits as the engine, also those that the kernel does not read")
	f.StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		opts := seccompiler.Options{Source: filepath.ToSlash(in.name), Thread: thread, Exact: exact}
		if engine.String() != "keys" {
			opts.Engine = seccompiler.Engine(engine.String())
		}
		if arch != "" {
			if opts.ABI, err = lookupABI(arch); err != nil {
				return err
			}
		}
		p, err := seccompiler.Import(in.data, opts)
		if err != nil {
			return wrong("%s: %w", in.name, err)
		}
		printWarnings(cmd, in.name, p.Warnings)
		return writeOutput(cmd, output, p.Text)
	}
	return cmd
}
