package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/runtime"
)

func newFeatures() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "features",
		Short: "Ask the running kernel what it offers to filters",
		Long: `Features asks the kernel for every action and flag of seccomp(2). The answer is yes,
no, or unknown: the kernel is too old to ask, or a filter stands between.
Nothing is installed.`,
		Args: usageArgs(cobra.NoArgs),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		found := askKernel()
		if asJSON {
			_, err := cmd.OutOrStdout().Write(document(found))
			return err
		}
		found.print(cmd.OutOrStdout())
		return nil
	}
	return cmd
}

// kernelFeatures is what the running kernel offers.
type kernelFeatures struct {
	Kernel   string       `json:"kernel"` // its release, "" where it cannot be told
	Features []featureRow `json:"features"`
}

type featureRow struct {
	Name   string `json:"name"`
	Since  string `json:"since"`  // the first Linux that has it
	Answer string `json:"answer"` // yes, no or unknown
	Loss   string `json:"loss,omitempty"`
}

func askKernel() kernelFeatures {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	out := kernelFeatures{Kernel: strings.TrimSpace(string(release))}
	for _, f := range runtime.Features() {
		row := featureRow{Name: f.Name, Since: f.Since, Answer: "yes"}
		if err := runtime.Supported(f); err != nil {
			row.Answer, row.Loss = "unknown", f.Loss
			if errors.Is(err, errors.ErrUnsupported) {
				row.Answer = "no"
			}
		}
		out.Features = append(out.Features, row)
	}
	return out
}

func (k kernelFeatures) print(w io.Writer) {
	if k.Kernel != "" {
		fmt.Fprintf(w, "Linux %s\n", k.Kernel)
	}
	for _, f := range k.Features {
		fmt.Fprintf(w, "%-8s %-22s since Linux %s", f.Answer, f.Name, f.Since)
		if f.Loss != "" {
			fmt.Fprintf(w, "; without it %s", f.Loss)
		}
		fmt.Fprintln(w)
	}
}
