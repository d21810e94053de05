package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/interop/oci"
	"github.com/seccompc/seccompc/linux"
)

func newImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FORMAT FILE",
		Short: "Write the policy that another tool's filter is",
		Long: `Import reads another tool's format and writes the policy that means the same,
proved equal to what that tool makes of it. What is not as its author may think is a warning
with its line.`,
		Example: "  seccompc import oci default.json -o default.scp",
	}
	cmd.AddCommand(newImportOCI(), newImportSystemd(), newImportMinijail(), newImportSeccompiler(),
		newImportKafel(), newImportLXC())
	onlySubcommands(cmd)
	return cmd
}

func newImportOCI() *cobra.Command {
	var flags engineFlags
	var arch []string
	var output, name string
	var exact bool
	cmd := &cobra.Command{
		Use:   "oci FILE",
		Short: "Read a container's seccomp profile",
		Long: `Oci reads a profile of Docker's, Podman's, the OCI runtimes' (alone or in a
config.json), or a SeccompProfile of Kubernetes' security profiles operator.

The first ABI of --arch is the host's; with more than one, the policy serves these alone. The
capabilities that the profile speaks of become parameters, unless --cap says which ones the
container has ("--cap none" for none), and so do versions of the kernel, unless --kernel gives
it.`,
		Example: "  seccompc import oci default.json --arch amd64 --cap CAP_SYS_CHROOT -o " +
			"default.scp",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().Var(commaList(&arch), "arch", "the host's ABI, and which others to serve, `A,B`")
	completeFlag(cmd, "arch", abiNames)
	cmd.Flags().BoolVar(&exact, "exact", false,
		"compare as many bits as the engine, also those that the kernel does not read")
	cmd.Flags().StringVar(&name, "name", "", "read the resource called `NAME` of several in FILE")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		opts, err := flags.ociOptions(arch)
		if err != nil {
			return err
		}
		opts.Name, opts.Exact, opts.Source = name, exact, filepath.Base(in.name)
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
		file := cmp.Or(w.File, name)
		if w.Line > 0 {
			say(cmd, "%s:%d: warning: %s", file, w.Line, w.Text)
			continue
		}
		say(cmd, "%s: warning: %s", file, w.Text)
	}
}

// engineFlags say what another tool's profile means where it stands for a FILE.
type engineFlags struct {
	engine *choice
	caps   []string
	kernel string
}

func (e *engineFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	e.engine = newChoice(string(oci.Runc), oci.Engines()...)
	f.Var(e.engine, "engine", "what makes the filter of a container's profile")
	f.Var(commaList(&e.caps), "cap", "the container has the capability `CAP`; none: it has none "+
		"at all")
	if cmd.Name() != "test" { // which makes calls on the running kernel with it
		f.StringVar(&e.kernel, "kernel", "", "the `VERSION` of the kernel that a profile is "+
			"for, such as 6.1")
	}
}

// aKernel begins with two numbers; what follows, as in 6.1.0-13-amd64, does not count.
var aKernel = lazy.Regexp(`^[0-9]+\.[0-9]+($|[^0-9])`)

// ociOptions returns what the flags say; the first of the ABIs is the host's.
func (e *engineFlags) ociOptions(arch []string) (oci.Options, error) {
	opts := oci.Options{Kernel: e.kernel, Engine: oci.Runc, FixCaps: len(e.caps) > 0}
	if e.engine != nil {
		opts.Engine = oci.Engine(e.engine.String())
	}
	for i, name := range arch {
		abi, err := lookupABI(name)
		if err != nil {
			return opts, err
		}
		if i == 0 {
			opts.Host = abi
		}
		opts.ABIs = append(opts.ABIs, abi)
	}
	if len(arch) == 1 {
		opts.ABIs = nil
	}
	x86, _ := linux.Lookup("x86_64") // capabilities are the same everywhere
	for _, c := range e.caps {
		if c == "none" {
			continue
		}
		if _, ok := x86.Constant(c); !ok || !strings.HasPrefix(c, "CAP_") {
			return opts, fmt.Errorf("--cap %s: no capability is called so; write one as CAP_CHOWN",
				diag.Printable(c))
		}
		opts.Caps = append(opts.Caps, c)
	}
	if e.kernel != "" && !aKernel().MatchString(e.kernel) {
		return opts, fmt.Errorf("--kernel %s: expected a version such as 6.1",
			diag.Printable(e.kernel))
	}
	return opts, nil
}

// fromProfile reads a container's profile as what its engine makes of it, for no capabilities but
// those of --cap. Its warnings are import's.
func fromProfile(cmd *cobra.Command, flags *policyFlags, in input) ([]*filter, error) {
	opts, err := flags.engine.ociOptions(flags.arch)
	if err != nil {
		return nil, err
	}
	opts.ABIs, opts.Exact, opts.FixCaps, opts.Apart = nil, true, true, true
	opts.Source = filepath.Base(in.name)
	p, err := oci.Import(in.data, opts)
	if err != nil {
		return nil, wrong("%s: %w", in.name, err)
	}
	res, diags := compiler.Compile(in.path, p.Text, compiler.Options{})
	if res == nil {
		return nil, wrong("%s: %w", in.name, diags.Err())
	}
	res.Sources[0].Lines = p.Lines
	caps := "no capabilities"
	if len(opts.Caps) > 0 {
		caps = strings.Join(opts.Caps, ", ")
	}
	say(cmd, "%s: a profile, as %s makes it on %s, with %s", in.name, opts.Engine, res.ABIs[0].Name,
		caps)
	in.data = p.Text
	return []*filter{{name: in.name, program: res.Program, order: res.Order, policy: res,
		text: in}}, nil
}
