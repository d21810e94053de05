package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// helpWidth is that of the lines of help as they are written.
const helpWidth = 100

// newHelp is the command help, which refuses what is no command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		RunE: func(help *cobra.Command, args []string) error {
			root := help.Root()
			about, rest, err := root.Find(args)
			switch {
			case err == nil && len(rest) == 0:
				about.InitDefaultHelpFlag()
				return about.Help()
			case !about.HasSubCommands():
				about = root
			}
			return usageError(about, unknownCommand(about, args[len(args)-len(rest)]))
		},
		ValidArgsFunction: func(help *cobra.Command, args []string, word string) (
			out []string, _ cobra.ShellCompDirective,
		) {
			if about, rest, err := help.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range about.Commands() {
					if c.IsAvailableCommand() {
						out = append(out, c.Name()+"\t"+c.Short)
					}
				}
			}
			return startingWith(word, out), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// narrowHelp lays help out anew for a terminal that is narrower than its lines.
func narrowHelp(root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		width := outputWidth(cmd)
		if width == 0 || width >= helpWidth {
			help(cmd, args)
			return
		}
		out := cmd.OutOrStdout()
		var text strings.Builder
		cmd.SetOut(&text)
		help(cmd, args)
		cmd.SetOut(out)
		fmt.Fprint(out, narrowed(text.String(), width))
	})
}

// narrowed breaks text into lines of a width. Lines that are not indented are one paragraph, those
// that are stay apart.
func narrowed(text string, width int) string {
	var out []string
	paragraph := ""
	for line := range strings.SplitSeq(text, "\n") {
		indented := line == "" || line[0] == ' '
		if paragraph != "" && indented {
			out = append(out, broken(paragraph, 0, width)...)
			paragraph = ""
		}
		switch {
		case !indented:
			paragraph = strings.TrimLeft(paragraph+" "+line, " ")
		case strings.HasPrefix(strings.TrimLeft(line, " "), "seccompc "):
			out = append(out, line) // to be copied
		default:
			out = append(out, broken(line, secondColumn(line, width), width)...)
		}
	}
	if paragraph != "" {
		out = append(out, broken(paragraph, 0, width)...)
	}
	return strings.Join(out, "\n")
}

// secondColumn returns where the description in a line begins, or a place a little to the right of
// what it describes where that leaves little room.
func secondColumn(line string, width int) int {
	name := strings.TrimLeft(line, " ")
	indent := len(line) - len(name)
	if gap := strings.Index(name, "  "); gap >= 0 {
		at := len(line) - len(strings.TrimLeft(name[gap:], " "))
		if at <= width/2 {
			return at
		}
	}
	return indent + 4
}

// broken breaks a line at blanks; the lines behind the first begin at a column.
func broken(line string, column, width int) []string {
	var out []string
	rest := []rune(line)
	for len(rest) > width {
		begin := len(rest) - len([]rune(strings.TrimLeft(string(rest), " ")))
		at := width
		for at > begin && rest[at] != ' ' {
			at--
		}
		if at <= begin {
			at = begin
			for at < len(rest) && rest[at] != ' ' {
				at++
			}
		}
		out = append(out, strings.TrimRight(string(rest[:at]), " "))
		next := strings.TrimLeft(string(rest[at:]), " ")
		if next == "" {
			return out
		}
		rest = []rune(strings.Repeat(" ", column) + next)
	}
	return append(out, string(rest))
}
