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

// sourceFlags are the flags of build about what its output is to look like.
type sourceFlags struct {
	configs           []string
	name, spdx, check string
	said              map[string]bool // findings that have been printed
}

func (s *sourceFlags) register(cmd *cobra.Command) {
	s.said = map[string]bool{}
	f := cmd.Flags()
	f.Var(newList(&s.configs), "config",
		"compile the configuration `NAME=PARAM=VALUE,…`; may be repeated")
	f.StringVar(&s.name, "name", "filter", "call what the source of C, Go or Rust defines `NAME`")
	f.StringVar(&s.spdx, "spdx", "", "begin the source of C, Go or Rust with the line of the "+
		"`LICENSE`")
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
	if !isModule(format) {
		if s.name != "filter" || s.spdx != "" {
			return nil, usageError(cmd, errors.New("--name and --spdx are for source: --format "+
				"c, go or rust"))
		}
		return f.blob().Encode(format)
	}
	if strings.ContainsFunc(s.spdx, func(r rune) bool { return r < ' ' || r > '~' || r == '*' }) {
		return nil, usageError(cmd, fmt.Errorf("--spdx %q is no name of a licence", s.spdx))
	}
	all, err := s.modes(cmd)
	if err != nil {
		return nil, err
	}
	m := blob.Module{
		Name: s.name, License: s.spdx, Origin: in.name, Version: moduleVersion(),
		Hash: hash(f.policy),
	}
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
		m.Configs = append(m.Configs, v)
	}
	data, err := m.Encode(format)
	if err != nil {
		return nil, usageError(cmd, err)
	}
	return data, nil
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
