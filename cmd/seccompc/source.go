package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/modes"
)

// naming are the flags about what is called how in the source of C, Go or Rust.
type naming struct{ name, pkg, spdx string }

func (n *naming) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.name, "name", "filter", "call what the source of C, Go or Rust defines `NAME`")
	f.StringVar(&n.pkg, "package", "", "make the source of Go a file of the package `NAME`, in "+
		"which all that it defines begins with --name")
	f.StringVar(&n.spdx, "spdx", "", "begin the source of C, Go or Rust with the line of the "+
		"`LICENSE`")
}

// check refuses the flags for other formats than source.
func (n *naming) check(cmd *cobra.Command, format string) error {
	switch {
	case !isModule(format) && (n.name != "filter" || n.spdx != ""):
		return usageError(cmd, errors.New("--name and --spdx are for source: --format c, go or "+
			"rust"))
	case format != "go" && n.pkg != "":
		return usageError(cmd, errors.New("--package is for source of Go: --format go"))
	case strings.ContainsFunc(n.spdx, func(r rune) bool { return r < ' ' || r > '~' || r == '*' }):
		return usageError(cmd, fmt.Errorf("--spdx %q is no name of a licence", n.spdx))
	}
	return nil
}

// encode writes filters as source.
func (n *naming) encode(
	cmd *cobra.Command, format, origin, hash string, configs []blob.Variant,
) ([]byte, error) {
	m := blob.Module{
		Name: n.name, Package: n.pkg, License: n.spdx, Origin: origin, Hash: hash,
		Version: moduleVersion(), Configs: configs,
	}
	data, err := m.Encode(format)
	if err != nil {
		return nil, usageError(cmd, err)
	}
	return data, nil
}

// sourceFlags are the flags of build about what its output is to look like.
type sourceFlags struct {
	naming
	configs []string
	check   string
	said    map[string]bool // findings that have been printed
}

func (s *sourceFlags) register(cmd *cobra.Command) {
	s.said = map[string]bool{}
	f := cmd.Flags()
	f.Var(newList(&s.configs), "config",
		"compile the configuration `NAME=PARAM=VALUE,…`; may be repeated")
	s.naming.register(cmd)
	f.StringVar(&s.check, "check", "", "compare `FILE` with what would be written, and write "+
		"nothing")
}

// isModule reports whether a format is source that holds all configurations.
func isModule(format string) bool { return slices.Contains(blob.Modules(), format) }

func (s *sourceFlags) modes(cmd *cobra.Command) ([]modes.Mode, error) {
	all, err := modes.ParseAll(s.configs)
	if err != nil {
		return nil, usageError(cmd, fmt.Errorf("--config: %w", err))
	}
	if len(all) == 0 {
		all = []modes.Mode{{}}
	}
	return all, nil
}

// compile compiles the policy for all of its ABIs together, in the first configuration.
func (s *sourceFlags) compile(
	cmd *cobra.Command, in input, opts compiler.Options,
) (*compiler.Result, error) {
	all, err := s.modes(cmd)
	if err != nil {
		return nil, err
	}
	return compileOnce(cmd, in, all[0].Options(opts), s.said)
}

// encode returns what is to be written of a filter: for source all configurations and
// machines.
func (s *sourceFlags) encode(
	cmd *cobra.Command, in input, opts compiler.Options, f *filter, format string,
) ([]byte, error) {
	if err := s.naming.check(cmd, format); err != nil {
		return nil, err
	}
	if !isModule(format) {
		return f.blob().Encode(format)
	}
	all, err := s.modes(cmd)
	if err != nil {
		return nil, err
	}
	var configs []blob.Variant
	for _, mode := range all {
		v := blob.Variant{Name: mode.Name, Values: settings(mode)}
		for _, abis := range blob.Machines(f.policy.ABIs) {
			one := mode.Options(opts)
			one.ABIs = nameList(abis)
			res, err := compileOnce(cmd, in, one, s.said)
			if err != nil {
				return nil, err
			}
			part := filter{name: in.name, program: res.Program, order: res.Order, policy: res,
				text: in}
			v.Machines = append(v.Machines, part.blob())
		}
		configs = append(configs, v)
	}
	return s.naming.encode(cmd, format, in.name, hash(f.policy), configs)
}

// settings writes what a mode sets.
func settings(m modes.Mode) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m.Params)) {
		out = append(out, name+"="+m.Params[name])
	}
	return strings.Join(out, ", ")
}

// hash is that of the policy's text, and of the files that it includes.
func hash(res *compiler.Result) string {
	h := sha256.New()
	for _, source := range res.Sources {
		if !strings.HasPrefix(source.Name, "-D ") {
			fmt.Fprintf(h, "%d\n%s", len(source.Text), source.Text)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// checkFile says whether a file is what would be written.
func checkFile(name, format string, f *filter, want []byte) error {
	in, err := os.ReadFile(name)
	if err != nil {
		return fileError(name, err)
	}
	if said := blob.Difference(format, f.order, in, want); said != "" {
		return wrong("%s is not what the policy says: %s", name, said)
	}
	return nil
}
