package main

import (
	"debug/elf"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/linux"
)

// release is the version of what is built from a tree that the go command cannot ask for it; the
// linker sets it.
var release string

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of seccompc and of its tables",
		Long: `Version prints the version of the command, of the kernel whose tables it has, and of
the systemd whose sets. It says so where the command is not static but linked with the C library.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := "seccompc " + versionOfTables() + "\n"
			if file, err := os.Executable(); err == nil {
				text += linkText(librariesOf(file))
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}

// versionOfTables returns the version of the command, and what its tables are of.
func versionOfTables() string {
	return fmt.Sprintf("%s (tables of Linux %s, sets of systemd %s)", moduleVersion(),
		linux.KernelVersion, linux.SystemdVersion)
}

// moduleVersion returns the version that the linker was given, or else the go command has recorded.
func moduleVersion() string {
	if release != "" {
		return "v" + release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// linkText says with which libraries a command is linked, nothing where it is static.
func linkText(libraries []string) string {
	if len(libraries) == 0 {
		return ""
	}
	return fmt.Sprintf(
		"not static: linked with %s; with CGO_ENABLED=0 go builds a static command\n",
		strings.Join(libraries, ", "),
	)
}

// librariesOf returns the shared libraries that an ELF file asks for; none for any other file.
func librariesOf(file string) []string {
	f, err := elf.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	libraries, _ := f.ImportedLibraries() // a static file has no dynamic section
	return libraries
}
