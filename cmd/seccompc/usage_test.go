package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// rawWords are what cobra and pflag say, of which nothing may be left.
var rawWords = []string{"arg(s)", "flag needs", "unknown flag", "shorthand", "flag(s)", "the group",
	"unknown command", "invalid argument", "strconv", "bad flag", "invalid duration"}

// TestUsageInOurWords makes each error that cobra and pflag can.
func TestUsageInOurWords(t *testing.T) {
	tests := []struct{ args, want string }{
		{"--numbr 1 --up a", "there is no flag --numbr; there is a similar name: --number"},
		{"--xyz", "there is no flag --xyz"},
		{"-abc", "there is no flag -a"},
		{"--up", "--up needs a value: --up NAME"},
		{"-n", "--number needs a value: --number int"},
		{"--number x", `--number: "x" is no number`},
		{"--number 99999999999999999999", `--number: "99999999999999999999" is too large a number`},
		{"--yes=x", `--yes: "x" is neither true nor false`},
		{"--wait x", `--wait: "x" is no duration: write 10s or 5m`},
		{"--=x", `"--=x" is no flag: a flag is --NAME or --NAME=VALUE`},
		{"--must 1 --up a --down b A B", "give only one of --down and --up"},
		{"--must 1 --left a A B", "--left and --right go together: --right is missing"},
		{"--must 1 A B", "give one of --up and --down"},
		{"--up a A B", "--must is missing"},
		{"--must 1 --up a", "A and B are missing"},
		{"--must 1 --up a A", "B is missing"},
		{"--must 1 --up a A B C D", `"D" is too much: at most 3 can be given; ` +
			"put one with blanks in quotes"},
	}
	for _, test := range tests {
		cmd := &cobra.Command{Use: "made [flags] A B [C]", Args: usageArgs(cobra.RangeArgs(2, 3)),
			SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
				return nil
			}}
		cmd.SetFlagErrorFunc(usageError)
		flags := cmd.Flags()
		flags.String("up", "", "the `NAME`")
		flags.IntP("number", "n", 0, "a number")
		flags.Bool("yes", false, "")
		flags.Duration("wait", time.Second, "")
		for _, name := range []string{"down", "left", "right", "must"} {
			flags.String(name, "", "")
		}
		cmd.MarkFlagsMutuallyExclusive("up", "down")
		cmd.MarkFlagsOneRequired("up", "down")
		cmd.MarkFlagsRequiredTogether("left", "right")
		if err := cmd.MarkFlagRequired("must"); err != nil {
			t.Fatal(err)
		}
		cmd.SetArgs(strings.Fields(test.args))
		at, err := cmd.ExecuteC()
		err = usageOf(at, err)
		var status *statusError
		if !errors.As(err, &status) || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.args, err, test.want)
		}
	}
	counts := map[string]cobra.PositionalArgs{"exact": cobra.ExactArgs(2),
		"least": cobra.MinimumNArgs(2),
		"none":  cobra.NoArgs, "most": cobra.MaximumNArgs(0), "range": cobra.RangeArgs(2, 3)}
	for name, check := range counts {
		cmd := &cobra.Command{Use: "made A B"}
		err := usageError(cmd, check(cmd, []string{"a"}))
		for _, raw := range rawWords {
			if strings.Contains(err.Error(), raw) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
