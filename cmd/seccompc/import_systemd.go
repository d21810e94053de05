package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/interop/systemd"
	"github.com/seccompc/seccompc/linux"
)

func newImportSystemd() *cobra.Command {
	var arch []string
	var output, version string
	var exact bool
	cmd := &cobra.Command{
		Use:   "systemd UNIT|LIST [DROP-IN|LIST...]",
		Short: "Read the filters of a systemd unit",
		Long: `Systemd reads a unit, with the drop-ins of the directory UNIT.d beside it and those
that are named behind it, and writes the filters of all its settings as one policy: what the
kernel makes of them in the order in which systemd installs them. A LIST is the value of
SystemCallFilter, and so is each that stands behind it: a ~ at its beginning is about all of it.

The first ABI of --arch is systemd's own; the policy serves those that are given, and without
--arch all for which systemd installs filters on this machine. The sets of calls are those of
--systemd.`,
		Example: `  seccompc import systemd /lib/systemd/system/systemd-logind.service -o logind.scp
  seccompc import systemd --systemd 252 @system-service '~@privileged @resources' -o service.scp`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
	}
	cmd.Flags().Var(commaList(&arch), "arch", "systemd's own ABI, and which others to serve, `A,B`")
	completeFlag(cmd, "arch", abiNames)
	cmd.Flags().StringVar(&version, "systemd", "", "the `VERSION` of systemd whose sets and "+
		"filters count; "+
		"the newest that is known where it is absent")
	cmd.Flags().BoolVar(&exact, "exact", false,
		"compare as many bits as systemd, also those that the kernel does not read")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		opts := systemd.Options{Exact: exact}
		var err error
		if opts.ABIs, err = lookupABIs(arch); err != nil {
			return err
		}
		if len(opts.ABIs) > 0 {
			opts.Host = opts.ABIs[0]
		}
		if opts.Version, err = systemdVersion(cmd, version); err != nil {
			return err
		}
		sources, err := unitSources(cmd, args)
		if err != nil {
			return err
		}
		p, err := systemd.Import(sources, opts)
		if err != nil {
			return wrong("%s: %w", sources[0].Name, err)
		}
		printWarnings(cmd, sources[0].Name, p.Warnings)
		return writeOutput(cmd, output, p.Text)
	}
	return cmd
}

func lookupABIs(names []string) (out []*linux.ABI, err error) {
	for _, name := range names {
		abi, err := lookupABI(name)
		if err != nil {
			return nil, err
		}
		out = append(out, abi)
	}
	return out, nil
}

// systemdVersion reads "252", "252.39" and "v252".
func systemdVersion(cmd *cobra.Command, text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), ".")
	v, err := strconv.Atoi(major)
	if err != nil || v <= 0 || v > 1e6 {
		return 0, usageError(cmd, fmt.Errorf("--systemd %s: expected a version such as 252", text))
	}
	return v, nil
}

// unitSources reads a unit and its drop-ins, or a list.
func unitSources(cmd *cobra.Command, args []string) (out []systemd.Source, err error) {
	if strings.HasPrefix(args[0], "@") || strings.HasPrefix(args[0], "~") {
		return []systemd.Source{systemd.List(args...)}, nil
	}
	names := args[:1:1]
	if args[0] != "-" {
		dropIns, err := filepath.Glob(escapeGlob(args[0]) + ".d/*.conf")
		if err != nil {
			return nil, err
		}
		names = append(names, dropIns...)
	}
	for _, name := range append(names, args[1:]...) {
		in, err := readInput(cmd, name)
		if err != nil {
			return nil, err
		}
		if in.isEmpty() && len(out) == 0 {
			return nil, wrong("%s: the file is empty: it holds no unit", in.name)
		}
		out = append(out, systemd.Source{Name: in.name, Text: in.data})
	}
	return out, nil
}

// escapeGlob makes a pattern that is about a name with its special characters.
func escapeGlob(name string) string {
	if os.PathSeparator == '\\' {
		return name
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(name)
}
