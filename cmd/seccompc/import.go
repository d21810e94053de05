package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/oci"
)

func newImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FORMAT FILE",
		Short: "Write the policy that another tool's filter is",
		Long: `Import reads another tool's format and writes the policy that means the same, proved equal to
what that tool makes of it. What is not as its author may think is a warning with its line.`,
		Example: "  seccompc import oci default.json -o default.scp",
	}
	cmd.AddCommand(newImportOCI())
	return cmd
}

func newImportOCI() *cobra.Command {
	var flags ociFlags
	var output string
	cmd := &cobra.Command{
		Use:   "oci FILE",
		Short: "Read a container's seccomp profile",
		Long: `Oci reads a profile of Docker's, Podman's, the OCI runtimes' (alone or in a config.json), or
a SeccompProfile of Kubernetes' security profiles operator.

The first ABI of --arch is the host's; with more than one, the policy serves these alone. The
capabilities that the profile speaks of become parameters, unless --cap says which ones the container
has ("--cap none" for none), and so do versions of the kernel, unless --kernel gives it.`,
		Example: "  seccompc import oci default.json --arch amd64 --cap CAP_SYS_CHROOT -o default.scp",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&flags.exact, "exact", false,
		"compare as many bits as the engine, also those that the kernel does not read")
	cmd.Flags().StringVar(&flags.name, "name", "", "read the resource called `NAME` of several in FILE")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		opts, err := flags.options()
		if err != nil {
			return err
		}
		opts.Source = filepath.Base(in.name)
		p, err := oci.Import(in.data, opts)
		if err != nil {
			return wrong("%s: %w", in.name, err)
		}
		printWarnings(cmd, in.name, p.Warnings)
		return writeOutput(cmd, output, p.Text)
	}
	return cmd
}

// printWarnings prints what an importer warns of.
func printWarnings(cmd *cobra.Command, name string, list interop.Warnings) {
	for _, w := range list {
		if w.Line > 0 {
			name := fmt.Sprintf("%s:%d", name, w.Line)
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: warning: %s\n", name, diag.Printable(w.Text))
			continue
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: warning: %s\n", name, diag.Printable(w.Text))
	}
}

// ociFlags say what a container's profile is read for.
type ociFlags struct {
	arch, caps   []string
	engine       *choice
	kernel, name string
	exact        bool
}

func (o *ociFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	o.engine = newChoice(string(oci.Runc), oci.Engines()...)
	f.Var(o.engine, "engine", "what makes the filter of the profile")
	f.Var(commaList(&o.arch), "arch", "the host's ABI, and which others of the profile's to serve, `A,B`")
	f.Var(commaList(&o.caps), "cap", "the container has the capability `CAP`; none stands for none at all")
	f.StringVar(&o.kernel, "kernel", "", "the kernel's `VERSION`, such as 6.1")
	completeFlag(cmd, "arch", abiNames)
}

func (o *ociFlags) options() (oci.Options, error) {
	opts := oci.Options{Name: o.name, Kernel: o.kernel, Exact: o.exact,
		Engine: oci.Engine(o.engine.String()), FixCaps: len(o.caps) > 0}
	for i, name := range o.arch {
		abi, err := lookupABI(name)
		if err != nil {
			return opts, err
		}
		if i == 0 {
			opts.Host = abi
		}
		if len(o.arch) > 1 {
			opts.ABIs = append(opts.ABIs, abi)
		}
	}
	for _, c := range o.caps {
		if c != "none" {
			opts.Caps = append(opts.Caps, c)
		}
	}
	return opts, nil
}
