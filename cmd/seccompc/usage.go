package main

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
)

// usageArgs wraps an argument check, so that its message says how to get help.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError(cmd, err)
		}
		return nil
	}
}

// usageError is an error of the command line. What cobra and pflag say comes through here, and
// leaves in our words.
func usageError(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf("usage: %s\nhelp:  %s --help\n", cmd.UseLine(), cmd.CommandPath())
	return &statusError{statusUsage, inOurWords(cmd, err), help}
}

// usageOf makes a usageError of what cobra finds by itself: flags that exclude or need each other.
func usageOf(cmd *cobra.Command, err error) error {
	if err == nil || cmd == nil || inOurWords(cmd, err) == err {
		return err
	}
	return usageError(cmd, err)
}

// onlySubcommands lets a command that has others, and does nothing itself, refuse a wrong name.
func onlySubcommands(cmd *cobra.Command) {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usageError(cmd, unknownCommand(cmd, args[0]))
	}
}

// inOurWords says an error of cobra or pflag in our words; another one is returned as it is.
func inOurWords(cmd *cobra.Command, err error) error {
	var absent *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var malformed *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &absent):
		return unknownFlag(cmd, absent)
	case errors.As(err, &lacking):
		name, _ := pflag.UnquoteUsage(lacking.GetFlag())
		flag := "--" + lacking.GetFlag().Name
		return fmt.Errorf("%s needs a value: %s %s", flag, flag, name)
	case errors.As(err, &invalid):
		return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalidValue(invalid))
	case errors.As(err, &malformed):
		return fmt.Errorf("%q is no flag: a flag is --NAME or --NAME=VALUE",
			malformed.GetSpecifiedFlag())
	}
	for _, w := range cobraWords {
		if m := w.pattern().FindStringSubmatch(err.Error()); m != nil {
			return w.say(cmd, m[1:])
		}
	}
	return err
}

// cobraWords are the errors that cobra has no types for.
var cobraWords = []struct {
	pattern func() *regexp.Regexp
	say     func(cmd *cobra.Command, m []string) error
}{
	{lazy.Regexp(`^accepts (\d+) arg\(s\), received`), wrongCount},
	{lazy.Regexp(`^requires at least (\d+) arg\(s\), only received`), wrongCount},
	{lazy.Regexp(`^accepts at most (\d+) arg\(s\), received`), wrongCount},
	{lazy.Regexp(`^accepts between \d+ and (\d+) arg\(s\), received`), wrongCount},
	{lazy.Regexp(`^unknown command "(.*?)" for `), func(cmd *cobra.Command, m []string) error {
		return unknownCommand(cmd, m[0])
	}},
	{lazy.Regexp(`^required flag\(s\) (.*) not set$`),
		func(_ *cobra.Command, m []string) error {
			names := strings.Split(strings.ReplaceAll(m[0], `"`, ""), ", ")
			return fmt.Errorf("%s missing", isOrAre(dashed(names)))
		}},
	{lazy.Regexp(`^if any flags in the group .* none of the others can be; \[(.*)\] were`),
		func(_ *cobra.Command, m []string) error {
			return fmt.Errorf("give only one of %s", enumerate(dashed(strings.Fields(m[0]))))
		}},
	{lazy.Regexp(`^if any flags in the group \[(.*)\] are set they must .* missing \[(.*)\]`),
		func(_ *cobra.Command, m []string) error {
			return fmt.Errorf("%s go together: %s missing", enumerate(dashed(strings.Fields(m[0]))),
				isOrAre(dashed(strings.Fields(m[1]))))
		}},
	{lazy.Regexp(`^at least one of the flags in the group \[(.*)\] is required`),
		func(_ *cobra.Command, m []string) error {
			return fmt.Errorf("give one of %s", enumerate(dashed(strings.Fields(m[0]))))
		}},
}

// wrongCount is about the number of arguments, of which the usage has the names.
func wrongCount(cmd *cobra.Command, m []string) error {
	most, _ := strconv.Atoi(m[0])
	args, names := cmd.Flags().Args(), argumentNames(cmd)
	switch {
	case len(args) > most:
		return fmt.Errorf("%q is too much: at most %d can be given; put one with blanks in quotes",
			args[most], most)
	case len(args) < len(names):
		return fmt.Errorf("%s missing", isOrAre(names[len(args):]))
	}
	return errors.New("an argument is missing")
}

// argumentNames returns the arguments that a command must have, as its usage names them.
func argumentNames(cmd *cobra.Command) []string {
	var names []string
	for _, word := range strings.Fields(cmd.Use)[1:] {
		if word == "|" {
			break
		}
		if word[0] != '[' && word[0] != '-' {
			names = append(names, strings.TrimSuffix(word, "..."))
		}
	}
	return names
}

func unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	if short := e.GetSpecifiedShortnames(); short != "" {
		return fmt.Errorf("there is no flag -%s", e.GetSpecifiedName())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	flag := "--" + e.GetSpecifiedName()
	return errors.New(withNear("there is no flag "+flag, flag, slices.Values(names)))
}

// withNear returns what is said of a name that there is not, with the names that are near.
func withNear(text, name string, names iter.Seq[string]) string {
	if near := diag.Similar(name, names); near != "" {
		return text + "; " + near
	}
	return text
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("%q is too much: %s takes no argument", name, cmd.CommandPath())
	}
	text := fmt.Sprintf("%s has no command %q: write one of %s", cmd.CommandPath(), name,
		strings.Join(names, ", "))
	return errors.New(withNear(text, name, slices.Values(names)))
}

// invalidValue returns why a flag does not take a value.
func invalidValue(e *pflag.InvalidValueError) error {
	cause := errors.Unwrap(e)
	var number *strconv.NumError
	switch kind := e.GetFlag().Value.Type(); {
	case kind == "duration":
		return fmt.Errorf("%q is no duration: write 10s or 5m", e.GetValue())
	case !errors.As(cause, &number):
		return cause
	case kind == "bool":
		return fmt.Errorf("%q is neither true nor false", e.GetValue())
	case errors.Is(cause, strconv.ErrRange):
		return fmt.Errorf("%q is too large a number", e.GetValue())
	}
	return fmt.Errorf("%q is no number", e.GetValue())
}

// dashed returns the names of flags as they are written.
func dashed(names []string) []string {
	out := slices.Clone(names)
	for i, n := range out {
		out[i] = "--" + n
	}
	return out
}

// enumerate joins words: A, B and C.
func enumerate(words []string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " and " + words[n]
	}
	return words[0]
}

func isOrAre(words []string) string {
	if len(words) == 1 {
		return words[0] + " is"
	}
	return enumerate(words) + " are"
}
