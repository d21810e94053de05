package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/modes"
)

// configuration is a policy compiled in one mode.
type configuration struct {
	modes.Mode
	*compiler.Result
}

// compileModes compiles a policy once for each mode. Any mistake in one means that there are none.
func compileModes(
	cmd *cobra.Command, in input, opts compiler.Options, all []modes.Mode,
) ([]configuration, error) {
	said := map[string]bool{}
	var out []configuration
	for _, m := range all {
		res, err := compileOnce(cmd, in, m.Options(opts), said)
		if err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "seccompc: configuration %s is wrong\n", m.Name)
			return nil, err
		}
		out = append(out, configuration{m, res})
	}
	return out, nil
}

// buildConfigs writes the filters of several configurations into a directory: all, or none where
// the policy is wrong in one of them.
func buildConfigs(
	cmd *cobra.Command, in input, opts compiler.Options, src sourceFlags, dir, format string,
) error {
	all, err := src.modes(cmd)
	switch {
	case err != nil:
		return err
	case src.check != "":
		return usageError(cmd, errors.New("--check compares one file; --config writes several "+
			"raw filters"))
	case dir == "-":
		return usageError(cmd, errors.New("several filters do not fit standard output; "+
			"write them with -o DIR"))
	case format != "raw":
		return usageError(cmd, fmt.Errorf("--config writes raw filters, C, Go and Rust, not %s",
			format))
	}
	compiled, err := compileModes(cmd, in, opts, all)
	if err != nil {
		return err
	}
	if err := makeDir(dir); err != nil {
		return err
	}
	for _, c := range compiled {
		for _, ext := range []string{".bpf", ".json"} {
			if err := checkOutput(cmd, filepath.Join(dir, c.Name+ext)); err != nil {
				return err // before one of them is written
			}
		}
	}
	for _, c := range compiled {
		f := &filter{name: in.name, program: c.Program, order: c.Order, policy: c.Result, text: in}
		if c.Program.Waits() {
			list := filepath.Join(dir, c.Name+".json")
			if err := writeOutput(cmd, list, c.Result.Relocations().Text()); err != nil {
				return err
			}
		}
		if err := f.write(cmd, filepath.Join(dir, c.Name+".bpf"), format); err != nil {
			return err
		}
	}
	return nil
}

// makeDir makes a directory where there is nothing of its name.
func makeDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s: this is a file; --config writes into a directory", dir)
	case err == nil:
		return nil
	}
	return fileError(dir, os.Mkdir(dir, 0o777))
}
