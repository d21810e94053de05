package main

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// rawWords are what cobra and pflag say, of which nothing may be left.
var rawWords = []string{"arg(s)", "flag needs", "unknown flag", "shorthand", "flag(s)", "the group",
	"unknown command", "invalid argument", "strconv", "bad flag", "invalid duration"}

// TestNearNames: whatever kind of name is misspelt, the one that may be meant is offered.
func TestNearNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ line, near string }{
		{"dney mount", "deny"}, {"alow mount", "allow"}, {"default kil", "kill"},
		{"mismatch dneny", "deny"}, {"unknown alow", "allow"}, {"includ \"a\"", "include"},
		{"deny(EPREM) mount", "EPERM"}, {"deny(eperm) mount", "EPERM"}, {"deny(PERM) mount", "EPERM"},
		{"arch x86_46", "x86_64"}, {"when arch == arch64 { deny mount }", "aarch64"},
		{"deny mout", "mount"}, {"deny mount - umoutn2", "umount2"}, {"hot raed", "read"},
		{"set @a = raed", "read"}, {"deny @mout", "@mount"}, {"set @a = @prviileged", "@privileged"},
		{"set @mine = mount\ndeny @mien", "@mine"},
		{"deny kill if sig == SIGKIL", "SIGKILL"}, {"deny kill if sig == KILL", "SIGKILL"},
		{"deny kill if sgi == 9", "sig"}, {"deny kill iff sig == 9", "if"},
		{"deny kill if sig nto in {9}", "not"}, {"deny openat if flags anny 3", "any"},
		{"deny prctl if option == PR_CAPBSET_DROP && arg1 == CAP_SYS_ADMN", "CAP_SYS_ADMIN"},
		{"deny prctl if option == PR_CAPBSET_DROP && arg1 == SYS_ADMIN", "CAP_SYS_ADMIN"},
		{"deny socket if family == INET", "AF_INET"}, {"deny openat if flags & O_CRAET", "O_CREAT"},
		{"param strict = true\nwhen stirct { deny mount }", "strict"},
		{"param mode = {one, two}\nwhen mode == tow { deny mount }", "two"},
		{"late broker: u32\ndeny close if fd == borker", "broker"},
		{"# lint: allow bypas here\ndeny mount", "bypass"},
		{"test \"t\" { raed => allow }", "read"}, {"test \"t\" { read => alow }", "allow"},
		{"test \"t\" { x86_46: read => allow }", "x86_64"},
		{"test \"t\" { kill(_, SIGKIL) => allow }", "SIGKILL"},
	} {
		head := "default allow\n"
		if strings.HasPrefix(c.line, "default") {
			head = ""
		}
		if !strings.HasPrefix(c.line, "arch") {
			head = "arch x86_64\n" + head
		}
		if err := os.WriteFile("p.scp", []byte(head+c.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, text := command(t, "check", "p.scp")
		if !regexp.MustCompile(`help: .*` + regexp.QuoteMeta(c.near) + `\b`).MatchString(text) {
			t.Errorf("%s: %s", c.line, text)
		}
	}
	const policy = "arch x86_64\ndefault allow\nparam strict = true\n"
	if err := os.WriteFile("p.scp", []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, near := range map[string]string{
		"chekc p.scp": "check", "help chekc": "check", "import ocii p.scp": "oci",
		"export sytemd p.scp": "systemd", "completion bahs": "bash", "init ngnix": "nginx",
		"check --jsno p.scp": "--json", "p.scp --frmat hex": "--format",
		"p.scp --format hxe": "hex", "check --color nevr p.scp": "never",
		"check --arch x86_46 p.scp": "x86_64", "check -D stirct=false p.scp": "strict",
		"check -W bypas=off p.scp": "bypass", "explain unknown-sycall": "unknown-syscall",
		"explain p.scp raed": "read", "sim p.scp raed": "read", "graph p.scp raed": "read",
		"syscalls raed": "read", "sets @mout": "@mount", "constants SIGKIL": "SIGKILL",
	} {
		code, _, text := command(t, strings.Fields(line)...)
		if !strings.HasSuffix(firstNear(text), " "+near) || code == statusOK {
			t.Errorf("%s: status %d, %s", line, code, text)
		}
	}
}

// firstNear returns the first line of a text that offers names.
func firstNear(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "similar name") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

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
