package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// completeFlag completes the value of a flag.
func completeFlag(cmd *cobra.Command, flag string, values func() []string) {
	complete := func(_ *cobra.Command, _ []string, word string) (
		[]string, cobra.ShellCompDirective,
	) {
		return startingWith(word, values()), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}

// completeArg completes the only argument of a command.
func completeArg(cmd *cobra.Command, values func() []string) {
	cmd.ValidArgsFunction = func(
		_ *cobra.Command, args []string, word string,
	) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return startingWith(word, values()), cobra.ShellCompDirectiveNoFileComp
	}
}

// startingWith returns those of some values that begin with a word: shells look at each by itself,
// which takes some of them seconds for all constants.
func startingWith(word string, values []string) []string {
	return slices.DeleteFunc(values, func(v string) bool { return !strings.HasPrefix(v, word) })
}

// completeChoices completes the flags that have fixed values.
func completeChoices(cmd *cobra.Command) {
	complete := func(f *pflag.Flag) {
		if c, ok := f.Value.(*choice); ok {
			completeFlag(cmd, f.Name, func() []string { return slices.Clone(c.allowed) })
		}
	}
	cmd.LocalNonPersistentFlags().VisitAll(complete)
	cmd.PersistentFlags().VisitAll(complete)
	for _, sub := range cmd.Commands() {
		completeChoices(sub)
	}
}

// completeParams completes the names of the parameters of the policies on the command line.
func completeParams(cmd *cobra.Command, flag string) {
	complete := func(_ *cobra.Command, args []string, word string) (
		[]string, cobra.ShellCompDirective,
	) {
		var out []string
		for _, file := range args {
			text, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			f, _ := dsl.Parse(file, text)
			for s := range f.All() {
				if d, ok := s.(*dsl.Define); ok && d.Kind == "param" {
					out = append(out, d.Name.Text+"=")
				}
			}
		}
		return startingWith(word, out),
			cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}

// completeFiles completes files.
func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeCall completes a file and a call: system calls by name with their arguments as the
// description, then constants.
func completeCall(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(
		_ *cobra.Command, args []string, word string,
	) ([]string, cobra.ShellCompDirective) {
		const noFile = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		quote := "" // that is open, as fish hands it over
		if word != "" && strings.ContainsRune("'\"", rune(word[0])) {
			quote, word = word[:1], word[1:]
		}
		switch {
		case len(args) == 0:
			return nil, cobra.ShellCompDirectiveDefault
		case len(args) > 1:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case strings.Contains(word, "("):
			return behind(quote, callConstants(word)), noFile
		}
		return behind(quote, startingWith(word, callNames())), noFile
	}
}

// behind puts a prefix before values.
func behind(prefix string, values []string) []string {
	for i := range values {
		values[i] = prefix + values[i]
	}
	return values
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
