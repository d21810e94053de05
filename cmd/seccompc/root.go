package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `seccompc compiles policies for Linux seccomp to classic BPF filters and proves
each filter equal to its policy, for every system call that there can be. Without the name of a
command it builds.

A FILE is told by its content: the text of a policy, a filter as an array of struct sock_filter (a
blob) or as text, a container's profile. "-" stands for standard input or output, pid:N for the
filters that a process has, 'exe:PROG ARGS' for those that a program installs when it is run, and
A+B for filters that are installed one after the other.

`

// commands are all commands by their names.
var commands = []maker{
	{"build", newBuild}, {"fill", newFill}, {"check", newCheck}, {"test", newTest},
	{"fmt", newFmt}, {"disasm", newDisasm}, {"asm", newAsm}, {"sim", newSim},
	{"explain", newExplain}, {"graph", newGraph}, {"audit", newAudit}, {"diff", newDiff},
	{"prove", newProve}, {"decompile", newDecompile}, {"import", newImport},
	{"export", newExport}, {"merge", newMerge}, {"init", newInit}, {"run", newRun},
	{"record", newRecord}, {"features", newFeatures}, {"dump", newDump},
	{"syscalls", newSyscalls}, {"sets", newSets}, {"constants", newConstants}, {"doc", newDoc},
	{"lsp", newLSP}, {"version", newVersion}, {"man", newMan}, {"make-calls", newMakeCalls},
}

type maker struct {
	name string
	make func() *cobra.Command
}

// needed returns the commands that a command line is about: the one that it names, none behind a
// file, and else all, for help, completion and similar names. It takes time to make them.
func needed(args []string) []maker {
	if len(args) == 0 || args[0] == "man" { // the pages are of all commands
		return commands
	}
	for i, c := range commands {
		if c.name == args[0] {
			return commands[i : i+1]
		}
	}
	if (args[0] == "-" || isPath(args[0])) && !slices.ContainsFunc(args, isHelp) {
		return nil
	}
	return commands
}

// isHelp reports whether an argument may be a flag that asks for help.
func isHelp(arg string) bool {
	short := strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--")
	return strings.HasPrefix(arg, "--help") || short && strings.Contains(arg, "h")
}

// isPath reports whether an argument is the name of a file rather than of a command.
func isPath(arg string) bool {
	return !strings.HasPrefix(arg, "-") && strings.ContainsAny(arg, "./")
}

// newRoot returns the part of the command line that the arguments need.
func newRoot(args []string) *cobra.Command {
	root := newBuild()
	root.Use = "seccompc POLICY"
	root.Short = "Compile, check and prove seccomp policies"
	root.Long = rootHelp + exitStatusHelp
	root.Example = `  seccompc policy.scp -o filter.bpf
  seccompc test policy.scp
  seccompc run policy.scp -- ./server --port 80`
	root.Version = versionOfTables() // cobra writes the name before it
	root.Args = rootArgs
	root.SuggestionsMinimumDistance = 2
	root.SilenceUsage = true
	narrowHelp(root)
	root.SilenceErrors = true
	root.SetFlagErrorFunc(usageError)
	root.PersistentFlags().Var(newChoice("auto", "auto", "always", "never"), "color",
		"colour in messages: auto, always or never")
	for _, c := range needed(args) {
		root.AddCommand(c.make())
	}
	root.SetHelpCommand(newHelp())
	root.ValidArgsFunction = completeFiles
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		completeChoices(root)
	}
	if len(args) > 0 && args[0] == "completion" {
		root.InitDefaultCompletionCmd()
		if cmd, _, err := root.Find(args[:1]); err == nil {
			onlySubcommands(cmd)
		}
	}
	return root
}

// rootArgs tells a policy from a mistyped command.
func rootArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError(cmd, fmt.Errorf("there is no policy to compile"))
	}
	if _, err := os.Stat(args[0]); err == nil || args[0] == "-" {
		return usageArgs(cobra.ExactArgs(1))(cmd, args)
	}
	if isPath(args[0]) {
		return nil
	}
	text := fmt.Sprintf("%q is neither a command nor a file", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += "; there is a command with a similar name: " + strings.Join(near, ", ")
	}
	return usageError(cmd, fmt.Errorf("%s", text))
}

// choice is a flag with a fixed list of values.
type choice struct {
	value   string
	allowed []string
}

func newChoice(value string, allowed ...string) *choice { return &choice{value, allowed} }

func (c *choice) String() string { return c.value }

func (c *choice) Type() string { return strings.Join(c.allowed, "|") }

func (c *choice) Set(s string) error {
	for _, a := range c.allowed {
		if a == s {
			c.value = s
			return nil
		}
	}
	text := fmt.Sprintf("%q is none of %s", s, strings.Join(c.allowed, ", "))
	return errors.New(withNear(text, s, slices.Values(c.allowed)))
}

// list is a flag that can be given several times. Those of pflag write their defaults as CSV when
// they are declared, which takes as long as the rest of the command line.
type list struct {
	values *[]string
	typ    string
	comma  bool // it stands between values
}

func newList(values *[]string) *list { return &list{values, "stringArray", false} }

func commaList(values *[]string) *list { return &list{values, "stringSlice", true} }

func (l *list) String() string { return strings.Join(*l.values, ",") }

// Type is one of pflag's: completion tells by it that the flag may come again.
func (l *list) Type() string { return l.typ }

func (l *list) Set(s string) error {
	switch {
	case !l.comma:
		*l.values = append(*l.values, s)
	case s != "":
		*l.values = append(*l.values, strings.Split(s, ",")...)
	}
	return nil
}
