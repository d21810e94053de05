package lxc

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/policy"
)

func imported(text, host string) (string, string, error) {
	p, err := Import([]byte(text), Options{Source: "a/common.seccomp", Host: abi(host)})
	if err != nil {
		return "", "", err
	}
	var warned strings.Builder
	for _, w := range p.Warnings {
		warned.WriteString(w.String() + "\n")
	}
	return string(p.Text), warned.String(), nil
}

// TestMeaning: what lines mean, by calls of the policy that is written.
func TestMeaning(t *testing.T) {
	const eacces = policy.Errno | 13
	i386, x86 := abi("i386").Arch, abi("x86_64").Arch
	for _, c := range []struct {
		text string
		call policy.Data
		want policy.Action
	}{
		{"2\ndenylist\nmkdir", policy.Data{Arch: x86, Nr: 83}, policy.KillThread},
		{"2\ndenylist\nmkdir", policy.Data{Arch: i386, Nr: 39}, policy.KillThread},
		{"2\ndenylist\nmkdir", policy.Data{Arch: x86, Nr: 84}, policy.Allow},
		{"2\ndenylist\nmkdir", policy.Data{Arch: 7}, policy.KillThread},
		{"2\nblacklist errno 7\nmkdir allow", policy.Data{Arch: x86, Nr: 84}, policy.Errno | 7},
		{"2\nallowlist\nread", policy.Data{Arch: x86, Nr: 0}, policy.Allow},
		{"2\nwhitelist trap\nread", policy.Data{Arch: x86, Nr: 1}, policy.Trap},
		{"2\nallowlist\n[x86]\nread", policy.Data{Arch: x86, Nr: 0}, policy.Allow},
		{"2\nallowlist\n[arm]\nread\n[ALL]\nwrite", policy.Data{Arch: x86, Nr: 0},
			policy.KillThread},
		{"2\n\n  denylist\nmkdir errno 13 # not here", policy.Data{Arch: x86, Nr: 83}, eacces},
		{"2\ndenylist\nreject_force_umount", policy.Data{Arch: x86, Nr: 166,
			Args: [6]uint64{0, 3}}, eacces},
		{"2\ndenylist\nreject_force_umount", policy.Data{Arch: x86, Nr: 166,
			Args: [6]uint64{0, 2}}, policy.Allow},
		{"2\ndenylist\nkill errno 13 [1,011,==]", policy.Data{Arch: x86, Nr: 62,
			Args: [6]uint64{1, 9}}, eacces},
		{"2\ndenylist\nclone errno 13 [0,0x10000000,SCMP_CMP_MASKED_EQ,0x10000000]",
			policy.Data{Arch: x86, Nr: 56, Args: [6]uint64{0x10000011}}, eacces},
		{"2\ndenylist\nsocket errno 13", policy.Data{Arch: x86, Nr: 41}, eacces},
		{"2\ndenylist\nsocket errno 13", policy.Data{Arch: i386, Nr: 359}, policy.Allow},
		{"2\ndenylist\nsocket errno 13", policy.Data{Arch: i386, Nr: 102,
			Args: [6]uint64{1}}, policy.Allow},
	} {
		text, _, err := imported(c.text, "x86_64")
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		res, diags := compiler.Compile("p", []byte(text), compiler.Options{})
		if res == nil {
			t.Fatalf("%q: %v", c.text, diags.Err())
		}
		if got := res.Policy.Eval(c.call); got != c.want {
			t.Errorf("%q: %+v gets %v, want %v\n%s", c.text, c.call, got, c.want, text)
		}
	}
}

// TestText: what the policy and the warnings say.
func TestText(t *testing.T) {
	for _, c := range []struct{ text, host, want, warned string }{
		{"2\ndenylist\n# why not\nmkdir errno 1 # so\nrmdir errno 1\n", "x86_64",
			"# From common.seccomp, as lxc makes it on x86_64", ""},
		{"2\ndenylist\n# why not\nmkdir errno 1 # so\nrmdir errno 1\n", "x86_64",
			"# why not so\ndeny(EPERM) mkdir\n", ""},
		{"2\ndenylist\n[x86]\nmkdir\n", "x86_64", "arch x86_64, i386, x32\n",
			"line 3: LXC makes the rules below [x86] for all ABIs of the machine, and so for " +
				"x86_64"},
		{"2\ndenylist\nmkdir\n", "aarch64", "arch aarch64, arm\n", ""},
		{"2\ndenylist\nrecv errno 1\n", "x86_64", "", "line 3: recv is behind socketcall on i386"},
		{"2\ndenylist\nread\n[all]\nmkdirat\n", "riscv64", "kill_thread mkdirat\n",
			"line 3: LXC does not know the machine"},
		{"2\ndenylist\nfoo bar\n", "x86_64", "", "-"},
		{"2\ndenylist\nfoo\n", "x86_64", "", "no system call has this name"},
		{"2\ndenylist\nclone errno 1 [0,3,&=,1]\n", "x86_64", "", "the value has bits outside"},
		{"2\ndenylist\nclone errno 1 [0,0,&=,1]\n", "x86_64", "", "give it as the value, too"},
		{"2\ndenylist\nkill errno 1 [0,1,>=,1]\n", "x86_64", "", "the mask has no effect with >="},
	} {
		text, warned, err := imported(c.text, c.host)
		if c.warned == "-" {
			if err == nil {
				t.Errorf("%q: there is no error", c.text)
			}
			continue
		}
		if err != nil || !strings.Contains(text, c.want) || !strings.Contains(warned, c.warned) {
			t.Errorf("%q: %v, want %q and %q in\n%s\n%s", c.text, err, c.want, c.warned, text,
				warned)
		}
	}
}

// TestErrors: what LXC 5.0.2 refuses, and what it reads as nobody means it.
func TestErrors(t *testing.T) {
	rule := func(line string) string { return "2\ndenylist\n" + line + "\n" }
	for _, c := range []struct{ text, want string }{
		{"", "line 1: expected the version, 2, found"},
		{"1\nallowlist\n5\n", "version 1 lists numbers"},
		{"3\nallowlist\n", "expected the version, 2"},
		{"2\n", "line 2: expected allowlist or denylist"},
		{"2\nsafelist\n", "line 2: expected allowlist or denylist"},
		{"2\nallowlist debug\n", "line 2: expected an action"},
		{"2\nallowlist notify\n", "wait for ever"},
		{"2\nallowlist \n", "line 2: expected an action"},
		{"2\ndenylist # all\n", "line 2: expected an action"},
		{"2\r\ndenylist\r\n", "carriage returns"},
		{rule("mkdir killer"), "line 3: expected an action"},
		{rule("mkdir errno 0x16"), "expected an action"},
		{rule("mkdir errno -1"), "errno \"-1\" is not in 0..4095"},
		{rule("mkdir errno 4096"), "is not in 0..4095"},
		{rule("mkdir errno"), "expected an action"},
		{rule("mkdir errno 1 why"), "expected a condition"},
		{rule("mkdir errno 1 # [all]"), "takes no comment behind conditions"},
		{rule("mkdir errno 1 [0,1,==] # why"), "takes no comment behind conditions"},
		{rule(" mkdir"), "begins with a blank"},
		{rule("mkdir\terrno 1"), "there is a tab"},
		{rule("mkdir [0,1,==]"), "expected an action"},
		{rule("mkdir allow"), "line 3: mkdir gets allow, which is the default"},
		{rule("[foo]"), "no section \"[foo]\""}, {rule("[all] "), "no section"},
		{rule("[aLL]"), "no section"}, {rule("[x86"), "no section"},
		{rule("kill errno 1 [6,1,==]"), "there is no argument 6"},
		{rule("kill errno 1 [0,SIGKILL,==]"), "no names of constants"},
		{rule("kill errno 1 [0,-1,==]"), "is no number that LXC reads"},
		{rule("kill errno 1 [0,1, ==]"), "is no operator"},
		{rule("kill errno 1 [0,0x10000000000000000,==]"), "more than 64 bits"},
		{rule("kill errno 1 [0,1,&=]"), "the mask is missing or 0"},
		{rule("kill errno 1 [0,1]"), "expected an index"},
		{rule("kill errno 1 [0,1,==][0,2,==]"), "line 3: libseccomp takes one condition"},
		{rule("kill errno 1 [0,1,==]\nkill errno 2 [0,1,==]"), "line 4: kill: the same conditions"},
		{rule("kill errno 1 " + strings.Repeat("[0,1,==]", 7)), "more than 6 conditions"},
		{"2\ndenylist\n" + strings.Repeat("#", maxSize), "more than 1048576 bytes"},
	} {
		_, _, err := imported(c.text, "x86_64")
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.HasPrefix(c.want, "line") && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.70q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("2\nallowlist errno 38\nread\n[x86]\nclone allow [0,0,&=,0x10000000] # c\n"))
	f.Add([]byte("2\ndenylist\nreject_force_umount  # why\n[all]\nkexec_load errno 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		Import(text, Options{Host: abi("x86_64")})
	})
}
