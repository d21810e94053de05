package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/interop/minijail"
	"github.com/seccompc/seccompc/policy"
)

// killActions are what a foreign filter's kill may be.
var killActions = map[string]policy.Action{"kill_thread": policy.KillThread,
	"kill": policy.KillProcess,
	"trap": policy.Trap, "log": policy.Log}

func newImportMinijail() *cobra.Command {
	var arch, maps []string
	var output, constants string
	var exact bool
	dialect := newChoice("any", "any", "c", "py")
	kill := newChoice("kill_thread", "kill_thread", "kill", "trap", "log")
	cmd := &cobra.Command{
		Use:   "minijail FILE",
		Short: "Read a policy of minijail",
		Long: `Minijail reads a policy of minijail, crosvm or ChromeOS. Its two compilers differ: where that
matters ("expr; return E"), --dialect says which one is meant.

Included files lie below the policy's own directory; the directories in which absolute paths lie
are given by --map.`,
		Example: "  seccompc import minijail gpu_device.policy --dialect py " +
			"--map /usr/share/policy/crosvm/=./ -o gpu.scp",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	f := cmd.Flags()
	f.Var(commaList(&arch), "arch", "the ABIs to make a policy for, `A,B`")
	completeFlag(cmd, "arch", abiNames)
	f.Var(dialect, "dialect", "the compiler that is meant")
	f.Var(kill, "kill", "what kill does, and the default without @default")
	f.StringVar(&constants, "constants", "", "the constants.json of minijail's compiler, in `FILE`")
	f.Var(commaList(&maps), "map", "absolute paths that begin so lie there, `PREFIX=DIR`")
	f.BoolVar(&exact, "exact", false,
		"compare as many bits as minijail, also those that the kernel does not read")
	f.StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		opts := minijail.Options{Source: filepath.ToSlash(in.name), Exact: exact,
			Kill: killActions[kill.String()]}
		if dialect.String() != "any" {
			opts.Dialect = minijail.Dialect(dialect.String())
		}
		if opts.ABIs, err = lookupABIs(arch); err != nil {
			return err
		}
		if constants != "" {
			c, err := readInput(cmd, constants)
			if err != nil {
				return err
			}
			opts.Constants = c.data
		}
		if opts.Read, err = includer(cmd, in.name, maps); err != nil {
			return err
		}
		p, err := minijail.Import(in.data, opts)
		if err != nil {
			return wrong("%s: %w", in.name, err)
		}
		printWarnings(cmd, in.name, p.Warnings)
		return writeOutput(cmd, output, p.Text)
	}
	return cmd
}

// includer returns what reads the files that a foreign policy includes: regular ones below its own
// directory, or below one that a prefix of absolute paths is mapped to.
func includer(cmd *cobra.Command, file string, maps []string) (
	read func(from, name string) ([]byte, error), err error,
) {
	mapped := map[string]string{}
	for _, m := range maps {
		prefix, dir, ok := strings.Cut(m, "=")
		if !ok || prefix == "" || dir == "" {
			return nil, usageError(cmd, fmt.Errorf("--map %s: expected PREFIX=DIR", m))
		}
		mapped[prefix] = dir
	}
	base := filepath.ToSlash(filepath.Dir(file))
	return func(from, name string) ([]byte, error) {
		if !path.IsAbs(name) {
			name = path.Join(path.Dir(from), name)
		}
		best := ""
		for prefix := range mapped {
			if strings.HasPrefix(name, prefix) && len(prefix) > len(best) {
				best = prefix
			}
		}
		switch rest, below := strings.CutPrefix(path.Clean(name), path.Clean(base)+"/"); {
		case best != "":
			return readBelow(mapped[best], strings.TrimPrefix(name, best))
		case base == "." && filepath.IsLocal(name):
			return readBelow(".", name)
		case below:
			return readBelow(base, rest)
		}
		return nil, fmt.Errorf("%s lies outside of the policy's directory: say by --map "+
			"PREFIX=DIR where it is",
			name)
	}, nil
}

// maxIncluded is how large an included file may be.
const maxIncluded = 4 << 20

// readBelow reads a regular file below a directory, which no link leaves.
func readBelow(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name = filepath.FromSlash(strings.TrimPrefix(name, "/"))
	if info, err := root.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", diag.Printable(name))
	} else if err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxIncluded+1))
}
