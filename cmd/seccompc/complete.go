package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
)

// completeFlag completes the value of a flag.
func completeFlag(cmd *cobra.Command, flag string, values func() []string) {
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}

// completeArg completes the only argument of a command.
func completeArg(cmd *cobra.Command, values func() []string) {
	cmd.ValidArgsFunction = func(
		_ *cobra.Command, args []string, _ string,
	) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values(), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeCall completes a file and a call: system calls by name with their arguments as the
// description, then constants.
func completeCall(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(
		_ *cobra.Command, args []string, word string,
	) ([]string, cobra.ShellCompDirective) {
		const noFile = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		switch {
		case len(args) == 0:
			return nil, cobra.ShellCompDirectiveDefault
		case len(args) > 1:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case strings.Contains(word, "("):
			return callConstants(word), noFile
		}
		return callNames(), noFile
	}
}

// completeExplain completes the code of a diagnostic in the place of a file.
func completeExplain(cmd *cobra.Command) {
	completeCall(cmd)
	calls := cmd.ValidArgsFunction
	cmd.ValidArgsFunction = func(
		c *cobra.Command, args []string, word string,
	) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return slices.Collect(codeNames), cobra.ShellCompDirectiveDefault
		}
		return calls(c, args, word)
	}
}

// callNames returns the machine's system calls, each with its arguments as a description.
func callNames() []string {
	var out []string
	abi := machine()
	for _, s := range abi.Syscalls() {
		args, _ := abi.Prototype(s.Name)
		var names []string
		for _, a := range args {
			names = append(names, a.Name)
		}
		out = append(out, fmt.Sprintf("%s(\t%s", s.Name, strings.Join(names, ", ")))
	}
	return out
}

// callConstants completes the last word of a call with the constants that start so.
func callConstants(call string) []string {
	at := strings.LastIndexAny(call, "(,| ") + 1
	if at == len(call) {
		return nil
	}
	var out []string
	for _, name := range machine().ConstantNames(call[at:]) {
		out = append(out, call[:at]+name)
	}
	return out
}

// machine returns the machine's own ABI, or another where the tables do not have it.
func machine() *linux.ABI {
	if abi, ok := linux.Native(); ok {
		return abi
	}
	return linux.ABIs()[0]
}

func abiNames() []string { return nameList(linux.ABIs()) }

// lintLevels are the values of -W.
func lintLevels() []string {
	var out []string
	for _, c := range codes.All() {
		if c.Lint {
			out = append(out, c.Name+"=off", c.Name+"=warning", c.Name+"=error")
		}
	}
	slices.Sort(out)
	return out
}
