package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages to a directory",
		Hidden: true,
		Args:   usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			for _, c := range append(root.Commands(), root) {
				if c.Hidden || c.Name() == "help" {
					continue
				}
				name := strings.ReplaceAll(c.CommandPath(), " ", "-")
				file := filepath.Join(args[0], name+".1")
				if err := writeOutput(cmd, file, []byte(manPage(c, name))); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPage returns the manual page of a command in the macros of man(7).
func manPage(cmd *cobra.Command, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" %q\n", roff(strings.ToUpper(name)), "seccompc "+moduleVersion())
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	manText(&b, cmd.Long)
	if flags := cmd.Flags(); flags.HasAvailableFlags() {
		b.WriteString(".SH OPTIONS\n")
		flags.VisitAll(func(f *pflag.Flag) { manFlag(&b, f) })
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	}
	manSeeAlso(&b, cmd)
	return b.String()
}

// manText writes paragraphs. What is indented keeps its lines, the rest is laid out for the
// terminal.
func manText(b *strings.Builder, text string) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		b.WriteString(".PP\n")
		keeps := false
		for line := range strings.SplitSeq(paragraph, "\n") {
			if indented := strings.HasPrefix(line, "  "); indented != keeps {
				keeps = indented
				b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[keeps])
			}
			b.WriteString(roff(line) + "\n")
		}
		if keeps {
			b.WriteString(".fi\n")
		}
	}
}

func manFlag(b *strings.Builder, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	value, usage := pflag.UnquoteUsage(f)
	names := "--" + f.Name
	if f.Shorthand != "" {
		names = "-" + f.Shorthand + ", " + names
	}
	fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(names+" "+value)), roff(usage))
}

func manSeeAlso(b *strings.Builder, cmd *cobra.Command) {
	b.WriteString(".SH SEE ALSO\n")
	if cmd.HasParent() {
		b.WriteString(".BR seccompc (1),\n")
	}
	for _, c := range cmd.Commands() {
		if !c.Hidden && c.Name() != "help" {
			fmt.Fprintf(b, ".BR seccompc-%s (1),\n", c.Name())
		}
	}
	b.WriteString(".BR seccomp (2)\n")
}

// roff escapes what troff would take for its own.
func roff(text string) string {
	text = strings.ReplaceAll(text, `\`, `\e`)
	text = strings.ReplaceAll(text, "-", `\-`)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
